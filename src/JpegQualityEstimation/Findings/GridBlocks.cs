using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

// GridBlocks: for every block of a known grid, how much better it is explained
//   by that grid than by none: residues (GridField) normal with the window's deviation s, mean m elsewhere and m1 at a grid:
//     d = (m - residue) / s, shift = (m - m1) / s: shift d - shift^2 / 2
//   by a table than by multiples of 1: of the coefficients of step q >= 2 and |x| >= q / 2, those within t of a multiple
//     of q (CombTest) count ln(P / p), the others ln((1 - P) / (1 - p)); P the share that the noise leaves there, p = 2t / q
// as natural logarithms, 0 where a block does not count. Bands of block rows; threads change nothing. Memory, kept from grid to
// grid: 8 bytes a block; a BlockBand for each thread. One grid at a time.
sealed class GridBlocks
{
    const int BandBlocks = 16;
    const int BlocksAcross = BlockBand.MaxColumns / 8;

    // One block alone convinces nobody.
    const float MostGrid = 3, MostTable = 6;

    static readonly float[] residueOfCode = ResidueOfCode();

    readonly GridField field;
    readonly StepTest[] tests = new StepTest[64];
    readonly Idle<BlockBand> idleBands = new();
    KeptArray<float> grid, table;
    GridOrigin origin;
    float expected;

    /// <param name="field">Of the pictures.</param>
    public GridBlocks(GridField field) => this.field = field;

    public int Rows { get; private set; }

    public int Columns { get; private set; }

    /// <summary>[rows, columns]: for the grid.</summary>
    public Span<float> Grid => grid.Values(Rows * Columns);

    /// <summary>[rows, columns]: for the table.</summary>
    public Span<float> Table => table.Values(Rows * Columns);

    /// <param name="picture">That of the field.</param>
    /// <param name="at">Origin of the grid.</param>
    /// <param name="residue">Expected of a block at its grid.</param>
    /// <param name="steps">Null: tables are not looked at.</param>
    /// <param name="threads">At most so many.</param>
    /// <param name="cancellation">Looked at every row of blocks.</param>
    public void Fill(PinnedPixels picture, GridOrigin at, float residue, QuantTable? steps, int threads, CancellationToken cancellation)
    {
        (origin, expected) = (at, residue);
        (Rows, Columns) = ((picture.Height - at.Row) / 8, (picture.Width - at.Column) / 8);
        grid.Room(Rows * Columns);
        table.Room(Rows * Columns);
        Grid.Clear();
        Table.Clear();
        for (int k = 0; k < tests.Length; k++)
            tests[k] = steps is null ? default : StepTest.Of(steps.NaturalOrder[ZigZag.ToNatural[k]]);
        RowBands.Run((Rows + BandBlocks - 1) / BandBlocks, threads, part =>
        {
            BlockBand band = idleBands.Take();
            for (int row = part * BandBlocks; row < Math.Min(Rows, (part + 1) * BandBlocks) && !cancellation.IsCancellationRequested; row++)
                for (int column = 0; column < Columns; column += BlocksAcross)
                    Fill(picture.View, band, row, column, Math.Min(BlocksAcross, Columns - column));
            idleBands.Return(band);
        });
        cancellation.ThrowIfCancellationRequested();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Fill(PixelView picture, BlockBand band, int row, int column, int count)
    {
        int y = origin.Row + 8 * row, x = origin.Column + 8 * column;
        band.Read(picture, x, y, 8 * count - 7, 1);
        Span<int> blocks = stackalloc int[BlocksAcross];
        int usable = 0;
        for (int n = 0; n < count; n++)
            if (band.Usable(0)[8 * n] && field.At(y, x + 8 * n).IsKnown)
                blocks[usable++] = n;
        blocks = blocks[..usable];
        Span<float> residues = stackalloc float[BlocksAcross];
        residues.Clear();
        Span<float> grids = Grid.Slice(row * Columns + column, count), tables = Table.Slice(row * Columns + column, count);
        for (int k = 0; k < 64; k++)
        {
            ReadOnlySpan<ushort> codes = band.Codes(k, 0);
            foreach (int n in blocks)
                residues[n] += residueOfCode[codes[8 * n] & 7];
            if (tests[k].Period > 0)
                tests[k].Add(codes, blocks, tables);
        }
        foreach (int n in blocks)
        {
            ref readonly GridWindow window = ref field.At(y, x + 8 * n);
            float shift = (window.Mean - expected) / window.Deviation, d = (window.Mean - residues[n]) / window.Deviation;
            grids[n] = Math.Clamp(shift * d - shift * shift / 2, -MostGrid, MostGrid);
            tables[n] = Math.Clamp(tables[n], -MostTable, MostTable);
        }
    }

    // The mean of r^2 - 2 r^4 over the values of a code: x within 1/16 of code / 8.
    static float[] ResidueOfCode()
    {
        const int Parts = 64;
        var means = new float[PhaseTables.CodesPerUnit];
        for (int code = 0; code < means.Length; code++)
        {
            double sum = 0;
            for (int i = 0; i < Parts; i++)
            {
                double x = (code - 0.5 + (i + 0.5) / Parts) / PhaseTables.CodesPerUnit, r = x - Math.Round(x);
                sum += r * r - 2 * r * r * r * r;
            }
            means[code] = (float)(sum / Parts);
        }
        return means;
    }

    /// <summary>What hits and misses of the multiples of a step count; no period: nothing.</summary>
    readonly record struct StepTest(int Period, int Reach, float Hit, float Miss)
    {
        static readonly double[] within = [0, CombTest.Within(CombTest.Reach(1)), CombTest.Within(CombTest.Reach(2)), CombTest.Within(CombTest.Reach(3))];

        public static StepTest Of(int step)
        {
            if (step < 2)
                return default;
            int period = step * PhaseTables.CodesPerUnit, reach = CombTest.Reach(step);
            double share = (2 * reach + 1.0) / period, noise = within[Math.Min(step, 3)];
            return new StepTest(period, reach, (float)Math.Log(noise / share), (float)Math.Log((1 - noise) / (1 - share)));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Add(ReadOnlySpan<ushort> codes, ReadOnlySpan<int> blocks, Span<float> evidence)
        {
            int half = Period / 2;
            foreach (int n in blocks)
            {
                int code = codes[8 * n];
                if (code <= half)
                    continue;
                int rest = code % Period;
                evidence[n] += Math.Min(rest, Period - rest) <= Reach ? Hit : Miss;
            }
        }
    }
}
