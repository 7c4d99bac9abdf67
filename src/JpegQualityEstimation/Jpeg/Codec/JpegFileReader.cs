using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// JpegFileReader: one file from SOI to its last scan. What Decode and Coefficients share.
ref struct JpegFileReader
{
    // Ten scans are usual, a hundred unheard of; the order that ScanProgress asks for allows 882 a component.
    const int MaxScans = 500;

    JpegStream stream;
    readonly JpegSegments segments = new();
    readonly ImageReadOptions options;
    JpegScan scan;

    /// <summary>Reads up to the first scan, checks sizes; nothing as large as the picture is allocated yet.</summary>
    public JpegFileReader(ReadOnlySpan<byte> bytes, string name, ImageReadOptions? options)
    {
        stream = new JpegStream(bytes, name);
        this.options = options ?? ImageReadOptions.Default;
        scan = segments.NextScan(ref stream, this.options)
            ?? throw stream.Fail(ImageErrorCode.Truncated, stream.Position, "the file ends before the first scan");
        CheckLength();
    }

    public readonly JpegFrame Frame => segments.Frame!;

    public readonly JpegSegments Segments => segments;

    // No Huffman code has 0 bits: a block takes at least one bit for its DC difference and, where the AC
    // coefficients are in the same scan, one more. A file too short for that is refused before its header's
    // size is allocated: a byte of file stands for at most 8 blocks (4 sequential), about 2.5 KB of memory.
    readonly void CheckLength()
    {
        long bits = Frame.Blocks * (Frame.Progressive ? 1 : 2);
        if ((bits + 7) / 8 > stream.Bytes.Length - stream.Position)
            throw stream.Fail(ImageErrorCode.Truncated, stream.Bytes.Length,
                $"{Frame.Width}x{Frame.Height} pixels take at least {(bits + 7) / 8} bytes, {stream.Bytes.Length - stream.Position} are left");
    }

    /// <summary>Refuses ratios between sampling factors that libjpeg's upsampler refuses.</summary>
    public readonly void CheckRatios()
    {
        foreach (FrameComponent c in Frame.Components)
            if (Frame.MaxHorizontal % c.Horizontal != 0 || Frame.MaxVertical % c.Vertical != 0)
                throw stream.Unsupported(-1, $"component {c.Id} sampled {c.Horizontal}x{c.Vertical} beside "
                    + $"{Frame.MaxHorizontal}x{Frame.MaxVertical}: a ratio that is not whole is not read");
    }

    /// <summary>One sequential scan holds everything: the picture can be decoded band by band.</summary>
    public readonly bool IsOnePass => !Frame.Progressive && scan.Components.Length == Frame.Components.Length;

    /// <summary>Decodes a one-pass file; <paramref name="take"/> gets each row of minimum coded units.</summary>
    public readonly void ReadBands(Action<CoefficientPlane[], int> take)
    {
        var planes = Array.ConvertAll(Frame.Components, c => new CoefficientPlane(c, c.Vertical, progressive: false));
        var decoder = new ScanDecoder(segments, scan, stream);
        var reader = new EntropyReader(stream);
        for (int row = 0; row < Frame.McusDown; row++)
        {
            foreach (CoefficientPlane plane in planes)
            {
                plane.FirstRow = row * plane.Component.Vertical;
                Array.Clear(plane.Values);
            }
            decoder.DecodeRow(ref reader, row, planes);
            take(planes, row);
        }
    }

    /// <summary>Decodes all scans of any file and keeps all coefficients.</summary>
    public CoefficientPlane[] ReadAll()
    {
        JpegFrame frame = Frame;
        var planes = Array.ConvertAll(frame.Components, c => new CoefficientPlane(c, c.BlocksDown, frame.Progressive));
        var progress = new ScanProgress(frame);
        int scans = 0;
        for (JpegScan? next = scan; next is not null; next = segments.NextScan(ref stream, options))
        {
            scan = next;
            if (++scans > MaxScans)
                throw stream.Unsupported(stream.Position, $"more than {MaxScans} scans are not read");
            if (!progress.Enter(scan))
                throw stream.Corrupt(stream.Position, "a scan that does not continue the scans before it");
            var decoder = new ScanDecoder(segments, scan, stream);
            var reader = new EntropyReader(stream);
            for (int row = 0; row < frame.McusDown; row++)
                decoder.DecodeRow(ref reader, row, planes);
            stream.Position = reader.Position;
            if (progress.Complete)
                break;
        }
        return progress.Missing() is { } missing
            ? throw stream.Fail(ImageErrorCode.Truncated, stream.Position, missing)
            : planes;
    }
}
