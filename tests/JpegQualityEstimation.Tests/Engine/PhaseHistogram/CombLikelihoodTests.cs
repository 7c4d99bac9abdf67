using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.PhaseHistogram;

public sealed class CombLikelihoodTests
{
    [Theory]
    [InlineData(60, 90, 3, 5)]
    [InlineData(70, 95, 1, 0)]
    [InlineData(75, 92, 0, 7)]
    public void FindsTableAndPhaseOfATexture(int first, int second, int shiftX, int shiftY)
    {
        var picture = new ImageBuffer(96, 96, PixelFormat.Gray8);
        var random = new Random(first);
        for (int y = 0; y < 96; y++)
            for (int x = 0; x < 96; x++)
                picture.Pixels[y * 96 + x] = (byte)(128 + 50 * Math.Sin(0.21 * x) * Math.Cos(0.13 * y) + random.Next(-30, 31));
        ImageBuffer once = JpegRoundTrip.Apply(picture.View, JpegCompression.FromQuality(first));
        ImageBuffer twice = JpegRoundTrip.Apply(once.View.Crop(shiftX, shiftY, 80, 80), JpegCompression.FromQuality(second));
        var luma = new float[64 * 64];
        LumaRows.Convert(twice.View.Crop(9, 2, 64, 64), luma, 64);

        QuantTable[] candidates = [.. Enumerable.Range(50, 51).Select(QuantTable.StandardLuminance)];
        var likelihood = new CombLikelihood(candidates, QuantTable.StandardLuminance(second));
        CombEstimate estimate = likelihood.Estimate(luma, 64, 9 & 7, 2);

        Assert.Equal(QuantTable.StandardLuminance(first).ZigZagOrder()[..15], likelihood.Steps(estimate.Table).ToArray());
        Assert.Equal((8 - shiftY & 7) * 8 + (8 - shiftX & 7), estimate.Phase);
        Assert.Equal(1, estimate.TablePosterior.Sum(), 1e-9);
        Assert.All(estimate.Marginals, marginal => Assert.Equal(1, marginal.Sum(), 1e-9));
    }

    [Fact]
    public void FlatWindowAnswersWithoutEvidence()
    {
        var likelihood = new CombLikelihood([QuantTable.StandardLuminance(60), QuantTable.StandardLuminance(90)], QuantTable.StandardLuminance(90), 24);
        var luma = new float[24 * 24];
        luma.AsSpan().Fill(128);
        CombEstimate estimate = likelihood.Estimate(luma, 24);
        Assert.All(estimate.TablePosterior, p => Assert.InRange(p, 0.25, 0.75));
        Assert.Throws<ArgumentException>(() => new CombLikelihood([], QuantTable.StandardLuminance(90)));
    }

    // The shares of a shift are those of an orthonormal transform: they sum to one, so that equal errors stay equal.
    [Fact]
    public void NoiseOfEqualStepsIsUniformRounding()
    {
        var steps = new ushort[64];
        steps.AsSpan().Fill(6);
        var power = new double[64];
        power.AsSpan().Fill(1e9);
        var deviation = new double[64];
        SecondQuantizationNoise.Deviation(new QuantTable(steps), power, deviation);
        Assert.All(deviation, d => Assert.Equal(Math.Sqrt(36 / 12.0 + 2 / 12.0), d, 1e-12));
        power.AsSpan().Clear();
        SecondQuantizationNoise.Deviation(new QuantTable(steps), power, deviation);
        Assert.All(deviation, d => Assert.Equal(Math.Sqrt(2 / 12.0), d, 1e-12));
    }
}
