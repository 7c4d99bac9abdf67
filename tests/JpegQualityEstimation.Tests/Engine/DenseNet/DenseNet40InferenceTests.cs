using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.DenseNet;

/// <summary>Inference against the training step's evaluation, which is held to PyTorch.</summary>
public sealed class DenseNet40InferenceTests
{
    [Theory]
    [InlineData(PrimaryInput.Rgb)]
    [InlineData(PrimaryInput.Luma)]
    public void EqualsEvaluationToRounding(PrimaryInput input)
    {
        var c = new DenseNet40GoldenCase(input);
        new DenseNet40Gradient(c.Architecture, 1).Run(c.Parameters, c.Windows, c.Steps, new BlockCrossEntropy(), 0, new float[c.Architecture.TrainableCount], new float[5 * 226]);
        float[] expected = new float[5 * 226];
        new DenseNet40Gradient(c.Architecture, 2).Run(c.Parameters, c.Windows, c.Steps, new BlockCrossEntropy(), 0, null, expected);
        float[] actual = Run(c, 2, CpuKernelSets.Chosen, 5);
        double tolerance = Rounding(expected);
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i], expected[i] - tolerance, expected[i] + tolerance);
    }

    // Five windows: three side by side and two by all threads together; two side by side and one; one after the other.
    [Fact]
    public void NeitherThreadsNorTheBatchChangeABit()
    {
        var c = new DenseNet40GoldenCase(PrimaryInput.Luma);
        float[] all = Run(c, 3, CpuKernelSets.Chosen, 5);
        Assert.Equal(all, Run(c, 1, CpuKernelSets.Chosen, 5));
        Assert.Equal(all, Run(c, 2, CpuKernelSets.Chosen, 5));
        Assert.Equal(all[..226], Run(c, 1, CpuKernelSets.Chosen, 1));
        Assert.Equal(all[..226], Run(c, 7, CpuKernelSets.Chosen, 1));
    }

    [Fact]
    public void CallsFromSeveralThreadsDoNotMeet()
    {
        var c = new DenseNet40GoldenCase(PrimaryInput.Luma);
        var network = new DenseNet40Network(c.Architecture, c.Parameters, "golden", new Dictionary<string, string>());
        var inference = new DenseNet40Inference(network, 2);
        float[] expected = Run(c, 1, CpuKernelSets.Chosen, 5);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            float[] actual = new float[226];
            inference.Run(c.Windows.AsSpan(i % 5 * 64 * 64 * 3, 64 * 64 * 3), 1, actual);
            Assert.Equal(expected[(i % 5 * 226)..(i % 5 * 226 + 226)], actual);
        });
    }

    [Fact]
    public void AllWidthsAgreeToTheRoundingOfTheAverage()
    {
        var c = new DenseNet40GoldenCase(PrimaryInput.Luma);
        float[] widest = Run(c, 2, CpuKernelSets.Available[0], 1);
        foreach (CpuKernelSet set in CpuKernelSets.Available)
        {
            float[] other = Run(c, 2, set, 1);
            // Only the global average and the linear layer add in another order: 256 and 456 terms.
            for (int i = 0; i < widest.Length; i++)
                Assert.InRange(other[i] - widest[i], -712.0 / (1 << 24), 712.0 / (1 << 24));
        }
    }

    [Fact]
    public void NamesWhatHasTheWrongLength()
    {
        var c = new DenseNet40GoldenCase(PrimaryInput.Luma);
        var inference = new DenseNet40Inference(DenseNet40Network.CreateInitialized(1, PrimaryInput.Luma), 1);
        Assert.Contains("windows", Assert.Throws<ArgumentException>(() => inference.Run(new byte[5], 1, new float[226])).Message);
        Assert.Contains("outputs", Assert.Throws<ArgumentException>(() => inference.Run(new byte[64 * 64 * 3], 1, new float[225])).Message);
        inference.Run([], 0, []);
    }

    // Two ways that each round in 41 layers of at most 9 * 444 terms.
    internal static double Rounding(float[] outputs) =>
        2 * Math.Sqrt(41 * 9 * 444) / (1 << 24) * Math.Sqrt(outputs.Average(value => (double)value * value));

    static float[] Run(DenseNet40GoldenCase c, int threads, CpuKernelSet set, int windows)
    {
        var network = new DenseNet40Network(c.Architecture, c.Parameters, "golden", new Dictionary<string, string>());
        float[] outputs = new float[windows * 226];
        new DenseNet40Inference(network, threads, set).Run(c.Windows.AsSpan(0, windows * 64 * 64 * 3), windows, outputs);
        return outputs;
    }
}
