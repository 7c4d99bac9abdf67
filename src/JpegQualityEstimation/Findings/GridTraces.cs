using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Findings;

// GridTraces: the grids of last compressions in a picture, and where they are.
//   GridField                          -> phase of the whole picture; phases that stand out in windows
//   LastCompressionEstimator.OfGrid    at each of these: is it a grid, and with which table?
//   GridBlocks, GridEvidencePlane      where it is, and where its table is
// A phase stands out in a window with a score of Certain: 10^-12 by the normal law, hence below 10^-5 for the 64 phases and
// all windows of 24 megapixels; the highest of 30 million of never-compressed training pictures was 5.9. Its residue must be
// that of a last compression, too. At most MaxParts of them beside the whole picture's.
// Works on pictures of any size; below 15x15 pixels there is nothing.
// Memory is kept from picture to picture. One picture at a time: what was found in it is gone with the next.
sealed class GridTraces
{
    const float Certain = 7, Likely = 5;
    const int MaxParts = 3;

    // Windows of the picture's phase of all that have blocks enough, and tiles, from which on a table is read there only.
    const double LeastStanding = 0.25;
    const int FewestTiles = 4;

    // Of the picture that has the grid: below it is that of a part.
    const double LeastShare = 0.5;

    // Residues of a block at its grid: of noise of variance 1/12 it is 2.97, and 2.63 where steps of 1 leave less of it.
    const float LeastAtGrid = 2.2f, MostAtGrid = 3.4f, AtGrid = 2.97f;

    static readonly LastCompressionOptions options = new() { TableBlocks = 16384 };

    readonly GridField field = new();
    readonly GridBlocks blocks;
    readonly LastCompressionEstimator.Storage storage = new();
    readonly List<GridTrace> traces = [];
    readonly List<GridEvidencePlane> planes = [];
    KeptArray<bool> likelyTiles, insideTiles;

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
        int phase = IsGrid(field.Whole) ? field.Whole.Phase : field.LeastPhase;
        Whole = LastCompressionEstimator.EstimateAt(
            picture, GridOrigin.At(phase), FalseAlarms(field.Whole, phase, 1), Wanted(phase, isWhole: true), options, storage, threads, cancellation);
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
                double falseAlarms = FalseAlarms(Best(other), other, field.Windows.Length);
                LastCompressionEstimate estimate = LastCompressionEstimator.EstimateAt(
                    picture, GridOrigin.At(other), falseAlarms, Wanted(other, isWhole: false), options, storage, threads, cancellation);
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
            counts[window.Phase] += IsGrid(window) ? 1 : 0;
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

    static bool IsGrid(in GridWindow window) => window.Score >= Certain && window.Best is >= LeastAtGrid and <= MostAtGrid;

    GridWindow Best(int phase)
    {
        GridWindow best = default;
        foreach (ref readonly GridWindow window in field.Windows)
            if (window.Phase == phase && IsGrid(window) && window.Score > best.Score)
                best = window;
        return best;
    }

    // log10, of 64 phases and some windows.
    static double FalseAlarms(in GridWindow window, int phase, int windows) =>
        window.Phase == phase && IsGrid(window) ? FalseAlarmBounds.Normal(window.Score) + Math.Log10((double)GridOrigin.Count * windows) : double.PositiveInfinity;

    // Blocks that the table is read from: the inside of where the phase stands out, all that where there is little of it, and
    // where that is little beside the picture (coarse steps), whatever no other phase lays claim to.
    Func<int, int, bool> Wanted(int phase, bool isWhole)
    {
        ReadOnlySpan<GridWindow> windows = field.Windows;
        bool[] likely = likelyTiles.Room(windows.Length), inside = insideTiles.Room(windows.Length);
        int known = 0, standing = 0, left = 0;
        for (int i = 0; i < windows.Length; i++)
        {
            ref readonly GridWindow window = ref windows[i];
            likely[i] = window.Phase == phase && window.Score >= Likely;
            known += window.IsKnown ? 1 : 0;
            standing += likely[i] ? 1 : 0;
        }
        for (int i = 0; i < windows.Length; i++)
            left += (inside[i] = Surrounded(i)) ? 1 : 0;
        if (isWhole && standing < LeastStanding * known)
            return (row, column) => field.At(row, column) is var window && (window.Phase == phase || !IsGrid(window));
        bool[] chosen = left >= FewestTiles ? inside : likely;
        return (row, column) => chosen[field.Index(row, column)];

        // Windows without blocks enough do not speak against it.
        bool Surrounded(int tile)
        {
            int row = tile / field.Columns, column = tile % field.Columns;
            for (int y = Math.Max(0, row - 1); y <= Math.Min(field.Rows - 1, row + 1); y++)
                for (int x = Math.Max(0, column - 1); x <= Math.Min(field.Columns - 1, column + 1); x++)
                    if (!likely[y * field.Columns + x] && field.Windows[y * field.Columns + x].IsKnown)
                        return false;
            return likely[tile];
        }
    }

    // The mean residue where the phase stands out.
    float Expected(int phase)
    {
        double sum = 0;
        int count = 0;
        foreach (ref readonly GridWindow window in field.Windows)
        {
            if (window.Phase != phase || !IsGrid(window))
                continue;
            sum += window.Best;
            count++;
        }
        return count == 0 ? AtGrid : (float)(sum / count);
    }
}

/// <summary>A grid and where it is.</summary>
sealed record GridTrace(LastCompressionEstimate Estimate, GridEvidencePlane Evidence);
