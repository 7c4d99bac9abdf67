using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// JpegSegments: what the segments before a scan have set, and the walk from scan to scan (T.81 B.2, figure B.2).
// Order and repetition as libjpeg accepts them: tables may be redefined between scans, unknown APPn and COM are
// skipped, so are bytes between segments that belong to none. One SOI, one SOF.
sealed class JpegSegments
{
    readonly QuantTable?[] quantization = new QuantTable?[4];
    readonly HuffmanDecodeTable?[] dc = new HuffmanDecodeTable?[4];
    readonly HuffmanDecodeTable?[] ac = new HuffmanDecodeTable?[4];

    public JpegFrame? Frame { get; private set; }

    public int RestartInterval { get; private set; }

    public bool HasJfif { get; private set; }

    /// <summary>The transform byte of the Adobe APP14 segment; null where there is none.</summary>
    public int? AdobeTransform { get; private set; }

    public HuffmanDecodeTable? Dc(int index) => dc[index];

    public HuffmanDecodeTable? Ac(int index) => ac[index];

    /// <summary>What the components stand for: libjpeg's rule (jdapimin, default_decompress_parms).</summary>
    public JpegColorModel ColorModel
    {
        get
        {
            FrameComponent[] components = Frame!.Components;
            return components.Length switch
            {
                1 => JpegColorModel.Gray,
                4 => AdobeTransform is null or 0 ? JpegColorModel.Cmyk : JpegColorModel.Ycck,
                _ when HasJfif => JpegColorModel.YCbCr,
                _ when AdobeTransform is { } transform => transform == 0 ? JpegColorModel.Rgb : JpegColorModel.YCbCr,
                _ => (components[0].Id, components[1].Id, components[2].Id) == ('R', 'G', 'B')
                    ? JpegColorModel.Rgb : JpegColorModel.YCbCr,
            };
        }
    }

    /// <summary>Reads on to the next scan and stands behind its SOS; null at EOI and at the end of the file.</summary>
    /// <param name="stream">Behind SOI, or anywhere in or behind the last scan.</param>
    /// <param name="options">Limits, checked when the frame is met; null where nothing will be decoded.</param>
    public JpegScan? NextScan(ref JpegStream stream, ImageReadOptions? options)
    {
        while (stream.TryNextMarker(out byte marker, out int offset))
        {
            switch (marker)
            {
                case JpegMarker.Eoi:
                    return null;
                case JpegMarker.Soi:
                    throw stream.Corrupt(offset, "a second SOI marker");
                case >= JpegMarker.Rst0 and <= JpegMarker.Rst7 or JpegMarker.Tem:
                    break; // no parameters
                case JpegMarker.Dht:
                    ReadHuffman(ref stream);
                    break;
                case JpegMarker.Dqt:
                    ReadQuantization(ref stream);
                    break;
                case JpegMarker.Dri:
                    JpegSegment dri = stream.ReadSegment("DRI");
                    RestartInterval = dri.Word();
                    dri.ExpectEnd();
                    break;
                case JpegMarker.Dnl:
                    throw stream.Unsupported(offset, "a DNL segment is not read");
                case JpegMarker.Dac:
                    throw stream.Unsupported(offset, "arithmetic coding (DAC) is not read");
                case JpegMarker.Dhp or JpegMarker.Exp:
                    throw stream.Unsupported(offset, "hierarchical JPEG is not read");
                case >= JpegMarker.Sof0 and <= JpegMarker.Sof15:
                    if (Frame is not null)
                        throw stream.Corrupt(offset, "a second SOF marker");
                    Frame = JpegFrame.Read(marker, offset, ref stream);
                    if (options is not null)
                        CheckSize(Frame, offset, stream, options);
                    break;
                case JpegMarker.Sos:
                    if (Frame is null)
                        throw stream.Corrupt(offset, "a scan before the frame");
                    JpegScan scan = JpegScan.Read(ref stream, Frame);
                    TakeQuantization(scan, stream, offset);
                    return scan;
                case JpegMarker.App0:
                    ReadOnlySpan<byte> app0 = stream.ReadSegment("APP0").Rest;
                    HasJfif |= app0.Length >= 14 && app0.StartsWith("JFIF\0"u8);
                    break;
                case JpegMarker.App14:
                    ReadOnlySpan<byte> app14 = stream.ReadSegment("APP14").Rest;
                    if (app14.Length >= 12 && app14.StartsWith("Adobe"u8))
                        AdobeTransform = app14[11];
                    break;
                case > JpegMarker.App0 and <= JpegMarker.App15 or JpegMarker.Com:
                    stream.ReadSegment($"FF{marker:X2}");
                    break;
                default:
                    // RES, JPG and JPGn announce extensions of the format: what follows may not mean what it seems.
                    throw stream.Unsupported(offset, $"a file with the reserved marker FF{marker:X2} is not read");
            }
        }
        return null;
    }

