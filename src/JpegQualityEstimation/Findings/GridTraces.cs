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

    readonly List<GridTrace> traces = [];

    GridTraces(LastCompressionEstimate whole) => Whole = whole;

    /// <summary>The last compression of the picture as a whole; not detected where no grid covers half of it.</summary>
    public LastCompressionEstimate Whole { get; private set; }

    /// <summary>Grids, the whole picture's first where it has one.</summary>
    public IReadOnlyList<GridTrace> Traces => traces;

    public static unsafe GridTraces Of(PixelView picture, int threads, CancellationToken cancellation)
    {
        if (Math.Min(picture.Width, picture.Height) < 15)
            return new GridTraces(LastCompressionEstimator.Estimate(picture));
        GridField field = GridField.Of(picture, threads, cancellation);
        int[] counts = Standing(field);
        int phase = IsGrid(field.Whole) ? field.Whole.Phase : field.LeastPhase;
        var found = new GridTraces(LastCompressionEstimator.EstimateAt(
            picture, GridOrigin.At(phase), FalseAlarms(field.Whole, phase, 1), Of(field, phase, isWhole: true), options, threads, cancellation));
        fixed (byte* bytes = picture.Pixels)
        {
            var pinned = new PinnedPixels(bytes, picture.Pixels.Length, picture.Width, picture.Height, picture.Stride, picture.Format);
            if (found.Whole.IsDetected)
                found.Add(pinned, field, found.Whole, threads, cancellation);
            bool isFound = found.traces.Count > 0;
            foreach (int other in Enumerable.Range(0, counts.Length).Where(p => counts[p] > 0 && (p != phase || !isFound)).OrderByDescending(p => counts[p]).Take(MaxParts))
            {
                double falseAlarms = FalseAlarms(Best(field, other), other, field.Windows.Length);
                LastCompressionEstimate part = LastCompressionEstimator.EstimateAt(
                    picture, GridOrigin.At(other), falseAlarms, Of(field, other, isWhole: false), options, threads, cancellation);
                if (part.IsDetected)
                    found.Add(pinned, field, part, threads, cancellation);
            }
        }
        return found;
    }

    void Add(PinnedPixels picture, GridField field, LastCompressionEstimate estimate, int threads, CancellationToken cancellation)
    {
        var blocks = new GridBlocks(estimate.GridOrigin, field, Expected(field, estimate.GridOrigin.Index), estimate.IsStandard ? estimate.Table : null, picture.Width, picture.Height);
        blocks.Fill(picture, threads, cancellation);
        var evidence = new GridEvidencePlane(estimate.GridOrigin, blocks);
        traces.Add(new GridTrace(estimate, evidence));
        if (estimate == Whole && evidence.Share < LeastShare)
            Whole = LastCompressionEstimator.NotDetected(estimate.GridOrigin);
    }

    // Windows in which each phase stands out beyond doubt.
    static int[] Standing(GridField field)
    {
        var counts = new int[GridOrigin.Count];
        foreach (ref readonly GridWindow window in field.Windows)
            counts[window.Phase] += IsGrid(window) ? 1 : 0;
        return counts;
    }

    static bool IsGrid(in GridWindow window) => window.Score >= Certain && window.Best is >= LeastAtGrid and <= MostAtGrid;

    static GridWindow Best(GridField field, int phase)
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
    static Func<int, int, bool> Of(GridField field, int phase, bool isWhole)
    {
        var likely = new bool[field.Rows * field.Columns];
        var inside = new bool[likely.Length];
        int known = 0, standing = 0, left = 0;
        for (int i = 0; i < likely.Length; i++)
        {
            ref readonly GridWindow window = ref field.Windows[i];
            likely[i] = window.Phase == phase && window.Score >= Likely;
            known += window.IsKnown ? 1 : 0;
            standing += likely[i] ? 1 : 0;
        }
        for (int i = 0; i < likely.Length; i++)
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
    static float Expected(GridField field, int phase)
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
