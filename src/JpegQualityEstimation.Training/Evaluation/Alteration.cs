using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// Alteration: what may happen to a picture after its last compression. The filters are those of the training pictures
// (PatchCrop), from bytes to bytes, on a square picture. Randomness is of the seed handed in.
sealed record Alteration(string Name, Func<ImageBuffer, ulong, ImageBuffer> Apply)
{
    const ulong NoiseStream = 0x4E4F495345;

    /// <summary>The table's rows, mildest first within a kind; the first is the comparison.</summary>
    public static IReadOnlyList<Alteration> All { get; } =
    [
        new("nothing", (picture, _) => picture),
        new("PNG", (picture, _) => Png(picture)),
        new("JPEG 98, aligned", (picture, _) => JpegRoundTrip.Apply(picture.View, JpegCompression.FromQuality(98, ChromaSubsampling.Samp420))),
        new("resize 0.95", (picture, _) => Resized(picture, 0.95, ResampleKernel.Cubic, 0, 0)),
        new("resize 0.9", (picture, _) => Resized(picture, 0.9, ResampleKernel.Cubic, 0, 0)),
        new("resize 0.5", (picture, _) => Resized(picture, 0.5, ResampleKernel.Cubic, 0, 0)),
        new("blur 0.3", (picture, _) => Filtered(picture, crop => crop.Blur(0.3))),
        new("blur 0.5", (picture, _) => Filtered(picture, crop => crop.Blur(0.5))),
        new("noise 1", (picture, seed) => Noisy(picture, 1, seed)),
        new("noise 2", (picture, seed) => Noisy(picture, 2, seed)),
        new("gamma 0.9", (picture, _) => Filtered(picture, crop => crop.Tone(1, 0, 1, 0.9f))),
        new("gamma 1.1", (picture, _) => Filtered(picture, crop => crop.Tone(1, 0, 1, 1.1f))),
        // Linear enlargement by a display's scaling, a part of the screen, PNG.
        new("screenshot 1.25", (picture, _) => Png(Resized(picture, 1.25, ResampleKernel.Triangle, 13, 7))),
    ];

    static ImageBuffer Filtered(ImageBuffer picture, Action<PatchCrop> filter)
    {
        var crop = new PatchCrop(picture.Width);
        crop.Cut(picture, 0, 0);
        filter(crop);
        return Stored(crop);
    }

    static ImageBuffer Noisy(ImageBuffer picture, float sigma, ulong seed) =>
        Filtered(picture, crop => crop.AddNoise(new CounterRandom(seed, NoiseStream, 0), sigma, sameInAllChannels: false));

    // The scaled picture without its first rows and columns.
    static ImageBuffer Resized(ImageBuffer picture, double scale, ResampleKernel kernel, int left, int top)
    {
        var crop = new PatchCrop((int)(picture.Width * scale) - Math.Max(left, top));
        crop.CutScaled(picture, left / scale, top / scale, scale, kernel);
        return Stored(crop);
    }

    static ImageBuffer Stored(PatchCrop crop)
    {
        var result = new ImageBuffer(crop.Side, crop.Side, PixelFormat.Rgb24);
        crop.Store(result.Pixels);
        return result;
    }

    static ImageBuffer Png(ImageBuffer picture)
    {
        using var stream = new MemoryStream();
        PngWriter.Write(stream, picture.View);
        return ImageFile.Read(stream.GetBuffer().AsSpan(0, (int)stream.Length), "memory");
    }
}
