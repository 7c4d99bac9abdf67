using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Findings;

// GridExtent: which blocks the table of a grid is read from, by the windows of a GridField: the inside of where its phase
// stands out, so that parts without the grid, or with another, do not spoil it; all of that where there is little inside, and
// where that is little beside the picture (coarse steps), whatever no other phase lays claim to.
// A phase stands out in a window with a score of Certain: 10^-12 by the normal law, hence below 10^-5 for the 64 phases and
// all windows of 24 megapixels; the highest of 30 million of never-compressed training pictures was 5.9. Its residue must be
// that of a last compression, too. Memory is kept from grid to grid; an extent is gone with the next.
sealed class GridExtent
{
    const float Certain = 7, Likely = 5;

    // Windows of the phase of all that have blocks enough, and tiles, from which on a table is read there only.
    const double LeastStanding = 0.25;
    const int FewestTiles = 4;

    // Residues of a block at its grid: of noise of variance 1/12 it is 2.97, and 2.63 where steps of 1 leave less of it.
    const float LeastAtGrid = 2.2f, MostAtGrid = 3.4f;

    KeptArray<bool> likelyTiles, insideTiles;

    /// <summary>Whether a window's phase stands out beyond doubt.</summary>
    public static bool IsGrid(in GridWindow window) => window.Score >= Certain && window.Best is >= LeastAtGrid and <= MostAtGrid;

    /// <summary>log10, of 64 phases and some windows; infinite where the window does not speak for the phase.</summary>
    public static double FalseAlarms(in GridWindow window, int phase, int windows) =>
        window.Phase == phase && IsGrid(window) ? FalseAlarmBounds.Normal(window.Score) + Math.Log10((double)GridOrigin.Count * windows) : double.PositiveInfinity;

    /// <summary>Whether a block is looked at, by row and column of its top left pixel.</summary>
    /// <param name="field">Of the picture.</param>
    /// <param name="phase">Of the grid.</param>
    /// <param name="isWhole">The grid is that of the picture, not of a part.</param>
    public Func<int, int, bool> Of(GridField field, int phase, bool isWhole)
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
}
