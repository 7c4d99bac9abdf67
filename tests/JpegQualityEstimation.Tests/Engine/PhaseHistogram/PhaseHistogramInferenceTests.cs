using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.PhaseHistogram;

public sealed class PhaseHistogramInferenceTests
{
    public static TheoryData<string> Sets => [.. CpuKernelSets.Available.Select(set => set.ToString())];

    [Theory]
    [MemberData(nameof(Sets))]
    public void IsTheTrainingForwardToTheBit(string set)
    {
        PhaseHistogramCase batch = Case(PhaseHistogramCase.Tiny, 11);
        float[] logits = new float[batch.Count * PrimaryBlocks.Outputs], alpha = new float[batch.Count * 64];
        batch.Run(batch.Step(), 0, null, logits, alpha);
        (float[] inferred, float[] phase) = Infer(batch, 0, batch.Count, Enum.Parse<CpuKernelSet>(set));
        Assert.Equal(logits, inferred);
        Assert.Equal(alpha, phase);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NeighboursChangeNoBit(bool second)
    {
        PhaseHistogramCase batch = Case(PhaseHistogramCase.Tiny with { SecondTable = second, Coefficients = 15 }, 10);
        (float[] all, float[] phases) = Infer(batch, 0, batch.Count);
        for (int n = 0; n < batch.Count; n++)
        {
            (float[] logits, float[] phase) = Infer(batch, n, 1);
            Assert.Equal(all.AsSpan(n * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs).ToArray(), logits);
            Assert.Equal(phases.AsSpan(n * 64, 64).ToArray(), phase);
        }
    }

    [Fact]
    public void PixelsAreWhatTheirEvidenceSays()
    {
        var options = new PhaseHistogramOptions { Coefficients = 15, Bins = 16, Periods = 8, Hidden = 16, PhaseWidth = 16, PooledWidth = 16, CoefficientWidth = 16, Trunk = 16 };
        PhaseHistogramNetwork network = PhaseHistogramNetwork.CreateInitialized(1, options);
        const int Count = 3;
        byte[] windows = new byte[Count * 64 * 64 * 3];
        new Random(2).NextBytes(windows);
        byte[] steps = new byte[Count * 15];
        Array.Fill(steps, (byte)1);
        byte[] phases = [0, 63, PhaseHistogramGradient.UnknownPhase];
        float[] gradient = new float[network.Parameters.Length], again = new float[gradient.Length];
        var step = new PhaseHistogramGradient(options, 2);
        PhaseHistogramLoss loss = step.Run(network.Parameters, windows, steps, [], phases, new CrossEntropyLoss(), 0.3f, gradient);

        var front = new PhaseEvidence(options.Evidence);
        float[] evidence = new float[Count * options.Evidence.EvidenceLength], overall = new float[Count * options.Evidence.OverallLength], luma = new float[64 * 64];
        for (int n = 0; n < Count; n++)
        {
            for (int i = 0; i < luma.Length; i++)
                luma[i] = (299 * windows[(n * 4096 + i) * 3] + 587 * windows[(n * 4096 + i) * 3 + 1] + 114 * windows[(n * 4096 + i) * 3 + 2]) / 1000f;
            front.Compute(luma, 64, evidence.AsSpan(n * options.Evidence.EvidenceLength, options.Evidence.EvidenceLength),
                overall.AsSpan(n * options.Evidence.OverallLength, options.Evidence.OverallLength));
        }
        Assert.Equal(loss, step.RunEvidence(network.Parameters, evidence, overall, steps, [], phases, new CrossEntropyLoss(), 0.3f, again));
        Assert.Equal(gradient, again);
    }

    [Theory]
    [InlineData("evidence")]
    [InlineData("overall")]
    [InlineData("second")]
    [InlineData("logits")]
    [InlineData("phase")]
    public void WrongLengthsAreRefusedByName(string which)
    {
        PhaseHistogramCase batch = Case(PhaseHistogramCase.Tiny, 2);
        int More(string name) => name == which ? 1 : 0;
        var inference = new PhaseHistogramInference(Network(batch));
        var error = Assert.Throws<ArgumentException>(() => inference.Run(
            new float[batch.Evidence.Length + More("evidence")], new float[batch.Overall.Length + More("overall")],
            new ushort[batch.Options.Coefficients - More("second")], 2,
            new float[2 * PrimaryBlocks.Outputs + More("logits")], new float[2 * 64 + More("phase")]));
        Assert.Equal(which, error.ParamName);
    }

    static PhaseHistogramCase Case(PhaseHistogramOptions options, int count)
    {
        var batch = new PhaseHistogramCase(options, count, 4);
        for (int n = 1; n < count; n++)
            batch.Second.AsSpan(0, 64).CopyTo(batch.Second.AsSpan(64 * n));
        return batch;
    }

    static PhaseHistogramNetwork Network(PhaseHistogramCase batch) =>
        new(batch.Options, batch.Parameters, "test", new Dictionary<string, string>());

    static (float[] Logits, float[] Phase) Infer(PhaseHistogramCase batch, int first, int count, CpuKernelSet? set = null)
    {
        int size = batch.Options.Coefficients * batch.Options.Features;
        float[] logits = new float[count * PrimaryBlocks.Outputs], phase = new float[count * 64];
        var inference = new PhaseHistogramInference(Network(batch), set);
        inference.Run(batch.Evidence.AsSpan(first * size * 64, count * size * 64), batch.Overall.AsSpan(first * size, count * size),
            batch.Second.AsSpan(0, 64), count, logits, phase);
        return (logits, phase);
    }
}
