using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

// Planes [h,w] or [15,h,w], row-major, one value a window. Immutable once made; safe to read from any thread.
// 101 bytes a window + 1160 where probabilities are kept.

/// <summary>Per 64x64 window of a picture: the first 15 steps of its first quantization table.</summary>
/// <remarks>
/// Value (y, x) belongs to the window whose top left pixel is <see cref="WindowAt"/>(x, y) =
/// (OriginColumn + x * Stride, OriginRow + y * Stride). All windows that fit into the picture are there; up to Stride - 1
/// columns at the right and rows at the bottom may lie in none. Where the pixels of a window hold too little every plane holds 0
/// (<see cref="GridShifts"/> 255); where it is only the confidence that is too small, <see cref="Determined"/> is 0 and the others
/// hold what is most probable all the same. Immutable; safe to read from any number of threads.
/// </remarks>
public sealed class PrimaryQuantMap
{
    /// <summary>What <see cref="GridShifts"/> holds where no shift is known.</summary>
    public const byte NoGridShift = 255;

    readonly PrimaryMapPlanes planes;
    readonly WindowGrid grid;

    internal PrimaryQuantMap(
        int pictureWidth, int pictureHeight, WindowGrid grid, QuantTable second, string modelName, PrimaryMapPlanes planes, PrimaryQuantEstimate pooled)
    {
        PictureWidth = pictureWidth;
        PictureHeight = pictureHeight;
        Second = second;
        ModelName = modelName;
        Pooled = pooled;
        this.grid = grid;
        this.planes = planes;
        int determined = 0;
        foreach (byte value in planes.Determined)
            determined += value;
        DeterminedShare = (double)determined / planes.Determined.Length;
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

    /// <summary>The second table that was assumed.</summary>
    public QuantTable Second { get; }

    /// <summary>Name of the model that answered.</summary>
    public string ModelName { get; }

    /// <summary>The most probable steps, [15,h,w], coefficients in zig-zag order.</summary>
    public ReadOnlySpan<short> Steps => planes.Steps;

    /// <summary>Probability of each of <see cref="Steps"/>, [15,h,w], 0..1.</summary>
    public ReadOnlySpan<float> StepConfidence => planes.StepConfidence;

    /// <summary>Mean of a window's 15 step confidences, [h,w], 0..1.</summary>
    public ReadOnlySpan<float> Confidence => planes.Confidence;

    /// <summary>Most probable quality factor, [h,w], 51..100 (see <see cref="PrimaryQuantEstimate.QualityFactor"/>).</summary>
    public ReadOnlySpan<byte> QualityFactor => planes.QualityFactor;

    /// <summary>1 where a window is determined, else 0, [h,w] (see <see cref="PrimaryQuantEstimate.Determined"/>).</summary>
    public ReadOnlySpan<byte> Determined => planes.Determined;

    /// <summary>Share of determined windows, 0..1.</summary>
    public double DeterminedShare { get; }

    /// <summary>Whether the model says how the first grid lies.</summary>
    public bool HasGridShifts => planes.HasGridShifts;

    /// <summary>Most probable grid shift as 8 * row + column, [h,w]; 0 is aligned, <see cref="NoGridShift"/> unknown.</summary>
    public ReadOnlySpan<byte> GridShifts => planes.GridShifts;

    /// <summary>Probability of each of <see cref="GridShifts"/>, [h,w], 0..1.</summary>
    public ReadOnlySpan<float> GridShiftProbability => planes.GridShiftProbability;

    /// <summary>
    /// All windows whose pixels hold enough as one estimate: block by block the product of their probabilities (each at least 1e-6),
    /// weighted by confidence and taken to the mean; the grid shift's probability is the weighted mean. Meant for pictures of
    /// one history; undetermined where there is no such window.
    /// </summary>
    public PrimaryQuantEstimate Pooled { get; }

    /// <summary>Whether <see cref="Pool"/> and <see cref="PrimaryQuantEstimate.Probability"/> can be asked.</summary>
    public bool HasProbabilities => planes.Probabilities.Length > 0;

    /// <summary>One window's estimate.</summary>
    /// <param name="x">Column of the map.</param>
    /// <param name="y">Row of the map.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such window.</exception>
    public PrimaryQuantEstimate this[int x, int y] => planes.At(IndexOf(x, y));

    /// <summary>Top left pixel of a window.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such window.</exception>
    public (int Left, int Top) WindowAt(int x, int y)
    {
        IndexOf(x, y);
        return (grid.Left(x), grid.Top(y));
    }

    /// <summary>Centre of a window in pixels, pixel (0, 0) having its centre at (0.5, 0.5): top left + 32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such window.</exception>
    public (double X, double Y) CentreAt(int x, int y)
    {
        var (left, top) = WindowAt(x, y);
        return (left + WindowGrid.Side / 2.0, top + WindowGrid.Side / 2.0);
    }

    /// <summary>Pools windows of a part of the map, as <see cref="Pooled"/> does all of them.</summary>
    /// <param name="windows">[h,w]: which windows to take.</param>
    /// <exception cref="ArgumentException">Not one value a window.</exception>
    /// <exception cref="InvalidOperationException">The map keeps no probabilities.</exception>
    public PrimaryQuantEstimate Pool(ReadOnlySpan<bool> windows)
    {
        if (windows.Length != planes.Determined.Length)
            throw new ArgumentException($"a map of {Height}x{Width} windows needs as many choices, not {windows.Length}", nameof(windows));
        return planes.Pool(windows, grid.Columns);
    }

    internal WindowGrid Grid => grid;

    // Whether the pixels of a window hold enough to answer, whatever the confidence.
    internal bool IsLegible(int window) => planes.IsLegible(window);

    // A row of a map that keeps probabilities, as a receiver gets it.
    internal PrimaryMapRow ProbabilityRow(int y)
    {
        ReadOnlySpan<float> probabilities = planes.Probabilities.AsSpan(y * Width * PrimaryBlocks.Outputs, Width * PrimaryBlocks.Outputs);
        ReadOnlySpan<float> shifts = planes.Shifts.Length == 0 ? default : planes.Shifts.AsSpan(y * Width * 64, Width * 64);
        if (planes.Scaling.IsNone)
            return new PrimaryMapRow(y, probabilities, shifts, probabilities, shifts);
        float[] scaled = probabilities.ToArray(), scaledShifts = shifts.ToArray();
        for (int x = 0; x < Width; x++)
        {
            planes.Scaling.ScaleSteps(scaled.AsSpan(x * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs));
            if (scaledShifts.Length > 0)
                planes.Scaling.ScaleShifts(scaledShifts.AsSpan(64 * x, 64));
        }
        return new PrimaryMapRow(y, scaled, scaledShifts, probabilities, shifts);
    }

    int IndexOf(int x, int y)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
        return y * Width + x;
    }
}
