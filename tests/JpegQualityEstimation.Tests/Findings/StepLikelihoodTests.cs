using JpegQualityEstimation.Findings;
using Xunit;

namespace JpegQualityEstimation.Tests.Findings;

public sealed class StepLikelihoodTests
{
    const int Values = 3000;

    // Geometric multiples of a step, quantized again where there is another, each time with the noise of 64 roundings.
    static StepLikelihood Coefficient(int first, int last, double spread, double parts = 0)
    {
        var random = new Random(1000 * first + last);
        var histogram = new int[8193];
        for (int n = 0; n < Values; n++)
        {
            double value = -Math.Log(1 - random.NextDouble()) * spread;
            bool isElsewhere = n < parts * Values;
            double x = isElsewhere ? value : Math.Round(value / first) * first * (random.Next(2) == 0 ? 1 : -1);
            if (last > 0 && !isElsewhere)
                x = last * Math.Round((x + Noise()) / last, MidpointRounding.AwayFromZero);
            histogram[Math.Min(8192, (int)(8 * Math.Abs(x + Noise()) + 0.5))]++;
        }
        return new StepLikelihood(histogram);

        double Noise()
        {
            double sum = 0;
            for (int i = 0; i < 12; i++)
                sum += random.NextDouble() - 0.5;
            return sum * Math.Sqrt(1 / 12.0);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(17)]
    [InlineData(40)]
    public void TheStepExplainsMost(int step)
    {
        StepLikelihood coefficient = Coefficient(step, 0, 1.5 * step + 4);
        Assert.Equal(step, Enumerable.Range(1, 64).MaxBy(coefficient.After));
        for (int last = 1; last < step; last++)
            Assert.True(coefficient.After(step, last) <= coefficient.After(step) + 1e-6 * Values, $"{last}");
    }

    [Theory]
    [InlineData(6, 1)]
    [InlineData(11, 2)]
    [InlineData(13, 8)]
    [InlineData(26, 5)]
    [InlineData(20, 3)]
    public void OfTwoStepsBothExplainMost(int first, int last)
    {
        StepLikelihood coefficient = Coefficient(first, last, 4 * first);
        (int First, int Last) best = Enumerable.Range(1, 40).SelectMany(a => Enumerable.Range(1, a).Select(b => (a, b))).MaxBy(pair => coefficient.After(pair.a, pair.b));
        Assert.Equal((first, last), best);
        Assert.True(coefficient.After(first, last) > Enumerable.Range(1, 64).Max(coefficient.After));
    }

    // Without them, a second step of 1 explains what lies between the multiples.
    [Theory]
    [InlineData(3, 0.05)]
    [InlineData(3, 0.3)]
    [InlineData(7, 0.1)]
    [InlineData(20, 0.2)]
    public void PartsOfAnotherHistoryAreNotASecondStep(int step, double parts)
    {
        StepLikelihood coefficient = Coefficient(step, 0, 3 * step, parts);
        double likeliest = coefficient.AfterWithParts(step);
        Assert.Equal(step, Enumerable.Range(1, 64).MaxBy(coefficient.AfterWithParts));
        Assert.True(likeliest > coefficient.After(step));
        for (int last = 1; last < step; last++)
            Assert.True(coefficient.AfterWithParts(step, last) <= likeliest + 1e-6 * Values, $"{last}");
    }

    [Theory]
    [InlineData(6, 1)]
    [InlineData(11, 2)]
    [InlineData(13, 8)]
    [InlineData(26, 5)]
    public void BesidePartsOfAnotherHistoryTwoStepsExplainMost(int first, int last)
    {
        StepLikelihood coefficient = Coefficient(first, last, 4 * first, 0.1);
        double likeliest = coefficient.AfterWithParts(first, last);
        Assert.True(likeliest > coefficient.After(first, last));
        Assert.True(likeliest > Enumerable.Range(1, 64).Max(coefficient.AfterWithParts));
    }

    [Fact]
    public void AStepThatMovesNothingExplainsAsTheFirstAlone()
    {
        for (int last = 3; last <= 12; last++)
        {
            StepLikelihood coefficient = Coefficient(4 * last, 0, 6 * last);
            // Densities are floats.
            Assert.Equal(coefficient.After(4 * last), coefficient.After(4 * last, last), 1e-6 * Values);
            Assert.Equal(coefficient.AfterWithParts(4 * last), coefficient.AfterWithParts(4 * last, last), 1e-6 * Values);
        }
    }

    [Fact]
    public void SharesOfAMultipleAreAllOfIt()
    {
        foreach ((int first, int last) in new[] { (2, 1), (3, 2), (6, 1), (7, 2), (26, 5), (99, 64), (255, 254) })
        {
            double[] shares = [.. StepShares.Of(first, last).Logarithms.ToArray().Select(x => Math.Exp(x))];
            int multiples = Enumerable.Range(0, shares.Length).Count(j => j * last > first / 2.0 && j * last < 100);
            double sum = shares[0] + 2 * Enumerable.Range(1, shares.Length - 1).Where(j => j * last < 1.5 * first).Sum(j => shares[j]);
            // Of -1, 0 and 1; what the noise carries over the bounds is a share of the next.
            Assert.InRange(sum, 3 - 2 * StepShares.Moved - 1e-6, 3 + 2 * StepShares.Moved + 1e-6);
            Assert.True(multiples > 0 || last > 64);
        }
    }

    [Fact]
    public void AnEmptyHistogramSaysNothing()
    {
        var nothing = new StepLikelihood(new int[8193]);
        Assert.Equal((0, 0, 0), (nothing.After(5), nothing.After(9, 4), nothing.After(9, 1)));
        Assert.Equal((0, 0, 0), (nothing.AfterWithParts(5), nothing.AfterWithParts(9, 4), nothing.AfterWithParts(9, 1)));
    }
}
