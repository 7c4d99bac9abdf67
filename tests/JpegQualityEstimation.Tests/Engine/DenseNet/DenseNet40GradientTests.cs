using System.Text.Json;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Networks;
using Xunit;
using Xunit.Abstractions;

namespace JpegQualityEstimation.Tests.Engine.DenseNet;

/// <summary>The training step against PyTorch in double precision (make_densenet_golden.py) and against itself.</summary>
public sealed class DenseNet40GradientTests(ITestOutputHelper log)
{
    // A rounding is 2^-24 of what is summed. An output's at most 9 * 444 roundings add up like a random walk, and so do
    // those of 41 layers (batch norm scales the error with the signal).
    internal static readonly double ForwardTolerance = Math.Sqrt(41 * 9 * 444) / (1 << 24);

    // ReLU passes a gradient or does not: where a value is nearer to 0 than its error the gate may fall the other way.
    // That happens to a share of gates as large as the error, and changes the gradient's norm by the root of the share.
    // The errors are those of F(4x4, 3x3).
    internal static readonly double BackwardTolerance = Math.Sqrt(WinogradFilters.RoundingGrowth * ForwardTolerance);

    [Theory]
    [InlineData(PrimaryInput.Rgb)]
    [InlineData(PrimaryInput.Luma)]
    public void FollowsPyTorch(PrimaryInput input)
    {
        var c = new DenseNet40GoldenCase(input);
        var step = new DenseNet40Gradient(c.Architecture, 2)
        {
            Dropout = DenseNet40GoldenCase.Golden.GetProperty("dropout").GetDouble(),
            Seed = DenseNet40GoldenCase.Golden.GetProperty("seed").GetUInt64(),
        };
        float[] gradient = new float[c.Architecture.Count];
        double[] expected = DenseNet40GoldenCase.Numbers(c.Expected.GetProperty("logits"));
        float[] logits = new float[expected.Length];
        double loss = step.Run(c.Parameters, c.Windows, c.Steps, new BlockCrossEntropy(), DenseNet40GoldenCase.Golden.GetProperty("step").GetInt64(), gradient, logits).Block;

        AssertClose("logits", expected, logits, ForwardTolerance);
        AssertClose("loss", [c.Expected.GetProperty("loss").GetDouble()], [loss], ForwardTolerance);
        var places = DenseNet40Network.Places(c.Architecture).ToDictionary(place => place.Name);
        foreach (JsonElement tensor in c.Expected.GetProperty("gradients").EnumerateArray())
        {
            string name = tensor.GetProperty("name").GetString()!;
            TensorPlace place = places[name];
            float[] got = gradient.AsSpan(place.Offset, place.Length).ToArray();
            double norm = tensor.GetProperty("norm").GetDouble();
            double product = got.Select((g, i) => g * Math.Sin(i + 1.0)).Sum();
            AssertNear(name + " norm", norm, Math.Sqrt(got.Sum(g => (double)g * g)), norm * BackwardTolerance);
            AssertNear(name + " product", tensor.GetProperty("product").GetDouble(), product, norm * BackwardTolerance);
            int[] at = [.. tensor.GetProperty("at").EnumerateArray().Select(i => i.GetInt32())];
            double[] values = DenseNet40GoldenCase.Numbers(tensor.GetProperty("values"));
            for (int i = 0; i < at.Length; i++)
                AssertNear($"{name}[{at[i]}]", values[i], got[at[i]], 4 * norm / Math.Sqrt(got.Length) * BackwardTolerance);
        }
        for (int b = 0; b < 3; b++)
            for (int s = 0; s < 2; s++)
            {
                int offset = s == 0 ? c.Architecture.Mean(b) : c.Architecture.Variance(b);
                double[] running = DenseNet40GoldenCase.Numbers(c.Expected.GetProperty("running")[b][s]);
                AssertClose($"running {b} {s}", running, [.. running.Select((_, i) => c.Parameters[offset + 29 * i])], ForwardTolerance);
            }

        double[] evaluated = DenseNet40GoldenCase.Numbers(c.Expected.GetProperty("evaluated"));
        float[] outputs = new float[evaluated.Length];
        float[] before = (float[])c.Parameters.Clone();
        step.Run(c.Parameters, c.Windows.AsSpan(0, 2 * 64 * 64 * 3), c.Steps.AsSpan(0, 30), new BlockCrossEntropy(), 0, null, outputs);
        AssertClose("evaluated", evaluated, outputs, ForwardTolerance);
        Assert.Equal(before, c.Parameters);
    }

    [Fact]
    public void ThreadsDoNotChangeABit()
    {
        (double loss, float[] gradient, float[] parameters) one = Step(1), three = Step(3);
        Assert.Equal(one.loss, three.loss);
        Assert.Equal(one.gradient, three.gradient);
        Assert.Equal(one.parameters, three.parameters);
    }

    [Fact]
    public void DropoutDependsOnTheStepAlone()
    {
        float[] first = Step(2, 1).Gradient;
        Assert.Equal(first, Step(2, 1).Gradient);
        Assert.NotEqual(first, Step(2, 2).Gradient);
    }

    // As a training step without dropout moves them, whatever is dropped otherwise; nothing else moves.
    [Fact]
    public void StatisticsMoveAsInAStepWithoutDropout()
    {
        var c = new DenseNet40GoldenCase(PrimaryInput.Luma);
        float[] stepped = (float[])c.Parameters.Clone(), moved = (float[])c.Parameters.Clone();
        new DenseNet40Gradient(c.Architecture, 2) { Dropout = 0 }.Run(stepped, c.Windows, c.Steps, new BlockCrossEntropy(), 1, new float[c.Architecture.Count], new float[5 * 226]);
        new DenseNet40Gradient(c.Architecture, 1) { Dropout = 0.2 }.MoveStatistics(moved, c.Windows, DenseNet40Gradient.Momentum);
        Assert.Equal(stepped, moved);
        Assert.NotEqual(c.Parameters, moved);
    }

