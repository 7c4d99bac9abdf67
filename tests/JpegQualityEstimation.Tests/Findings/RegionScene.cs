using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Tests.Findings;

// A map of windows whose sources are known: every window says its source's first quality and grid shift with probability
// Sure, the rest spread alike; some say another shift, drawn at random, as surely.
sealed class RegionScene(int rows, int columns, Func<int, int, int> sourceAt, params (int Quality, int Shift)[] sources)
{
    public const double Sure = 0.9;

    public double WrongShare { get; init; }

    public bool HasShifts { get; init; } = true;

    public bool Keep { get; init; } = true;

    public Func<int, int, bool> DeterminedAt { get; init; } = (_, _) => true;

    public int Rows => rows;

    public int Columns => columns;

    public int SourceOf(int window) => sourceAt(window / columns, window % columns);

    public PrimaryQuantMap Map()
    {
        var random = new Random(7);
        var planes = new PrimaryMapPlanes(rows, columns, HasShifts, Keep);
        var pool = new PrimaryPool();
        for (int i = 0; i < rows * columns; i++)
        {
            var (quality, shift) = sources[SourceOf(i)];
            if (random.NextDouble() < WrongShare)
                shift = random.Next(64);
            planes.Put(i, DeterminedAt(i / columns, i % columns), Probabilities(quality), HasShifts ? Shifts(shift) : [], pool);
        }
        WindowGrid grid = WindowGrid.Over(64 + 8 * (columns - 1), 64 + 8 * (rows - 1), 8, 0, 0);
        return new PrimaryQuantMap(
            64 + 8 * (columns - 1), 64 + 8 * (rows - 1), grid, QuantTable.StandardLuminance(90), "scene", planes, pool.ToEstimate());
    }

    static float[] Probabilities(int quality)
    {
        var probabilities = new float[PrimaryBlocks.Outputs];
        ushort[] table = QuantTable.StandardLuminance(quality).ZigZagOrder();
        for (int k = 0; k < PrimaryBlocks.Count; k++)
        {
            Span<float> block = probabilities.AsSpan(PrimaryBlocks.Offsets[k], PrimaryBlocks.Sizes[k]);
            block.Fill((float)((1 - Sure) / (block.Length - 1)));
            block[Math.Min((int)table[k], block.Length) - 1] = (float)Sure;
        }
        return probabilities;
    }

    static float[] Shifts(int shift)
    {
        var shifts = new float[64];
        shifts.AsSpan().Fill((float)((1 - Sure) / 63));
        shifts[shift] = (float)Sure;
        return shifts;
    }
}
