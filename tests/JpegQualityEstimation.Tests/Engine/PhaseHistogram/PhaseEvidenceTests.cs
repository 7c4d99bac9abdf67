using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.PhaseHistogram;

// Windows against features made from the definition of the DCT; equality of all vector widths; what a comb looks like.
public sealed class PhaseEvidenceTests
{
    static readonly (int Width, int Height, PhaseEvidenceOptions Options)[] Shapes =
    [
        (64, 64, new()),
        (15, 15, new() { Coefficients = 1, Bins = 1, Periods = 0 }),
        (15, 16, new() { Coefficients = 6, Bins = 3, Periods = 2, BinWidth = 5 }),
        (33, 24, new() { Coefficients = 64, Bins = 17, Periods = 33, BinWidth = 0.3f }),
        (24, 71, new() { Coefficients = 10, Bins = 256, Periods = 128, BinWidth = 2 }),
        (150, 136, new() { Coefficients = 3, Bins = 65, Periods = 0 }),
    ];

    public static TheoryData<int> ShapeIndexes() => [.. Enumerable.Range(0, Shapes.Length)];

    [Theory]
    [MemberData(nameof(ShapeIndexes))]
    public void EveryVectorWidthGivesTheSameBits(int index)
    {
        (int width, int height, PhaseEvidenceOptions options) = Shapes[index];
        float[] luma = PhaseScene.Samples(width, height, index);
        (float[] evidence, float[] overall) first = PhaseScene.Outputs(options);
        new PhaseEvidence(options, width, height, CpuKernelSet.Scalar).Compute(luma, width, first.evidence, first.overall, 3, 5);
        foreach (CpuKernelSet set in CpuKernelSets.Available)
        {
            (float[] evidence, float[] overall) = PhaseScene.Outputs(options);
            var window = new PhaseEvidence(options, width, height, set);
            window.Compute(luma, width, evidence, overall, 3, 5);
            window.Compute(luma, width, evidence, overall, 3, 5);
            Assert.Equal(first.evidence, evidence);
            Assert.Equal(first.overall, overall);
        }
    }

    // Bins of DC only (no rounding at their edges) and comb responses of all coefficients: one code more or less, where
    // the definition lies on an edge, moves a cosine by 2 pi / 8q and its fixed-point value by one more.
    [Theory]
    [InlineData(64, 64, 0, 0)]
    [InlineData(31, 18, 3, 6)]
    [InlineData(80, 90, 7, 1)]
    public void FeaturesEqualTheDefinition(int width, int height, int gridX, int gridY)
    {
        var options = new PhaseEvidenceOptions { Coefficients = 5, Bins = 40, Periods = 9, BinWidth = 4.5f };
        float[] luma = PhaseScene.Samples(width, height, 8);
        (float[] evidence, float[] overall) = PhaseScene.Outputs(options);
        new PhaseEvidence(options, width, height).Compute(luma, width, evidence, overall, gridX, gridY);
        for (int k = 0; k < options.Coefficients; k++)
        {
            double[,] shares = new double[65, options.Features];
            var blocks = new int[65];
            for (int y = 0; y < height - 7; y++)
                for (int x = 0; x < width - 7; x++)
                {
                    double t = Math.Abs(PhaseScene.ScaledDct(luma, width, x, y, k));
                    double code = Math.Floor(t + 0.5) / 8;
                    foreach (int p in (int[])[(y + gridY) % 8 * 8 + (x + gridX) % 8, 64])
                    {
                        blocks[p]++;
                        shares[p, Math.Min(options.Bins - 1, (int)(t / 8 / options.BinWidth))]++;
                        for (int q = 1; q <= options.Periods; q++)
                            shares[p, options.Bins + q - 1] += Math.Cos(2 * Math.PI * code / q);
                    }
                }
            for (int p = 0; p < 65; p++)
                for (int f = k == 0 ? 0 : options.Bins; f < options.Features; f++)
                {
                    bool bin = f < options.Bins;
                    double all = Value(64, f, bin);
                    double expected = p == 64 ? all : 4 * (Value(p, f, bin) - all);
                    float actual = p == 64 ? overall[k * options.Features + f] : evidence[(k * 64 + p) * options.Features + f];
                    double edge = k == 0 ? 0 : 2 * Math.PI / 8 / (f - options.Bins + 1) / Math.Min(blocks[p], blocks[64]);
                    Assert.Equal(expected, actual, 8 * (bin ? 1e-6 : edge + 0.5 / PhaseTables.CombScale));
                }

            double Value(int p, int f, bool bin) => bin ? Math.Sqrt(shares[p, f] / blocks[p]) : shares[p, f] / blocks[p];
        }
    }