    // With 1/(k+1) for batch k: no trace, but for its rounding, of what was there before.
    [Fact]
    public void StatisticsOfBatchesAreTheirMean()
    {
        var c = new DenseNet40GoldenCase(PrimaryInput.Luma);
        const int Window = 64 * 64 * 3;
        var gradient = new DenseNet40Gradient(c.Architecture, 2);
        float[] first = (float[])c.Parameters.Clone(), second = (float[])c.Parameters.Clone(), both = (float[])c.Parameters.Clone();
        gradient.MoveStatistics(first, c.Windows.AsSpan(0, 2 * Window), 1);
        gradient.MoveStatistics(second, c.Windows.AsSpan(2 * Window, 3 * Window), 1);
        const float Before = 100;
        both.AsSpan(c.Architecture.TrainableCount).Fill(Before);
        gradient.MoveStatistics(both, c.Windows.AsSpan(0, 2 * Window), 1);
        gradient.MoveStatistics(both, c.Windows.AsSpan(2 * Window, 3 * Window), 0.5);
        for (int i = c.Architecture.TrainableCount; i < c.Architecture.Count; i++)
            AssertNear($"{i}", (first[i] + (double)second[i]) / 2, both[i], (Before + Math.Abs(first[i]) + Math.Abs(second[i])) / (1 << 23));
        Assert.Throws<ArgumentOutOfRangeException>(() => gradient.MoveStatistics(both, c.Windows, 1.5));
    }

    // Without dropout transitions take means first. A rate of 2^-32 drops nothing, but goes the other way.
    [Fact]
    public void MeansFirstAreTheSame()
    {
        var c = new DenseNet40GoldenCase(PrimaryInput.Luma);
        var places = DenseNet40Network.Places(c.Architecture);
        float[][] gradients = [.. new[] { 0, Math.Pow(2, -32) }.Select(rate =>
        {
            float[] gradient = new float[c.Architecture.TrainableCount];
            new DenseNet40Gradient(c.Architecture, 1) { Dropout = rate }.Run((float[])c.Parameters.Clone(), c.Windows, c.Steps, new BlockCrossEntropy(), 1, gradient, new float[5 * 226]);
            return gradient;
        })];
        foreach (TensorPlace place in places.Where(place => place.Offset < c.Architecture.TrainableCount))
        {
            double norm = 0, apart = 0;
            for (int i = place.Offset; i < place.Offset + place.Length; i++)
            {
                norm += (double)gradients[1][i] * gradients[1][i];
                apart += Math.Pow(gradients[0][i] - gradients[1][i], 2);
            }
            Assert.InRange(Math.Sqrt(apart / norm), 0, BackwardTolerance);
        }
    }

    [Fact]
    public void NamesWhatHasTheWrongLength()
    {
        var c = new DenseNet40GoldenCase(PrimaryInput.Luma);
        var step = new DenseNet40Gradient(c.Architecture, 1);
        var loss = new BlockCrossEntropy();
        Assert.Contains("windows", Assert.Throws<ArgumentException>(() => step.Run(c.Parameters, new byte[5], new byte[15], loss, 0, null, new float[226])).Message);
        Assert.Contains("steps", Assert.Throws<ArgumentException>(() => step.Run(c.Parameters, new byte[64 * 64 * 3], new byte[14], loss, 0, null, new float[226])).Message);
        Assert.Contains("parameters", Assert.Throws<ArgumentException>(() => step.Run(new float[5], new byte[64 * 64 * 3], new byte[15], loss, 0, null, new float[226])).Message);
        Assert.Contains("gradient", Assert.Throws<ArgumentException>(() => step.Run(c.Parameters, new byte[64 * 64 * 3], new byte[15], loss, 0, new float[3], new float[226])).Message);
        Assert.Contains("logits", Assert.Throws<ArgumentException>(() => step.Run(c.Parameters, new byte[64 * 64 * 3], new byte[15], loss, 0, null, new float[225])).Message);
    }

    static (double Loss, float[] Gradient, float[] Parameters) Step(int threads, long number = 1)
    {
        var c = new DenseNet40GoldenCase(PrimaryInput.Luma);
        var step = new DenseNet40Gradient(c.Architecture, threads);
        float[] gradient = new float[c.Architecture.TrainableCount];
        double loss = step.Run(c.Parameters, c.Windows, c.Steps, new BlockCrossEntropy(), number, gradient, new float[5 * 226]).Block;
        return (loss, gradient, c.Parameters);
    }

    // Distance as a share of the expected vector's root mean square.
    void AssertClose(string what, double[] expected, IReadOnlyList<float> actual, double tolerance) =>
        AssertClose(what, expected, [.. actual.Select(value => (double)value)], tolerance);

    void AssertClose(string what, double[] expected, double[] actual, double tolerance)
    {
        double scale = Math.Sqrt(expected.Average(value => value * value));
        for (int i = 0; i < expected.Length; i++)
            AssertNear($"{what}[{i}]", expected[i], actual[i], tolerance * scale);
    }

    void AssertNear(string what, double expected, double actual, double tolerance)
    {
        log.WriteLine($"{Math.Abs(actual - expected) / tolerance:0.0000} {what} {expected} {actual}");
        Assert.True(Math.Abs(actual - expected) <= tolerance, $"{what}: {actual}, not {expected} +- {tolerance}");
    }
}
