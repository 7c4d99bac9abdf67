using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseBand: windows side by side in one band of rows. Sample rows go in from the top (Row); when all are in, windows
// at columns 0, step, 2 * step, .. come out (Windows): per coefficient the first is tallied, the others slide - the
// columns that enter are added, those that leave are taken out. All tallies are integers, so that a window's features
// do not depend on the windows before it.
// Memory: table indexes [coefficients, rows of positions, pitch], tallies of one coefficient. Not thread-safe.
sealed unsafe class PhaseBand
{
    // The first coefficients, whose values are large.
    const int LargeCoefficients = 3;

    readonly PhaseEvidenceOps ops;
    readonly PhaseEvidenceOptions options;
    readonly SlidingDctPlan plan;
    readonly CodeScale scale;
    readonly FeatureShape shape;
    readonly int width;
    readonly int height;
    readonly int capacity;
    readonly int pitch;
    readonly AlignedFloats row;
    readonly AlignedFloats ring;
    readonly AlignedFloats indexes;
    readonly AlignedFloats counts;
    readonly AlignedFloats sums;
    readonly AlignedFloats scratch;
    PhaseTables? tables;
    // PhaseShares, of the grid phase of a window's first position.
    readonly AlignedFloats shares = new(PhaseShares.Length);
    int sharesOf = -1;