    [Fact]
    public void CombStandsOutAtItsPhaseAndStep()
    {
        const int Step = 6, GridX = 3, GridY = 5;
        var options = new PhaseEvidenceOptions { Coefficients = 15, Periods = 16 };
        float[] luma = PhaseScene.Samples(64, 64, 2);
        for (int y = GridY; y <= 56; y += 8)
            for (int x = GridX; x <= 56; x += 8)
                Quantize(luma, x, y, Step);
        (float[] evidence, float[] overall) = PhaseScene.Outputs(options);
        new PhaseEvidence(options).Compute(luma, 64, evidence, overall);
        int f = options.Bins + Step - 1;
        for (int k = 0; k < options.Coefficients; k++)
        {
            float[] responses = [.. Enumerable.Range(0, 64).Select(p => evidence[(k * 64 + p) * options.Features + f] / 4 + overall[k * options.Features + f])];
            Assert.Equal(1, responses[GridY * 8 + GridX], 1e-5);
            Assert.Equal(GridY * 8 + GridX, Array.IndexOf(responses, responses.Max()));
        }
    }

    [Fact]
    public void OptionsAreChecked()
    {
        foreach (PhaseEvidenceOptions options in (PhaseEvidenceOptions[])
        [
            new() { Coefficients = 0 }, new() { Coefficients = 65 }, new() { Bins = 0 }, new() { Bins = 257 },
            new() { Periods = -1 }, new() { Periods = 129 }, new() { BinWidth = 0 }, new() { BinWidth = float.NaN },
        ])
            Assert.Throws<ArgumentOutOfRangeException>(() => new PhaseEvidence(options));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PhaseEvidence(new(), 14, 64));
    }

    [Fact]
    public void SamplesThatAreNoNumbersStayInsideTheTables()
    {
        var options = new PhaseEvidenceOptions { Coefficients = 64 };
        foreach (float sample in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e30f, -1e30f])
            foreach (CpuKernelSet set in CpuKernelSets.Available)
            {
                float[] luma = PhaseScene.Samples(24, 24, 2);
                luma[200] = sample;
                (float[] evidence, float[] overall) = PhaseScene.Outputs(options);
                new PhaseEvidence(options, 24, 24, set).Compute(luma, 24, evidence, overall);
                Assert.All(evidence, e => Assert.InRange(e, -8, 8));
            }
    }

    static void Quantize(float[] luma, int x, int y, int step)
    {
        double[] t = [.. Enumerable.Range(0, 64).Select(k => step * Math.Round(PhaseScene.ScaledDct(luma, 64, x, y, k) / 8 / step))];
        for (int i = 0; i < 8; i++)
            for (int j = 0; j < 8; j++)
            {
                double sum = 0;
                for (int k = 0; k < 64; k++)
                {
                    int natural = JpegQualityEstimation.Jpeg.ZigZag.ToNatural[k];
                    sum += t[k] * PhaseScene.Basis(natural / 8, i) * PhaseScene.Basis(natural % 8, j) / 8;
                }
                luma[(y + i) * 64 + x + j] = (float)(128 + sum);
            }
    }
}
