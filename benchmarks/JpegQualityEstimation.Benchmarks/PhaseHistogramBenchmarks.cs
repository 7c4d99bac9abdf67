using BenchmarkDotNet.Attributes;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Benchmarks;

// The phase-histogram network on one thread: batches of 64x64 windows, with the evidence measured or given. Time does
// not depend on the weights nor, but for the caches, on the pixels: both are random.
[MemoryDiagnoser]
public class PhaseHistogramBenchmarks
{
    const int Windows = 64;

    readonly PhaseHistogramNetwork network = PhaseHistogramNetwork.CreateInitialized(1, PrimaryRecipe.Load("primary").Histogram);
    readonly byte[] pixels = new byte[Windows * 64 * 64 * 3];
    readonly byte[] steps = new byte[Windows * PrimaryBlocks.Count];
    readonly byte[] phases = new byte[Windows];
    readonly ushort[] second = new ushort[Windows * 64];
    readonly float[] logits = new float[Windows * PrimaryBlocks.Outputs];
    readonly float[] posterior = new float[Windows * 64];
    readonly float[] luma = new float[64 * 64];
    float[] evidence = [];
    float[] overall = [];
    float[] gradient = [];
    PhaseEvidence? front;
    PhaseHistogramEngine? engine;
    PhaseHistogramInference? inference;
    PhaseHistogramGradient? training;

    [GlobalSetup]
    public void Prepare()
    {
        new Random(1).NextBytes(pixels);
        Array.Fill(steps, (byte)3);
        Array.Fill(second, (ushort)4);
        for (int i = 0; i < luma.Length; i++)
            luma[i] = pixels[i];
        front = new PhaseEvidence(network.Options.Evidence);
        evidence = new float[Windows * front.Options.EvidenceLength];
        overall = new float[Windows * front.Options.OverallLength];
        gradient = new float[network.Parameters.Length];
        inference = new PhaseHistogramInference(network);
        training = new PhaseHistogramGradient(network.Options, 1);
        engine = new PhaseHistogramEngine(network);
        PhaseEvidenceOptions o = front.Options;
        for (int n = 0; n < Windows; n++)
            front.Compute(luma, 64, evidence.AsSpan(n * o.EvidenceLength, o.EvidenceLength), overall.AsSpan(n * o.OverallLength, o.OverallLength));
    }

    [Benchmark(Baseline = true)]
    [Work(Windows, "windows")]
    public void Infer() => inference!.Run(evidence, overall, second, Windows, logits, posterior);

    [Benchmark]
    [Work(Windows, "windows")]
    public void FromPixels() => engine!.RunWindows(pixels, Windows, second.AsSpan(0, 64), logits, posterior);

    [Benchmark]
    [Work(1, "windows")]
    public void OneFromPixels() =>
        engine!.RunWindows(pixels.AsSpan(0, 3 * 64 * 64), 1, second.AsSpan(0, 64), logits.AsSpan(0, PrimaryBlocks.Outputs), posterior.AsSpan(0, 64));

    [Benchmark]
    [Work(Windows, "windows")]
    public void TrainOnEvidence() =>
        training!.RunEvidence(network.Parameters, evidence, overall, steps, second, phases, new SquaredLogits(), 0.3f, gradient);

    [Benchmark]
    [Work(Windows, "windows")]
    public void TrainOnPixels() =>
        training!.Run(network.Parameters, pixels, steps, second, phases, new SquaredLogits(), 0.3f, gradient);

    // A loss that costs nothing beside the network.
    sealed class SquaredLogits : IBlockLoss
    {
        public double Apply(ReadOnlySpan<float> logits, ReadOnlySpan<byte> steps, Span<float> dLogits)
        {
            double sum = 0;
            for (int i = 0; i < logits.Length; i++)
            {
                sum += (double)logits[i] * logits[i] / 2;
                dLogits[i] = logits[i];
            }
            return sum;
        }
    }
}
