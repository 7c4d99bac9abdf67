using JpegQualityEstimation.Findings;
using Xunit;

namespace JpegQualityEstimation.Tests.Findings;

public sealed class CombTestTests
{
    const int Codes = 8193;

    // Multiples of a step with geometric magnitudes and the noise of 64 roundings, as many values as a small picture has.
    static int[] Histogram(int step, int values, double spread, double noise, int seed)
    {
        var random = new Random(seed);
        var histogram = new int[Codes];
        for (int n = 0; n < values; n++)
        {
            int multiple = (int)Math.Round(-Math.Log(1 - random.NextDouble()) * spread / step) * step;
            double error = 0;
            for (int i = 0; i < 12; i++)
                error += random.NextDouble() - 0.5;
            int code = (int)(8 * Math.Abs(multiple + noise * error) + 0.5);
            if (code < Codes)
                histogram[code]++;
        }
        return histogram;
    }

    [Fact]
    public void EveryStepIsReadAndNeitherItsDivisorsNorItsMultiples()
    {
        var test = new CombTest(255, Codes);
        double noise = Math.Sqrt(1 / 12.0);
        for (int step = 1; step <= 255; step += step < 32 ? 1 : 13)
            Assert.Equal(step, test.Judge(Histogram(step, 2000, 1.5 * step + 4, noise, step)).Step);
    }

    [Theory]
    [InlineData(0.45)]
    [InlineData(0.7)]
    public void WiderCombsAreOfAnEarlierCompression(double noise)
    {
        var test = new CombTest(255, Codes);
        foreach (int step in new[] { 4, 7, 10, 20, 50 })
        {
            (int best, double tail, double any) = test.Judge(Histogram(step, 4000, 2 * step, noise, step));
            Assert.NotEqual(step, best);
            Assert.True(any < tail && any < -20);
        }
    }

    [Fact]
    public void ValuesWithoutACombAndNoValuesHaveNoStep()
    {
        var test = new CombTest(255, Codes);
        Assert.Equal((0, 0, 0), test.Judge(new int[Codes]));
        var random = new Random(1);
        var histogram = new int[Codes];
        for (int n = 0; n < 20000; n++)
            histogram[(int)(8 * -Math.Log(1 - random.NextDouble()) * 12)]++;
        Assert.True(test.Judge(histogram).AnyTail > -5);
    }

    // A value of every tenth after a step of 1: the neighbours say so.
    [Fact]
    public void AStepOfOneAfterAnAlignedCompressionIsSeen()
    {
        var random = new Random(3);
        var histogram = new int[Codes];
        for (int n = 0; n < 3000; n++)
        {
            int multiple = (int)Math.Round(-Math.Log(1 - random.NextDouble()) * 2) * 10;
            double value = Math.Round(multiple + Noise()) + Noise();
            histogram[(int)(8 * Math.Abs(value) + 0.5)]++;
        }
        Assert.Equal(1, new CombTest(255, Codes).Judge(histogram).Step);

        double Noise()
        {
            double error = 0;
            for (int i = 0; i < 12; i++)
                error += random.NextDouble() - 0.5;
            return error * Math.Sqrt(1 / 12.0);
        }
    }
}
