using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Findings;

// GridEvidencePlane: the blocks of one grid (GridBlocks) -> evidence 0..1 for the grid, and for its table, of every pixel.
//   around a block   sums over 5x5 blocks, cut at the borders: G for the grid, T for the table
//   prior            ln((yes + 1) / (no + 1)) of the blocks around which |G + T| is at least Decided, within +-MostPrior:
//                    what is flat or clipped goes with the rest of the picture
//   grid             1 / (1 + e^-(G + max(T, 0) + prior))        table   1 / (1 + e^-(G + T + prior))
//   pixels           bilinear between the middles of blocks, which lie at origin + 8 i + 3.5
// Sums in one order: equal bits everywhere. Memory, kept from grid to grid: 8 bytes a block.
sealed class GridEvidencePlane
{
    const int Reach = 2;
    const float Decided = 3, MostPrior = 4;

    KeptArray<float> gridPlane, tablePlane;
    GridOrigin origin;
    int rows, columns;

    /// <summary>Takes in the blocks of a grid.</summary>
    /// <param name="at">Its origin.</param>
    /// <param name="blocks">What they say; is written over.</param>
    public void Fill(GridOrigin at, GridBlocks blocks)
    {
        origin = at;
        (rows, columns) = (blocks.Rows, blocks.Columns);
        Span<float> grid = gridPlane.Room(rows * columns).AsSpan(0, rows * columns), table = tablePlane.Room(rows * columns).AsSpan(0, rows * columns);
        // The table's plane is room for the grid's first sums; then the grid's blocks are room for the table's.
        Around(blocks.Grid, table, grid);
        Around(blocks.Table, blocks.Grid, table);
        int yes = 0, no = 0;
        for (int i = 0; i < grid.Length; i++)
        {
            yes += grid[i] + table[i] >= Decided ? 1 : 0;
            no += grid[i] + table[i] <= -Decided ? 1 : 0;
        }
        float prior = Math.Clamp(MathF.Log((yes + 1f) / (no + 1f)), -MostPrior, MostPrior);
        double sum = 0;
        for (int i = 0; i < grid.Length; i++)
        {
            float both = grid[i] + table[i];
            grid[i] = Probability(grid[i] + Math.Max(0, table[i]) + prior);
            table[i] = Probability(both + prior);
            sum += grid[i];
        }
        Share = sum / grid.Length;
    }

    /// <summary>Of the blocks, how many have this grid: mean evidence, 0..1.</summary>
    public double Share { get; private set; }

    /// <summary>Blocks from left to right.</summary>
    public int Columns => columns;

    /// <summary>Evidence of the pixels of a row, [width] each.</summary>
    /// <param name="y">Row.</param>
    /// <param name="gridEvidence">For the grid.</param>
    /// <param name="tableEvidence">For the table.</param>
    /// <param name="line">Room for a value a block.</param>
    public void Row(int y, Span<float> gridEvidence, Span<float> tableEvidence, Span<float> line)
    {
        float at = Math.Clamp((y - origin.Row - 3.5f) / 8, 0, rows - 1);
        int above = (int)at, below = Math.Min(above + 1, rows - 1);
        Row(gridPlane.Values(rows * columns), above, below, at - above, gridEvidence, line[..columns]);
        Row(tablePlane.Values(rows * columns), above, below, at - above, tableEvidence, line[..columns]);
    }

    // Between the middles of two blocks lie eight pixels, from the fifth of the first block on.
    void Row(ReadOnlySpan<float> plane, int above, int below, float weight, Span<float> evidence, Span<float> line)
    {
        ReadOnlySpan<float> first = plane.Slice(above * columns, columns), second = plane.Slice(below * columns, columns);
        for (int i = 0; i < line.Length; i++)
            line[i] = first[i] + (second[i] - first[i]) * weight;
        int start = origin.Column + 4;
        evidence[..start].Fill(line[0]);
        var part = Vector256.Create(0.0625f, 0.1875f, 0.3125f, 0.4375f, 0.5625f, 0.6875f, 0.8125f, 0.9375f);
        for (int i = 0; i + 1 < line.Length; i++)
            (Vector256.Create(line[i]) + Vector256.Create(line[i + 1] - line[i]) * part).CopyTo(evidence[(start + 8 * i)..]);
        evidence[(start + 8 * (line.Length - 1))..].Fill(line[^1]);
    }

    static float Probability(float logit) => 1 / (1 + MathF.Exp(-logit));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Around(ReadOnlySpan<float> cells, Span<float> across, Span<float> sums)
    {
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < columns; x++)
            {
                float sum = 0;
                for (int i = Math.Max(0, x - Reach); i <= Math.Min(columns - 1, x + Reach); i++)
                    sum += cells[y * columns + i];
                across[y * columns + x] = sum;
            }
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < columns; x++)
            {
                float sum = 0;
                for (int i = Math.Max(0, y - Reach); i <= Math.Min(rows - 1, y + Reach); i++)
                    sum += across[i * columns + x];
                sums[y * columns + x] = sum;
            }
    }
}
