using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.PhaseHistogram;

// Tallies against the sum of the table's cosines and bins position by position: EQUAL for every rectangle, phase and kernel set, fresh
// and on top of others, entering alone and while others leave.
public sealed unsafe class PhaseTallyTests
{
    const int Pitch = 96;

    public static TheoryData<string, int, int> Cases()
    {
        var data = new TheoryData<string, int, int>();
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach ((int bins, int periods) in ((int, int)[])[(32, 24), (20, 17), (48, 24), (32, 0)])
                data.Add(set.ToString(), bins, periods);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void TalliesEqualTheirDefinition(string set, int bins, int periods)
    {
        var options = new PhaseEvidenceOptions { Bins = bins, Periods = periods };
        PhaseEvidenceOps ops = PhaseEvidenceOps.For(Enum.Parse<CpuKernelSet>(set));
        PhaseTables tables = PhaseTables.For(options);
        var shape = new FeatureShape(bins, periods);
        var random = new Random(bins + periods);
        ushort[] indexes = new ushort[64 * Pitch];
        int[] codes = new int[indexes.Length], binsOf = new int[indexes.Length];
        for (int i = 0; i < indexes.Length; i++)
        {
            // Away from the edges of bins, which are six codes wide: half of the values small, as those of pictures are.
            codes[i] = 6 * random.Next(i % 2 == 0 ? 40 : 1365) + 1 + random.Next(5);
            binsOf[i] = Math.Min(bins - 1, codes[i] / 6);
            indexes[i] = (ushort)(codes[i] + 2 * binsOf[i]);
        }
        foreach ((int width, int height) in ((int, int)[])[(57, 57), (64, 64), (8, 57), (1, 1), (3, 64), (9, 10), (15, 8), (56, 33), (60, 16), (62, 9)])
            foreach (bool fresh in (bool[])[true, false])
                foreach (int leaving in (int[])[0, 5])
                {
                    var tile = new PositionTile(random.Next(20), width, height, random.Next(8), random.Next(8));
                    var left = leaving == 0 ? default : new PositionTile(random.Next(20), leaving, height, random.Next(8), random.Next(8));
                    Same(tile, left, fresh);
                }

        void Same(PositionTile tile, PositionTile left, bool fresh)
        {
            var counts = new AlignedFloats(64L * shape.CountRow + 16);
            var sums = new AlignedFloats(64L * shape.SumRow + 16);
            int[] expectedCounts = new int[64 * bins], expectedSums = new int[64 * periods];
            var allCounts = new Span<int>(counts.Pointer, 64 * shape.CountRow);
            var allSums = new Span<int>(sums.Pointer, 64 * shape.SumRow);
            // A rectangle with positions of every phase is fresh whatever lies there.
            int before = fresh && tile.Width < 8 ? 0 : 7;
            allCounts.Fill(before);
            allSums.Fill(before);
            if (!fresh)
            {
                expectedCounts.AsSpan().Fill(before);
                expectedSums.AsSpan().Fill(before);
            }
            else if (tile.Width < 8 || tile.Height < 8)
            {
                allCounts.Clear();
                allSums.Clear();
            }
            Enter(tile, 1);
            Enter(left, -1);
            fixed (ushort* from = indexes)
                ops.Tally(tile, left, fresh, from, Pitch, tables, shape, (int*)counts.Pointer, (int*)sums.Pointer);
            for (int p = 0; p < 64; p++)
            {
                Assert.Equal(expectedCounts.AsSpan(p * bins, bins), allCounts.Slice(p * shape.CountRow, bins));
                Assert.Equal(expectedSums.AsSpan(p * periods, periods), allSums.Slice(p * shape.SumRow, periods));
            }

            void Enter(PositionTile t, int sign)
            {
                for (int y = 0; y < t.Height && t.Width > 0; y++)
                    for (int x = 0; x < t.Width; x++)
                    {
                        int at = t.At + y * Pitch + x, phase = 8 * (t.PhaseY + y & 7) + (t.PhaseX + x & 7);
                        expectedCounts[phase * bins + binsOf[at]] += sign;
                        for (int q = 1; q <= periods; q++)
                            expectedSums[phase * periods + q - 1] += sign * PhaseTables.Cosine(codes[at], q);
                    }
            }
        }
    }
}
