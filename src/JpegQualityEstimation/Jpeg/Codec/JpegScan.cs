namespace JpegQualityEstimation.Jpeg;

/// <summary>What a SOS segment says (T.81 B.2.3): which components, with which tables, which coefficients.</summary>
sealed class JpegScan
{
    // T.81 B.2.3: the minimum coded unit of an interleaved scan has at most ten blocks.
    const int MaxBlocksInMcu = 10;

    JpegScan(int[] components, int[] dcTables, int[] acTables, int first, int last, int high, int low)
    {
        Components = components;
        DcTables = dcTables;
        AcTables = acTables;
        First = first;
        Last = last;
        High = high;
        Low = low;
    }

    /// <summary>Indices into the frame's components.</summary>
    public int[] Components { get; }
    public int[] DcTables { get; }
    public int[] AcTables { get; }

    /// <summary>Band of zig-zag indices; 0..63 in a sequential scan.</summary>
    public int First { get; }
    public int Last { get; }

    /// <summary>Successive approximation: bit positions before and after this scan.</summary>
    public int High { get; }
    public int Low { get; }

    public static JpegScan Read(ref JpegStream stream, JpegFrame frame)
    {
        JpegSegment segment = stream.ReadSegment("SOS");
        int count = segment.Byte();
        if (count < 1 || count > frame.Components.Length)
            throw segment.Corrupt($"the scan has {count} components, the frame {frame.Components.Length}");
        var components = new int[count];
        var dc = new int[count];
        var ac = new int[count];
        int blocks = 0;
        for (int i = 0; i < count; i++)
        {
            int id = segment.Byte();
            int tables = segment.Byte();
            // Files with equal ids exist; taking the first one not yet in the scan reads them as libjpeg does.
            int index = Array.FindIndex(frame.Components, c => c.Id == id);
            while (index >= 0 && components.AsSpan(0, i).Contains(index))
                index = Array.FindIndex(frame.Components, index + 1, c => c.Id == id);
            if (index < 0)
                throw segment.Corrupt($"the scan names component {id}, which the frame does not have");
            components[i] = index;
            dc[i] = tables >> 4;
            ac[i] = tables & 15;
            if (dc[i] > 3 || ac[i] > 3)
                throw segment.Corrupt($"the scan names Huffman tables {dc[i]} and {ac[i]}");
            blocks += frame.Components[index].Horizontal * frame.Components[index].Vertical;
        }
        if (count > 1 && blocks > MaxBlocksInMcu)
            throw segment.Corrupt($"a minimum coded unit of {blocks} blocks, more than {MaxBlocksInMcu}");
        int first = segment.Byte();
        int last = segment.Byte();
        int approximation = segment.Byte();
        segment.ExpectEnd();
        if (!frame.Progressive)
            return new JpegScan(components, dc, ac, 0, 63, 0, 0); // libjpeg ignores odd values here too

        int high = approximation >> 4, low = approximation & 15;
        bool band = first == 0 ? last == 0 : first <= last && last < 64 && count == 1;
        if (!band || low > 13 || (high != 0 && high != low + 1))
            throw segment.Corrupt($"a progressive scan of coefficients {first}..{last}, bits {high} to {low}, {count} components");
        return new JpegScan(components, dc, ac, first, last, high, low);
    }
}
