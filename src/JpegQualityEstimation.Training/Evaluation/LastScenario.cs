using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// LastScenario: one history, done to a picture: compressions, between them a crop that shifts the grid, and a last crop
// after which the grid begins anywhere.
sealed record LastScenario(LastHistory History, ChromaSubsampling Sampling, int First, int Last)
{
    const ulong Stream = 0x4C415354;

    public static IEnumerable<LastScenario> All(LastEvaluationOptions options) =>
    [
        new(LastHistory.None, ChromaSubsampling.Samp444, 0, 0), new(LastHistory.None, ChromaSubsampling.Gray, 0, 0),
        .. from sampling in options.Samplings
           from quality in options.Qualities
           select new LastScenario(LastHistory.Single, sampling, 0, quality),
        .. from level in options.PhotoshopLevels
           select new LastScenario(LastHistory.Photoshop, ChromaSubsampling.Samp444, 0, level),
        .. from history in new[] { LastHistory.Shifted, LastHistory.Aligned }
           from pair in options.Pairs
           select new LastScenario(history, ChromaSubsampling.Samp420, pair.First, pair.Last),
    ];

    /// <summary>Table of the last compression, null without one.</summary>
    public QuantTable? Table => History == LastHistory.None ? null : Compression.Luminance;

    JpegCompression Compression => History == LastHistory.Photoshop
        ? new JpegCompression(PhotoshopTables.Luminance(Last), PhotoshopTables.Chrominance(Last), Sampling)
        : JpegCompression.FromQuality(Last, Sampling);

    /// <summary>The picture after the history, and where its last grid begins.</summary>
    public (ImageBuffer Picture, GridOrigin Origin) Apply(ImageBuffer picture, ulong seed, int index)
    {
        var random = new CounterRandom(seed, Stream, (ulong)index << 32 | (uint)HistoryNumber);
        int shift = 1 + random.NextInt(63), cut = random.NextInt(64);
        ImageBuffer result = Sampling == ChromaSubsampling.Gray ? Grayscale(picture) : picture;
        if (History is LastHistory.Shifted or LastHistory.Aligned)
        {
            result = JpegRoundTrip.Apply(result.View, JpegCompression.FromQuality(First, Sampling));
            if (History == LastHistory.Shifted)
                result = Cropped(result, shift);
        }
        if (History != LastHistory.None)
            result = JpegRoundTrip.Apply(result.View, Compression);
        return (Cropped(result, cut), GridOrigin.At((8 - cut / 8 & 7) * 8 + (8 - cut % 8 & 7)));
    }

    int HistoryNumber => (((int)History * 8 + (int)Sampling) * 128 + First) * 128 + Last;

    static ImageBuffer Cropped(ImageBuffer picture, int shift)
    {
        int rows = shift / 8, columns = shift % 8;
        var result = new ImageBuffer(picture.Width - columns, picture.Height - rows, picture.Format);
        PixelView view = picture.View.Crop(columns, rows, result.Width, result.Height);
        for (int y = 0; y < result.Height; y++)
            view.Row(y).CopyTo(result.Target.Row(y));
        return result;
    }

    static ImageBuffer Grayscale(ImageBuffer picture)
    {
        var gray = new ImageBuffer(picture.Width, picture.Height, PixelFormat.Gray8);
        for (int i = 0; i < gray.Pixels.Length; i++)
        {
            ReadOnlySpan<byte> rgb = picture.Pixels.AsSpan(3 * i, 3);
            gray.Pixels[i] = (byte)((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
        }
        return gray;
    }
}
