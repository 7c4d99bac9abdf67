using BenchmarkDotNet.Attributes;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Benchmarks;

// Evidence of grid phases from 64x64 windows, one thread: each window by itself, and a row of windows at step 8 whose
// tallies slide (the row of evidence does not fit a cache: writing it counts).
public class PhaseEvidenceBenchmarks
{
    const int Width = 512;
    const int Step = 8;
    const int Side = 64;
    const int Windows = (Width - Side) / Step + 1;

    readonly PhaseEvidenceOptions options = PrimaryRecipe.Load("primary").Histogram.Evidence;
    readonly float[] luma = new float[Width * Side];
    PhaseEvidence window = null!;
    PhaseEvidenceMap map = null!;
    float[] evidence = [];
    float[] overall = [];

    [ParamsSource(nameof(Sets))]
    public string Kernels { get; set; } = "";

    public static IEnumerable<string> Sets => CpuKernelSets.Available.Select(set => set.ToString());

    [GlobalSetup]
    public void Fill()
    {
        CpuKernelSet set = Enum.Parse<CpuKernelSet>(Kernels);
        window = new PhaseEvidence(options, Side, Side, set);
        map = new PhaseEvidenceMap(options, Width, Side, Side, Step, set: set);
        evidence = new float[Windows * options.EvidenceLength];
        overall = new float[Windows * options.OverallLength];
        var random = new Random(1);
        for (int i = 0; i < luma.Length; i++)
            luma[i] = (float)(128 + 60 * Math.Sin(i % Width * 0.1) + 20 * Math.Sin(i / Width * 0.4) + 10 * random.NextDouble());
    }

    [Benchmark(Baseline = true)]
    [Work(1, "windows")]
    public void Single() => window.Compute(luma, Width, evidence, overall);

    [Benchmark]
    [Work(Windows, "windows")]
    public int SlidingRow() => map.FillRow(luma, Width, 0, 0, Windows, evidence, overall);
}
