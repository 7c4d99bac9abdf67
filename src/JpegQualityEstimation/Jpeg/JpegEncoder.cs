using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

/// <summary>Writes JPEG files; with equal tables and sampling they equal those of libjpeg-turbo's cjpeg, byte by byte.</summary>
/// <remarks>
/// Baseline (ITU-T T.81), or extended sequential where a quantization step exceeds 255; 8-bit samples, one interleaved
/// scan, forward DCT "islow". Safe to call from several threads at once. Memory: one row of minimum coded units.
/// Rows of the stream are written in pieces; nothing is sought.
/// </remarks>
public static class JpegEncoder
{
    // What libjpeg-based readers take; the format itself would allow 65535.
    const int LargestSide = 65500;

    /// <summary>Compresses a picture into a whole JPEG file.</summary>
    /// <param name="stream">Where the file goes.</param>
    /// <param name="picture">The picture; a gray one has no chroma, whatever the sampling.</param>
    /// <param name="compression">Tables and sampling.</param>
    /// <param name="options">How the file is written; null for the defaults.</param>
    /// <exception cref="ArgumentException">A side of the picture is over 65500 pixels, or an option outside its range.</exception>
    public static void Encode(Stream stream, PixelView picture, JpegCompression compression, JpegEncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(compression);
        options ??= JpegEncodeOptions.Default;
        Check(picture, options);

        JpegFrame frame = Frame(picture, compression);
        HuffmanEncodeTable[] tables = options.OptimizeHuffman
            ? Optimal(frame, picture, options.RestartInterval)
            : Typical;
        var file = new JpegFileWriter(stream);
        file.Head(frame, options.Density);
        file.Scan(frame, tables, options.RestartInterval);
        EntropyWriter writer = Scan(frame, picture, options.RestartInterval, new EntropyWriter(stream, tables));
        writer.Finish();
        file.End();
    }

    static HuffmanEncodeTable[] Typical { get; } =
    [
        new(HuffmanSpec.LuminanceDc), new(HuffmanSpec.ChrominanceDc), new(HuffmanSpec.LuminanceAc), new(HuffmanSpec.ChrominanceAc),
    ];

    static void Check(PixelView picture, JpegEncodeOptions options)
    {
        if (picture.Width > LargestSide || picture.Height > LargestSide)
            throw new ArgumentException(
                $"a JPEG file holds at most {LargestSide} pixels a side, the picture is {picture.Width}x{picture.Height}", nameof(picture));
        if (options.RestartInterval is < 0 or > ushort.MaxValue)
            throw new ArgumentException($"restart interval {options.RestartInterval}, not 0..65535", nameof(options));
        if (options.Density.X is < 1 or > ushort.MaxValue || options.Density.Y is < 1 or > ushort.MaxValue
            || options.Density.Unit is < JpegDensityUnit.AspectRatio or > JpegDensityUnit.PerCentimetre)
            throw new ArgumentException($"density {options.Density} does not fit a JFIF segment", nameof(options));
    }

    static JpegFrame Frame(PixelView picture, JpegCompression compression)
    {
        bool gray = picture.Format == PixelFormat.Gray8 || compression.Subsampling == ChromaSubsampling.Gray;
        var (horizontal, vertical) = gray ? (1, 1) : compression.Subsampling.LumaFactors();
        var luma = new FrameComponent(1, horizontal, vertical, 0) { Table = compression.Luminance };
        FrameComponent[] components = gray
            ? [luma]
            : [luma, new(2, 1, 1, 1) { Table = compression.Chrominance }, new(3, 1, 1, 1) { Table = compression.Chrominance }];
        bool wide = Array.Exists(components, c => c.Table!.NaturalOrder.ContainsAnyExceptInRange((ushort)1, (ushort)255));
        return new JpegFrame(wide ? JpegMarker.Sof1 : JpegMarker.Sof0, picture.Width, picture.Height, components);
    }

    static HuffmanEncodeTable[] Optimal(JpegFrame frame, PixelView picture, int restartInterval)
    {
        SymbolCounter counter = Scan(frame, picture, restartInterval, new SymbolCounter());
        var tables = (HuffmanEncodeTable[])Typical.Clone();
        for (int i = 0; i < 4; i += frame.Components.Length == 1 ? 2 : 1)
            tables[i] = new HuffmanEncodeTable(OptimalHuffman.Build(counter.Of(i)));
        return tables;
    }

    static TSink Scan<TSink>(JpegFrame frame, PixelView picture, int restartInterval, TSink sink)
        where TSink : struct, ISymbolSink
    {
        var input = new BandInput(frame);
        var planes = Array.ConvertAll(frame.Components, c => new CoefficientPlane(c, c.Vertical, progressive: false));
        var encoder = new ScanEncoder<TSink>(frame, restartInterval, sink);
        for (int row = 0; row < frame.McusDown; row++)
        {
            foreach (CoefficientPlane plane in planes)
                plane.FirstRow = row * plane.Component.Vertical;
            input.Read(picture, row, planes);
            encoder.EncodeRow(row, planes);
        }
        return encoder.Sink;
    }
}
