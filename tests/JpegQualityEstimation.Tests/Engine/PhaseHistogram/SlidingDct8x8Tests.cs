using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.PhaseHistogram;

// The DCT at every position against its definition in double. Frequencies 0 and 4 have a basis of +-1: their codes
// must be EQUAL. The others may differ only where the definition lies on the edge of a code, within the rounding of
// two passes of six roundings on at most 64 * 128.
public sealed unsafe class SlidingDct8x8Tests
{
    const double Rounding = 2 * 6 * 64 * 128 / 16777216.0;

    public static TheoryData<string, int, int> Cases()
    {
        var data = new TheoryData<string, int, int>();
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach ((int width, int coefficients) in ((int, int)[])[(15, 64), (23, 24), (31, 1), (40, 10)])
                data.Add(set.ToString(), width, coefficients);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void CodesEqualTheDefinition(string set, int width, int coefficients)
    {
        const int Height = 17;
        float[] luma = PhaseScene.Samples(width, Height, 3);
        PhaseEvidenceOps ops = PhaseEvidenceOps.For(Enum.Parse<CpuKernelSet>(set));
        var plan = new SlidingDctPlan(coefficients);
        var scale = new CodeScale(1 / 6f, 47);
        int positions = width - 7;
        const int Pitch = 64;
        int plane = (Height - 7) * Pitch;
        var row = new AlignedFloats(Pitch + 32);
        var transforms = new AlignedFloats(Height * 8 * Pitch);
        var indexes = new ushort[coefficients * plane];
        fixed (float* samples = luma)
        fixed (ushort* to = indexes)
        {
            float** rows = stackalloc float*[8];
            for (int y = 0; y < Height; y++)
            {
                ops.Level(samples + y * width, width, row.Pointer);
                ops.Horizontal(row.Pointer, plan, positions, transforms.Pointer + y * 8 * Pitch, Pitch);
                for (int i = 0; i < 8; i++)
                    rows[i] = transforms.Pointer + (y - 7 + i) * 8 * Pitch;
                if (y >= 7)
                    ops.Vertical(rows, Pitch, plan, positions, scale, to + (y - 7) * Pitch, plane);
            }
        }
        for (int k = 0; k < coefficients; k++)
            for (int y = 0; y < Height - 7; y++)
                for (int x = 0; x < positions; x++)
                {
                    double t = Math.Abs(PhaseScene.ScaledDct(luma, width, x, y, k));
                    double slack = ZigZag.ToNatural[k] % 8 % 4 + ZigZag.ToNatural[k] / 8 % 4 == 0 ? 0 : Rounding;
                    Assert.InRange(indexes[k * plane + y * Pitch + x], Index(t - slack), Index(t + slack));
                }

        // What grows with t: no need to tell the code from the bin.
        static double Index(double t) => Math.Floor(t + 0.5) + 2 * Math.Min(47, Math.Floor(Math.Max(0, t) / 6));
    }
}
