using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

/// <summary>What a JPEG file says about itself, without decoding its pixels.</summary>
public sealed record JpegHeader
{
    /// <summary>Pixels a row, 1..65535.</summary>
    public required int Width { get; init; }

    /// <summary>Rows, 1..65535.</summary>
    public required int Height { get; init; }

    /// <summary>Whether the picture comes in progressive scans (SOF2).</summary>
    public required bool Progressive { get; init; }

    /// <summary>What the components stand for, by libjpeg's rule (JFIF and Adobe segments, then identifiers).</summary>
    public required JpegColorModel ColorModel { get; init; }

    /// <summary>One, three or four components, in the order of the frame.</summary>
    public required IReadOnlyList<JpegComponent> Components { get; init; }

    /// <summary>Minimum coded units between restart markers at the first scan, 0 for none.</summary>
    public required int RestartInterval { get; init; }

    /// <summary>Sampling of the chroma planes; null where it is none of those this library writes, or not YCbCr.</summary>
    public ChromaSubsampling? Subsampling
    {
        get
        {
            if (ColorModel == JpegColorModel.Gray)
                return ChromaSubsampling.Gray;
            var (luma, cb, cr) = (Components[0], Components[1], Components.ElementAtOrDefault(2));
            if (ColorModel != JpegColorModel.YCbCr || Factors(cb) != Factors(cr!))
                return null;
            var (h, v) = Factors(luma);
            var (ch, cv) = Factors(cb);
            return (h % ch, v % cv, h / ch, v / cv) switch
            {
                (0, 0, 1, 1) => ChromaSubsampling.Samp444,
                (0, 0, 2, 1) => ChromaSubsampling.Samp422,
                (0, 0, 2, 2) => ChromaSubsampling.Samp420,
                (0, 0, 1, 2) => ChromaSubsampling.Samp440,
                _ => null,
            };

            static (int, int) Factors(JpegComponent c) => (c.HorizontalSampling, c.VerticalSampling);
        }
    }

    /// <summary>
    /// Tables and sampling, to compress other pictures the same way; null where <see cref="Subsampling"/> is null or
    /// the two chroma components have different tables. The chrominance table of a gray file is its luminance table.
    /// </summary>
    public JpegCompression? Compression => Subsampling switch
    {
        null => null,
        ChromaSubsampling.Gray => new JpegCompression(Components[0].Table, Components[0].Table, ChromaSubsampling.Gray),
        { } sampling when Components[1].Table.Equals(Components[2].Table) =>
            new JpegCompression(Components[0].Table, Components[1].Table, sampling),
        _ => null,
    };

    /// <summary>The standard luminance table nearest to the first component's: the encoder's quality factor, if it
    /// used libjpeg's tables (<see cref="StandardQualityMatch.IsExact"/>), an estimate otherwise.</summary>
    public StandardQualityMatch LuminanceQuality => Components[0].Table.NearestStandardLuminance();

    /// <summary>The standard chrominance table nearest to the second component's; null for gray and for RGB and inks,
    /// which have no chroma.</summary>
    public StandardQualityMatch? ChrominanceQuality => ColorModel is JpegColorModel.YCbCr or JpegColorModel.Ycck
        ? Components[1].Table.NearestStandardChrominance()
        : null;

    /// <summary>Reads the segments of a file up to the first scan of every component.</summary>
    /// <param name="bytes">The file; what lies behind those scans' starts may be missing.</param>
    /// <param name="name">What to call the file in errors.</param>
    /// <exception cref="ImageFormatException">As <see cref="JpegDecoder.Decode"/>, but no size is too large, and the
    /// entropy-coded data is not looked at.</exception>
    public static JpegHeader Read(ReadOnlySpan<byte> bytes, string name)
    {
        var stream = new JpegStream(bytes, name);
        var segments = new JpegSegments();
        int? restartInterval = null;
        do
        {
            if (segments.NextScan(ref stream, options: null) is null)
                throw stream.Fail(ImageErrorCode.Truncated, stream.Position, restartInterval is null
                    ? "the file ends before the first scan"
                    : "the file ends before the first scan of every component");
            restartInterval ??= segments.RestartInterval;
        }
        while (Array.Exists(segments.Frame!.Components, c => c.Table is null));
        JpegFrame frame = segments.Frame;
        return new JpegHeader
        {
            Width = frame.Width,
            Height = frame.Height,
            Progressive = frame.Progressive,
            ColorModel = segments.ColorModel,
            Components = Array.ConvertAll(
                frame.Components, c => new JpegComponent(c.Id, c.Horizontal, c.Vertical, c.Table!)),
            RestartInterval = restartInterval.Value,
        };
    }
}
