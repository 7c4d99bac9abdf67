using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// ScanDecoder: the blocks of one scan in the order in which they are coded (T.81 A.2), with restarts.
// One call decodes one row of the frame's minimum coded units, whichever kind of scan it is, so that the same code
// serves a picture decoded band by band and one whose coefficients are all kept.
sealed class ScanDecoder
{
    readonly JpegFrame frame;
    readonly JpegScan scan;
    readonly HuffmanDecodeTable[] dc;
    readonly HuffmanDecodeTable[] ac;
    readonly int[] predictions = new int[4];
    readonly int restartInterval;
    int untilRestart;
    int restartNumber;
    int eobRun;

    public ScanDecoder(JpegSegments segments, JpegScan scan, in JpegStream stream)
    {
        frame = segments.Frame!;
        this.scan = scan;
        restartInterval = segments.RestartInterval;
        untilRestart = restartInterval == 0 ? int.MaxValue : restartInterval;
        int count = scan.Components.Length;
        dc = new HuffmanDecodeTable[count];
        ac = new HuffmanDecodeTable[count];
        for (int i = 0; i < count; i++)
        {
            if (scan.First == 0 && scan.High == 0)
                dc[i] = segments.Dc(scan.DcTables[i])
                    ?? Standard(scan.DcTables[i], HuffmanSpec.LuminanceDc, HuffmanSpec.ChrominanceDc)
                    ?? throw stream.Corrupt(stream.Position, $"Huffman table DC {scan.DcTables[i]} is not defined");
            if (scan.Last > 0)
                ac[i] = segments.Ac(scan.AcTables[i])
                    ?? Standard(scan.AcTables[i], HuffmanSpec.LuminanceAc, HuffmanSpec.ChrominanceAc)
                    ?? throw stream.Corrupt(stream.Position, $"Huffman table AC {scan.AcTables[i]} is not defined");
        }
    }

    // Frames of motion JPEG leave the typical tables out; libjpeg-turbo puts them in, for sequential scans only.
    HuffmanDecodeTable? Standard(int index, HuffmanSpec luminance, HuffmanSpec chrominance) =>
        frame.Progressive || index > 1 ? null : HuffmanDecodeTable.Build(index == 0 ? luminance : chrominance);

    /// <summary>Decodes row <paramref name="mcuRow"/>; rows come in order.</summary>
    public void DecodeRow(ref EntropyReader reader, int mcuRow, CoefficientPlane[] planes)
    {
        if (scan.Components.Length > 1)
        {
            DecodeInterleaved(ref reader, mcuRow, planes);
            return;
        }
        CoefficientPlane plane = planes[scan.Components[0]];
        FrameComponent component = plane.Component;
        int end = Math.Min((mcuRow + 1) * component.Vertical, component.HeightInBlocks);
        for (int row = mcuRow * component.Vertical; row < end; row++)
        {
            if (scan.First > 0)
                DecodeBand(ref reader, row, plane);
            else
                for (int column = 0; column < component.WidthInBlocks; column++)
                {
                    StartUnit(ref reader);
                    DecodeBlock(ref reader, 0, plane.Block(row, column));
                    reader.CheckExhausted();
                }
        }
    }

    void DecodeInterleaved(ref EntropyReader reader, int mcuRow, CoefficientPlane[] planes)
    {
        for (int column = 0; column < frame.McusAcross; column++)
        {
            StartUnit(ref reader);
            for (int i = 0; i < scan.Components.Length; i++)
            {
                CoefficientPlane plane = planes[scan.Components[i]];
                int across = plane.Component.Horizontal, down = plane.Component.Vertical;
                for (int v = 0; v < down; v++)
                    for (int h = 0; h < across; h++)
                        DecodeBlock(ref reader, i, plane.Block(mcuRow * down + v, column * across + h));
            }
            reader.CheckExhausted();
        }
    }

    void DecodeBlock(ref EntropyReader reader, int i, Span<short> block)
    {
        if (!frame.Progressive)
            reader.SequentialBlock(dc[i], ac[i], ref predictions[i], block);
        else if (scan.High == 0)
            reader.DcFirst(dc[i], ref predictions[i], scan.Low, block);
        else
            reader.DcRefine(scan.Low, block);
    }

    // One block row of a progressive AC scan. In a run of blocks without new coefficients those are skipped that
    // have none to correct either: a hostile file can have many scans of nothing but such runs.
    void DecodeBand(ref EntropyReader reader, int row, CoefficientPlane plane)
    {
        HuffmanDecodeTable table = ac[0];
        int width = plane.Component.WidthInBlocks;
        ulong band = (ulong.MaxValue << scan.First) & (ulong.MaxValue >> (63 - scan.Last));
        for (int column = 0; column < width;)
        {
            if (untilRestart == 0)
                Restart(ref reader);
            if (eobRun > 0)
            {
                int skipped = Math.Min(Math.Min(eobRun, width - column), untilRestart);
                if (scan.High != 0)
                    skipped = CountEmpty(plane.NonZero.AsSpan(plane.Index(row, column), skipped), band);
                eobRun -= skipped;
                column += skipped;
                if (restartInterval != 0)
                    untilRestart -= skipped;
                if (skipped > 0)
                    continue;
            }
            int index = plane.Index(row, column++);
            Span<short> block = plane.Values.AsSpan(index * 64, 64);
            if (scan.High == 0)
                reader.AcFirst(table, scan, ref eobRun, ref plane.NonZero[index], block);
            else
                reader.AcRefine(table, scan, ref eobRun, ref plane.NonZero[index], block);
            if (eobRun > 0)
                eobRun--;
            if (restartInterval != 0)
                untilRestart--;
            reader.CheckExhausted();
        }
    }

    static int CountEmpty(ReadOnlySpan<ulong> nonZero, ulong band)
    {
        int i = 0;
        for (; i + 4 <= nonZero.Length; i += 4)
            if (((nonZero[i] | nonZero[i + 1] | nonZero[i + 2] | nonZero[i + 3]) & band) != 0)
                break;
        while (i < nonZero.Length && (nonZero[i] & band) == 0)
            i++;
        return i;
    }

    void StartUnit(ref EntropyReader reader)
    {
        if (restartInterval == 0)
            return;
        if (untilRestart == 0)
            Restart(ref reader);
        untilRestart--;
    }

    void Restart(ref EntropyReader reader)
    {
        reader.Restart(restartNumber);
        restartNumber = (restartNumber + 1) & 7;
        untilRestart = restartInterval;
        Array.Clear(predictions);
        eobRun = 0;
    }
}
