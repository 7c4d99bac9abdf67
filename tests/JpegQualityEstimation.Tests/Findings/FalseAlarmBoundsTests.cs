using JpegQualityEstimation.Findings;
using Xunit;

namespace JpegQualityEstimation.Tests.Findings;

public sealed class FalseAlarmBoundsTests
{
    [Theory]
    [InlineData(20, 0.3)]
    [InlineData(57, 0.05)]
    [InlineData(40, 0.625)]
    public void TheBinomialBoundIsAboveTheTail(int trials, double probability)
    {
        Assert.Equal(0, FalseAlarmBounds.Binomial(0, 0, probability));
        double tail = 1, choose = Math.Pow(1 - probability, trials);
        for (int k = 0; k <= trials; k++)
        {
            double bound = FalseAlarmBounds.Binomial(k, trials, probability);
            Assert.True(Math.Pow(10, bound) >= tail - 1e-12, $"{k} of {trials}");
            tail -= choose;
            choose *= (double)(trials - k) / (k + 1) * probability / (1 - probability);
        }
        Assert.Equal(trials * Math.Log10(probability), FalseAlarmBounds.Binomial(trials, trials, probability), 9);
    }

    [Fact]
    public void FishersSumIsExact()
    {
        Assert.Equal(0, FalseAlarmBounds.Fisher(0, 64));
        Assert.Equal(-5 / Math.Log(10), FalseAlarmBounds.Fisher(5, 1), 12);
        Assert.Equal(Math.Log10(Math.Exp(-5) * (1 + 5 + 12.5)), FalseAlarmBounds.Fisher(5, 3), 12);
        // Mean 64, deviation 8: half of the mass is near the mean, and nothing overflows far out.
        Assert.InRange(Math.Pow(10, FalseAlarmBounds.Fisher(64, 64)), 0.45, 0.55);
        Assert.InRange(FalseAlarmBounds.Fisher(1e6, 64), -434294.5, -433900);
    }
}
