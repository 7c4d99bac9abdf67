using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Findings;

/// <summary>Which source each window of a picture comes from.</summary>
/// <remarks>Immutable; safe to read from any number of threads.</remarks>
public sealed class RegionMap
{
    /// <summary>The label of windows and pixels that tell nothing.</summary>
    public const short Undetermined = -1;

    readonly WindowGrid grid;
    readonly short[] labels;
    readonly float[] confidence;

    readonly RegionPixels pixels;

    internal RegionMap(
        int pictureWidth, int pictureHeight, WindowGrid grid, short[] labels, float[] confidence, RegionPixels pixels, IReadOnlyList<RegionSource> sources)
    {
        PictureWidth = pictureWidth;
        PictureHeight = pictureHeight;
        Sources = sources;
        this.grid = grid;
        this.labels = labels;
        this.confidence = confidence;
        this.pixels = pixels;
    }

    /// <summary>Width of the picture in pixels.</summary>
    public int PictureWidth { get; }

    /// <summary>Height of the picture in pixels.</summary>
    public int PictureHeight { get; }

    /// <summary>Windows a row.</summary>
    public int Width => grid.Columns;

    /// <summary>Rows of windows.</summary>
    public int Height => grid.Rows;

    /// <summary>Pixels from one window to the next.</summary>
    public int Stride => grid.Stride;

    /// <summary>Row of the first window's top.</summary>
    public int OriginRow => grid.OriginRow;

    /// <summary>Column of the first window's left side.</summary>
    public int OriginColumn => grid.OriginColumn;

    /// <summary>[h,w]: index into <see cref="Sources"/>, or <see cref="Undetermined"/>.</summary>
    public ReadOnlySpan<short> WindowLabels => labels;

    /// <summary>[h,w]: probability of the label, 0..1; 0 where undetermined.</summary>
    public ReadOnlySpan<float> WindowConfidence => confidence;

    /// <summary>0 the background, which is the largest, then the others by falling area; never empty.</summary>
    public IReadOnlyList<RegionSource> Sources { get; }

    /// <summary>Whether there is more than the background.</summary>
    public bool HasSeveralSources => Sources.Count > 1;

    /// <summary>
    /// Labels of pixels, [PictureHeight, PictureWidth] row-major: what makes all windows say what they say. A window speaks for
    /// most of its 64x64 pixels, so that the labels of small parts cover more pixels than their windows have centres.
    /// </summary>
    /// <exception cref="InvalidOperationException">The picture's pixels do not fit an array.</exception>
    public short[] ToPixelLabels()
    {
        if ((long)PictureWidth * PictureHeight > Array.MaxLength)
            throw new InvalidOperationException($"{PictureWidth}x{PictureHeight} labels do not fit an array");
        var all = new short[PictureWidth * PictureHeight];
        for (int y = 0; y < PictureHeight; y++)
            pixels.Row(y, all.AsSpan(y * PictureWidth, PictureWidth));
        return all;
    }

    internal RegionPixels Pixels => pixels;
}
