using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Tests.Engine.PhaseHistogram;

/// <summary>A batch of random evidence, targets and parameters, no bias zero.</summary>
sealed class PhaseHistogramCase
{
    public static readonly PhaseHistogramOptions Tiny = new()
    {
        Coefficients = 16, Bins = 8, Periods = 3, Hidden = 16, PhaseWidth = 32, PooledWidth = 16, Heads = 2, CoefficientWidth = 16, Trunk = 32, SecondTable = true,
    };

    public PhaseHistogramCase(PhaseHistogramOptions options, int count, int seed)
    {
        Options = options;
        Count = count;
        var random = new Random(seed);
        Parameters = (float[])PhaseHistogramNetwork.CreateInitialized((ulong)seed, options).Parameters.Clone();
        foreach (ref float parameter in Parameters.AsSpan())
            parameter += (random.NextSingle() - 0.5f) * 0.1f;
        int size = options.Coefficients * options.Features;
        Evidence = Uniform(count * size * 64, -1);
        Overall = Uniform(count * size, 0);
        Second = new ushort[count * 64];
        foreach (ref ushort step in Second.AsSpan())
            step = (ushort)random.Next(1, 100);
        Steps = new byte[count * 15];
        for (int i = 0; i < Steps.Length; i++)
            Steps[i] = (byte)random.Next(1, PrimaryBlocks.Sizes[i % 15] + 1);
        Phases = new byte[count];
        for (int n = 0; n < count; n++)
            Phases[n] = n % 3 == 1 ? PhaseHistogramGradient.UnknownPhase : (byte)random.Next(64);

        float[] Uniform(int length, float least)
        {
            float[] values = new float[length];
            foreach (ref float value in values.AsSpan())
                value = least + (1 - least) * random.NextSingle();
            return values;
        }
    }

    public PhaseHistogramOptions Options { get; }

    public int Count { get; }

    public float[] Parameters { get; }

    public float[] Evidence { get; }

    public float[] Overall { get; }

    public ushort[] Second { get; }

    public byte[] Steps { get; }

    public byte[] Phases { get; }

    public ReadOnlySpan<float> EvidenceOf(int n) => Evidence.AsSpan(n * Evidence.Length / Count, Evidence.Length / Count);

    public ReadOnlySpan<float> OverallOf(int n) => Overall.AsSpan(n * Overall.Length / Count, Overall.Length / Count);

    public PhaseHistogramLoss Run(PhaseHistogramGradient step, float attentionWeight, float[]? gradient, float[]? logits = null, float[]? alpha = null) =>
        step.RunEvidence(Parameters, Evidence, Overall, Steps, Second, Phases, new CrossEntropyLoss(), attentionWeight, gradient, logits, alpha);

    public PhaseHistogramGradient Step(int threads = 1, CpuKernelSet? set = null) => new(Options, threads, set);
}