    /// <param name="options">What is measured.</param>
    /// <param name="width">Columns of a window.</param>
    /// <param name="height">Rows of a window, and of the band.</param>
    /// <param name="capacity">Columns of the band.</param>
    /// <param name="set">Vector width.</param>
    public PhaseBand(PhaseEvidenceOptions options, int width, int height, int capacity, CpuKernelSet set)
    {
        options.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 15);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 15);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, width);
        (this.options, this.width, this.height, this.capacity) = (options, width, height, capacity);
        ops = PhaseEvidenceOps.For(set);
        plan = new SlidingDctPlan(options.Coefficients);
        shape = new FeatureShape(options.Bins, options.Periods);
        scale = new CodeScale(BinScale(options.BinWidth), options.Bins - 1);
        pitch = (capacity - 7 + 31) & ~31;
        // Else rows of a phase, eight apart, would all want the same places of the first-level cache.
        if (pitch % 256 == 0)
            pitch += 32;
        row = new AlignedFloats(pitch + 32);
        ring = new AlignedFloats(8L * 8 * pitch);
        indexes = new AlignedFloats((long)options.Coefficients * Plane / 2);
        counts = new AlignedFloats((long)PhaseEvidenceOptions.Phases * shape.CountRow + 16);
        sums = new AlignedFloats((long)PhaseEvidenceOptions.Phases * shape.SumRow + 16);
        scratch = new AlignedFloats(shape.ScratchLength);
    }

    int Plane => (height - 7) * pitch;

    // Made for who tallies: codes alone need none.
    PhaseTables Tables => tables ??= PhaseTables.For(options);

    int Positions => width - 7;

    /// <summary>Takes in sample row y, 0..255, at most the band's capacity; rows come in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Row(int y, ReadOnlySpan<float> luma)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(luma.Length, capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)height, nameof(y));
        int positions = luma.Length - 7;
        fixed (float* samples = luma)
            ops.Level(samples, luma.Length, row.Pointer);
        ops.Horizontal(row.Pointer, plan, positions, ring.Pointer + (y & 7) * 8 * pitch, pitch);
        if (y < 7)
            return;
        float** rows = stackalloc float*[8];
        for (int i = 0; i < 8; i++)
            rows[i] = ring.Pointer + ((y + 1 + i) & 7) * 8 * pitch;
        ops.Vertical(rows, pitch, plan, positions, scale, (ushort*)indexes.Pointer + (y - 7) * pitch, Plane);
        if (tables is not null && Sse.IsSupported)
            AskForTableRows(y - 7, positions, tables);
        GC.KeepAlive(this);
    }

    // Large values have their rows all over a table that fits no second-level cache. Not before the table is there.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void AskForTableRows(int y, int positions, PhaseTables from)
    {
        int shift = from.RowShift, asked = Math.Min(LargeCoefficients, options.Coefficients);
        byte* rows = from.Rows;
        for (int k = 0; k < asked; k++)
        {
            ushort* at = (ushort*)indexes.Pointer + k * Plane + y * pitch;
            for (int x = 0; x < positions; x++)
                Sse.Prefetch1(rows + ((nint)at[x] << shift));
        }
    }

    /// <summary>Table indexes of one coefficient at one row of positions of the first window: with a single bin, the codes.</summary>
    public ReadOnlySpan<ushort> Codes(int k, int y) => new((ushort*)indexes.Pointer + k * Plane + y * pitch, Positions);

    /// <summary>What the features of one coefficient are made from.</summary>
    public void Expect(int k, MemoryAhead ahead) => ahead.Expect((ushort*)indexes.Pointer + k * Plane, (long)Plane * sizeof(ushort));

    /// <summary>Features of the windows at columns 0, step, .. of the band.</summary>
    /// <param name="count">Windows.</param>
    /// <param name="step">Columns from one to the next.</param>
    /// <param name="gridX">Column of the band's first sample in the 8x8 grid.</param>
    /// <param name="gridY">Row of it.</param>
    /// <param name="evidence">[count, coefficient, phase, feature].</param>
    /// <param name="overall">[count, coefficient, feature].</param>
    public void Windows(int count, int step, int gridX, int gridY, Span<float> evidence, Span<float> overall)
    {
        evidence = evidence[..checked(count * options.EvidenceLength)];
        overall = overall[..(count * options.OverallLength)];
        ArgumentOutOfRangeException.ThrowIfGreaterThan((count - 1) * step + width, capacity, nameof(count));
        fixed (float* to = evidence, all = overall)
            for (int k = 0; k < options.Coefficients; k++)
                Coefficient(k, 0, count, step, gridX, gridY,
                    to + k * PhaseEvidenceOptions.Phases * options.Features, options.EvidenceLength, all + k * options.Features);
    }

    /// <summary>Features of one coefficient of the windows at columns (first + 0, 1, ..) * step of the band.</summary>
    /// <param name="k">Coefficient, zig-zag.</param>
    /// <param name="first">First window.</param>
    /// <param name="count">Windows.</param>
    /// <param name="step">Columns from one to the next.</param>
    /// <param name="gridX">Column of the band's first sample in the 8x8 grid.</param>
    /// <param name="gridY">Row of it.</param>
    /// <param name="evidence">[phase, feature] of a window, the next one's evidenceRow floats behind it.</param>
    /// <param name="evidenceRow">Floats.</param>
    /// <param name="overall">[feature] of a window, the next one's <see cref="PhaseEvidenceOptions.OverallLength"/> floats behind it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Coefficient(int k, int first, int count, int step, int gridX, int gridY, float* evidence, int evidenceRow, float* overall)
    {
        for (int i = 0; i < count; i++)
        {
            int left = (first + i) * step;
            Slide(k, i == 0, left, step, gridX, gridY);
            Share(gridX + left, gridY);
            ops.Features(shape, (int*)counts.Pointer, (int*)sums.Pointer, Positions * (height - 7), shares.Pointer, scratch.Pointer,
                evidence + (nint)i * evidenceRow, overall + (nint)i * options.OverallLength);
        }
        GC.KeepAlive(this);
    }

    void Slide(int k, bool first, int left, int step, int gridX, int gridY)
    {
        if (first || step >= Positions)
        {
            for (int x = 0; x < Positions; x += PhaseTables.TileSide)
                Tally(k, x == 0, Math.Min(PhaseTables.TileSide, Positions - x), left + x, 0, gridX, gridY);
            return;
        }
        const int Half = PhaseTables.TileSide / 2;
        for (int x = 0; x < step; x += Half)
            Tally(k, false, Math.Min(Half, step - x), left + Positions - step + x, Positions, gridX, gridY);
    }

    /// <summary>Columns [from, from + columns) enter; those that lie behind them by a distance above 0 leave; fresh: nothing was there.
    /// A window's first tile has positions of every phase.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Tally(int k, bool fresh, int columns, int from, int behind, int gridX, int gridY)
    {
        for (int y = 0; y < height - 7; y += PhaseTables.TileSide)
        {
            PositionTile entering = Tile(from, columns);
            PositionTile leaving = behind > 0 ? Tile(from - behind, columns) : default;
            ops.Tally(entering, leaving, fresh && y == 0, (ushort*)indexes.Pointer, pitch, Tables, shape, (int*)counts.Pointer, (int*)sums.Pointer);

            PositionTile Tile(int x, int width) =>
                new(k * Plane + y * pitch + x, width, Math.Min(PhaseTables.TileSide, height - 7 - y), gridX + x & 7, gridY + y & 7);
        }
    }

    void Share(int gridX, int gridY)
    {
        int phase = 8 * (gridY & 7) + (gridX & 7);
        if (phase == sharesOf)
            return;
        sharesOf = phase;
        for (int p = 0; p < PhaseEvidenceOptions.Phases; p++)
        {
            int positions = OfPhase(height - 7, (p / 8 - gridY) & 7) * OfPhase(width - 7, (p - gridX) & 7);
            shares.Span[p] = PhaseShares.OfCount(positions);
            shares.Span[PhaseEvidenceOptions.Phases + p] = PhaseShares.OfSum(positions);
        }
    }

    /// <summary>Positions first, first + 8, .. below length.</summary>
    static int OfPhase(int length, int first) => (length - first + 7) / 8;

    internal static float BinScale(float binWidth)
    {
        double exact = 1 / ((double)PhaseTables.CodesPerUnit * binWidth);
        float rounded = (float)exact;
        return rounded < exact ? float.BitIncrement(rounded) : rounded;
    }
}
