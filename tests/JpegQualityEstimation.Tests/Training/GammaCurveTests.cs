using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed class GammaCurveTests
{
    [Theory]
    [InlineData(0.5f)]
    [InlineData(0.7f)]
    [InlineData(1f)]
    [InlineData(1.4f)]
    [InlineData(2.2f)]
    public void PowersAreRightToOneRounding(float gamma)
    {
        for (int i = 0; i <= 4096; i++)
        {
            float x = i / 4096f, power = GammaCurve.Power(x, gamma);
            double exact = Math.Pow(x, gamma);
            // Half a unit of the last place, and what the series in double adds.
            Assert.True(Math.Abs(power - exact) <= exact * (Math.Pow(2, -24) + Math.Pow(2, -48)), $"{x} ^ {gamma}: {power}, not {exact}");
        }
    }

    [Fact]
    public void BothEndsStay()
    {
        Assert.Equal(0, GammaCurve.Power(0, 0.7f));
        Assert.Equal(1, GammaCurve.Power(1, 0.7f));
        Assert.Equal(0, GammaCurve.Power(float.Epsilon, 20));
    }

    [Fact]
    public void SkippedNumbersAreThoseDrawn()
    {
        var drawn = new CounterRandom(1, 2, 3);
        var skipped = drawn;
        for (int i = 0; i < 1000; i++)
            drawn.NextNormal();
        skipped.Skip(1000);
        Assert.Equal(drawn.NextUInt64(), CounterRandom.At(skipped.State).NextUInt64());
    }
}
