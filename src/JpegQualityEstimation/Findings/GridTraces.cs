using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Findings;

// GridTraces: the grids of last compressions in a picture, and where they are.
//   GridField                          -> phase of the whole picture; phases that stand out in windows
//   GridExtent                         of each of these: which blocks the table is read from
//   LastCompressionEstimator.OfGrid    is it a grid, and with which table?
//   GridBlocks, GridEvidencePlane      where it is, and where its table is
// At most MaxParts phases beside the whole picture's.
// Works on pictures of any size; below 15x15 pixels there is nothing.
// Memory is kept from picture to picture. One picture at a time: what was found in it is gone with the next.
sealed class GridTraces
{
    const int MaxParts = 3;

    // Of the picture that has the grid: below it is that of a part.
    const double LeastShare = 0.5;

    // Residue of a block at its grid, of noise of variance 1/12.
    const float AtGrid = 2.97f;

    static readonly LastCompressionOptions options = new() { TableBlocks = 16384 };

    readonly GridField field = new();
    readonly GridExtent extent = new();
    readonly GridBlocks blocks;
    readonly LastCompressionEstimator.Storage storage = new();
    readonly List<GridTrace> traces = [];
    readonly List<GridEvidencePlane> planes = [];

    public GridTraces() => blocks = new GridBlocks(field);

    /// <summary>The last compression of the picture as a whole; not detected where no grid covers half of it.</summary>
    public LastCompressionEstimate Whole { get; private set; } = LastCompressionEstimator.NotDetected(default);

    /// <summary>Grids, the whole picture's first where it has one.</summary>
    public IReadOnlyList<GridTrace> Traces => traces;

    public static GridTraces Of(PixelView picture, int threads, CancellationToken cancellation)
    {
        var found = new GridTraces();
        found.Read(picture, threads, cancellation);
        return found;
    }

    public unsafe void Read(PixelView picture, int threads, CancellationToken cancellation)
    {
        traces.Clear();
        if (Math.Min(picture.Width, picture.Height) < 15)
        {
            Whole = LastCompressionEstimator.NotDetected(default);
            return;
        }
        field.Read(picture, threads, cancellation);
        Span<int> counts = stackalloc int[GridOrigin.Count];
        Standing(counts);
        int phase = GridExtent.IsGrid(field.Whole) ? field.Whole.Phase : field.LeastPhase;
        Whole = LastCompressionEstimator.EstimateAt(
            picture, GridOrigin.At(phase), GridExtent.FalseAlarms(field.Whole, phase, 1), extent.Of(field, phase, isWhole: true), options, storage, threads, cancellation);
        fixed (byte* bytes = picture.Pixels)
        {
            var pinned = new PinnedPixels(bytes, picture.Pixels.Length, picture.Width, picture.Height, picture.Stride, picture.Format);
            if (Whole.IsDetected)
            {
                Add(pinned, Whole, threads, cancellation);
                counts[phase] = 0;
            }
            for (int part = 0; part < MaxParts && Most(counts) is var other && counts[other] > 0; part++)
            {
                counts[other] = 0;
                double falseAlarms = GridExtent.FalseAlarms(Best(other), other, field.Windows.Length);
                LastCompressionEstimate estimate = LastCompressionEstimator.EstimateAt(
                    picture, GridOrigin.At(other), falseAlarms, extent.Of(field, other, isWhole: false), options, storage, threads, cancellation);
                if (estimate.IsDetected)
                    Add(pinned, estimate, threads, cancellation);
            }
        }
    }

    void Add(PinnedPixels picture, LastCompressionEstimate estimate, int threads, CancellationToken cancellation)
    {
        blocks.Fill(picture, estimate.GridOrigin, Expected(estimate.GridOrigin.Index), estimate.IsStandard ? estimate.Table : null, threads, cancellation);
        if (planes.Count == traces.Count)
            planes.Add(new GridEvidencePlane());
        GridEvidencePlane evidence = planes[traces.Count];
        evidence.Fill(estimate.GridOrigin, blocks);
        traces.Add(new GridTrace(estimate, evidence));
        if (estimate == Whole && evidence.Share < LeastShare)
            Whole = LastCompressionEstimator.NotDetected(estimate.GridOrigin);
    }

    // Windows in which each phase stands out beyond doubt.
    void Standing(Span<int> counts)
    {
        counts.Clear();
        foreach (ref readonly GridWindow window in field.Windows)
            counts[window.Phase] += GridExtent.IsGrid(window) ? 1 : 0;
    }

    // The first of equal ones.
    static int Most(ReadOnlySpan<int> counts)
    {
        int most = 0;
        for (int p = 1; p < counts.Length; p++)
            if (counts[p] > counts[most])
                most = p;
        return most;
    }

    GridWindow Best(int phase)
    {
        GridWindow best = default;
        foreach (ref readonly GridWindow window in field.Windows)
            if (window.Phase == phase && GridExtent.IsGrid(window) && window.Score > best.Score)
                best = window;
        return best;
    }

    // The mean residue where the phase stands out.
    float Expected(int phase)
    {
        double sum = 0;
        int count = 0;
        foreach (ref readonly GridWindow window in field.Windows)
        {
            if (window.Phase != phase || !GridExtent.IsGrid(window))
                continue;
            sum += window.Best;
            count++;
        }
        return count == 0 ? AtGrid : (float)(sum / count);
    }
}

/// <summary>A grid and where it is.</summary>
sealed record GridTrace(LastCompressionEstimate Estimate, GridEvidencePlane Evidence);
