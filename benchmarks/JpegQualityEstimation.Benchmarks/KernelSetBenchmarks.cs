using BenchmarkDotNet.Attributes;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Benchmarks;

// The three networks by every kernel set that the machine runs, one thread: what a processor without AVX-512 (Vector256),
// an Arm64 one (Vector128, there with twice the registers) and one without any (Scalar) would get of this one.
public class KernelSetBenchmarks
{
    const int Side = 160;
    const int Windows = PhaseHistogramInference.Group;

    readonly ImageBuffer picture = UntrainedNetworks.Picture(Side, Side);
    readonly float[] degradation = new float[Side * Side], flag = new float[Side * Side];
    readonly byte[] window = UntrainedNetworks.Picture(64, 64).Pixels;
    readonly float[] luma = new float[64 * 64];
    readonly ushort[] second = new ushort[64];
    readonly float[] logits = new float[Windows * PrimaryBlocks.Outputs], phase = new float[Windows * 64];
    float[] evidence = [], overall = [];
    PhaseEvidenceOptions options = UntrainedNetworks.PhaseHistogram.Options.Evidence;
    QualityInference? quality;
    DenseNet40Inference? denseNet;
    PhaseEvidence? front;
    PhaseHistogramInference? phaseHistogram;

    [ParamsSource(nameof(Sets))]
    public string Kernels { get; set; } = "";

    public static IEnumerable<string> Sets => CpuKernelSets.Available.Select(set => set.ToString());

    [GlobalSetup]
    public void Prepare()
    {
        CpuKernelSet set = Enum.Parse<CpuKernelSet>(Kernels);
        quality = new QualityInference(UntrainedNetworks.Quality, 1, kernels: set);
        denseNet = new DenseNet40Inference(UntrainedNetworks.DenseNet, 1, set);
        front = new PhaseEvidence(options, 64, 64, set);
        phaseHistogram = new PhaseHistogramInference(UntrainedNetworks.PhaseHistogram, set);
        evidence = new float[Windows * options.EvidenceLength];
        overall = new float[Windows * options.OverallLength];
        Array.Fill(second, (ushort)4);
        for (int i = 0; i < luma.Length; i++)
            luma[i] = window[3 * i];
    }

    [Benchmark(Baseline = true)]
    [Work(24.0 * 2 * PeakLoop.Lanes * PeakLoop.Rounds / 1e9, "GFLOP")]
    public float Peak() => PeakLoop.Run();

    [Benchmark]
    [Work(Side * Side / 1e6, "MP", GigaFlop = Side * Side * WorkAttribute.QualityPixelGigaFlop)]
    public void QualityMap() => quality!.Run(picture.View, degradation, flag, null, default);

    [Benchmark]
    [Work(1, "windows", GigaFlop = WorkAttribute.DenseNetWindowGigaFlop)]
    public void DenseNetWindow() => denseNet!.Run(window, 1, logits.AsSpan(0, PrimaryBlocks.Outputs));

    [Benchmark]
    [Work(Windows, "windows")]
    public void PhaseHistogramWindows()
    {
        for (int n = 0; n < Windows; n++)
            front!.Compute(luma, 64, evidence.AsSpan(n * options.EvidenceLength, options.EvidenceLength), overall.AsSpan(n * options.OverallLength, options.OverallLength));
        phaseHistogram!.Run(evidence, overall, second, Windows, logits, phase);
    }
}