    static void CheckSize(JpegFrame frame, int offset, in JpegStream stream, ImageReadOptions options)
    {
        long pixels = (long)frame.Width * frame.Height;
        long bytes = pixels * (frame.Components.Length == 1 ? 1 : 3);
        if (pixels > options.MaxPixels)
            throw stream.Fail(ImageErrorCode.TooLarge, offset,
                $"{frame.Width}x{frame.Height} pixels, more than the limit of {options.MaxPixels}");
        if (bytes > Array.MaxLength)
            throw stream.Fail(ImageErrorCode.TooLarge, offset,
                $"{frame.Width}x{frame.Height} pixels do not fit one buffer");
    }

    // libjpeg keeps for each component the table in force at its first scan (jdinput, latch_quant_tables).
    void TakeQuantization(JpegScan scan, in JpegStream stream, int offset)
    {
        foreach (int index in scan.Components)
        {
            FrameComponent component = Frame!.Components[index];
            component.Table ??= quantization[component.TableIndex]
                ?? throw stream.Corrupt(offset, $"quantization table {component.TableIndex} is not defined");
        }
    }

    void ReadQuantization(ref JpegStream stream)
    {
        JpegSegment segment = stream.ReadSegment("DQT");
        Span<ushort> zigZag = stackalloc ushort[64];
        while (segment.Remaining > 0)
        {
            int head = segment.Byte();
            if (head >> 4 > 1 || (head & 15) > 3)
                throw segment.Corrupt($"a quantization table of precision {head >> 4}, number {head & 15}");
            for (int k = 0; k < 64; k++)
            {
                int step = head >> 4 == 0 ? segment.Byte() : segment.Word();
                if (step == 0)
                    throw segment.Corrupt("a quantization step of 0");
                zigZag[k] = (ushort)step;
            }
            quantization[head & 15] = QuantTable.FromZigZag(zigZag);
        }
    }

    void ReadHuffman(ref JpegStream stream)
    {
        JpegSegment segment = stream.ReadSegment("DHT");
        while (segment.Remaining > 0)
        {
            int head = segment.Byte();
            bool isAc = head >> 4 == 1;
            if (head >> 4 > 1 || (head & 15) > 3)
                throw segment.Corrupt($"a Huffman table of class {head >> 4}, number {head & 15}");
            byte[] counts = segment.Take(16).ToArray();
            int total = 0;
            foreach (byte count in counts)
                total += count;
            if (total > 256)
                throw segment.Corrupt($"a Huffman table of {total} codes");
            byte[] symbols = segment.Take(total).ToArray();
            // A DC symbol is a bit count; libjpeg takes up to 15.
            if (!isAc && symbols.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)15) >= 0)
                throw segment.Corrupt("a DC Huffman table with a symbol above 15");
            (isAc ? ac : dc)[head & 15] = HuffmanDecodeTable.Build(new HuffmanSpec(counts, symbols))
                ?? throw segment.Corrupt("a Huffman table whose code lengths make no prefix code");
        }
    }
}
