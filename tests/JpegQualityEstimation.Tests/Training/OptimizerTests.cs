using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed class OptimizerTests
{
    static readonly AdamOptimizer.Settings Settings = new(0.01, 0.9, 0.99, 1e-8, 0.1);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(64)]
    public void Every_length_gives_what_single_elements_give(int length)
    {
        var random = new Random(length);
        float[] parameters = Values(), gradient = Values(), first = Values(), second = [.. Values().Select(MathF.Abs)];
        float[] p1 = (float[])parameters.Clone(), m1 = (float[])first.Clone(), v1 = (float[])second.Clone();
        AdamOptimizer.Update(parameters, gradient, first, second, 3, Settings);
        for (int i = 0; i < length; i++)
            AdamOptimizer.Update(p1.AsSpan(i, 1), gradient.AsSpan(i, 1), m1.AsSpan(i, 1), v1.AsSpan(i, 1), 3, Settings);
        Assert.Equal(p1, parameters);
        Assert.Equal(m1, first);
        Assert.Equal(v1, second);

        float[] Values() => [.. Enumerable.Range(0, length).Select(_ => (float)(2 * random.NextDouble() - 1))];
    }

    [Fact]
    public void The_first_step_is_the_learning_rate_whatever_the_gradient()
    {
        float[] p = [1, 1, 1], g = [1e-3f, -5, 1000], m = new float[3], v = new float[3];
        AdamOptimizer.Update(p, g, m, v, 1, Settings with { WeightDecay = 0 });
        Assert.Equal([0.99f, 1.01f, 0.99f], p.Select(value => MathF.Round(value, 4)));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(10, 5)]
    [InlineData(5, 5)]
    [InlineData(1, 1)]
    public void Clipping_shortens_long_gradients_only(double limit, double expectedNorm)
    {
        float[] gradient = [3, 0, -4];
        Assert.Equal(5, AdamOptimizer.Clip(gradient, limit), 12);
        Assert.Equal(expectedNorm, Math.Sqrt(gradient.Sum(g => (double)g * g)), 6);
        Assert.Equal(-0.75, gradient[0] / gradient[2], 6);
    }

    // Squares of floats are exact in double, and these small integers' sums too.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(100)]
    public void A_sum_of_squares_takes_every_value_once(int length)
    {
        float[] values = [.. Enumerable.Range(1, length).Select(i => i % 2 == 0 ? i : -(float)i)];
        Assert.Equal(values.Sum(v => (double)v * v), SquareSum.Of(values));
    }

    [Fact]
    public void The_average_is_the_exponential_one()
    {
        float[] average = [0, 10];
        AdamOptimizer.Average(average, [1, 0], 0.75);
        Assert.Equal([0.25f, 7.5f], average);
        AdamOptimizer.Average(average, [1, 0], 0);
        Assert.Equal([1f, 0f], average);
    }

    [Fact]
    public void A_quadratic_is_descended()
    {
        float[] p = [5, -3], m = new float[2], v = new float[2], g = new float[2];
        for (int step = 1; step <= 2000; step++)
        {
            (g[0], g[1]) = (2 * (p[0] - 1), 20 * (p[1] - 2));
            AdamOptimizer.Update(p, g, m, v, step, new AdamOptimizer.Settings(0.02, 0.9, 0.999, 1e-8, 0));
        }
        Assert.Equal(1, p[0], 2);
        Assert.Equal(2, p[1], 2);
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(4, 0.5)]
    [InlineData(9, 1)]
    [InlineData(10, 1)]
    [InlineData(60, 0.55)]
    [InlineData(110, 0.1)]
    [InlineData(500, 0.1)]
    public void The_cosine_schedule_warms_up_and_falls_to_its_floor(long step, double expected)
    {
        QualityRecipe recipe = TrainingScene.Recipe("""{"learningRate":1,"schedule":"cosine","steps":110,"warmUpSteps":10,"floor":0.1}""");
        Assert.Equal(expected, LearningRate.At(recipe, step), 9);
    }

    [Fact]
    public void The_constant_schedule_is_constant()
    {
        QualityRecipe recipe = TrainingScene.Recipe("""{"learningRate":0.5}""");
        Assert.All(new long[] { 0, 1, 1000, 423_999 }, step => Assert.Equal(0.5, LearningRate.At(recipe, step)));
    }
}
