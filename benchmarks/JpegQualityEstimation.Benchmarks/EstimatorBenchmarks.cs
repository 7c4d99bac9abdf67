using BenchmarkDotNet.Attributes;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Benchmarks;

// Every entry point of the estimators, two threads: what a call allocates beside the arrays that it gives back.
// Windows of a map at stride 8: 25 x 25 of 256x256 pixels; 101 bytes each are kept.
[MemoryDiagnoser]
public class EstimatorBenchmarks
{
    const int Side = 256;
    const int Windows = ((Side - 64) / 8 + 1) * ((Side - 64) / 8 + 1);
    const int Batch = 32;

    // Of an estimate: steps and their confidences (2 and 4 bytes), all probabilities.
    const int Estimate = 15 * (2 + 4) + PrimaryBlocks.Outputs * 4;

    readonly ImageBuffer picture = UntrainedNetworks.Picture(Side, Side);
    readonly ImageBuffer patch = UntrainedNetworks.Picture(64, 64);
    readonly byte[] patches = new byte[Batch * 64 * 64 * 3];
    readonly QuantTable second = QuantTable.StandardLuminance(90);
    IQualityMapEstimator? quality;
    IPrimaryQuantEstimator? denseNet, phaseHistogram;

    [GlobalSetup]
    public void Prepare()
    {
        quality = UntrainedNetworks.QualityEstimator(2);
        denseNet = UntrainedNetworks.DenseNetEstimator(2);
        phaseHistogram = UntrainedNetworks.PhaseHistogramEstimator(2);
        for (int n = 0; n < Batch; n++)
            patch.Pixels.CopyTo(patches.AsSpan(n * patch.Pixels.Length));
    }

    [Benchmark(Baseline = true)]
    [Work(Side * Side / 1e6, "MP", GigaFlop = Side * Side * WorkAttribute.QualityPixelGigaFlop, Threads = 2, ResultBytes = 9 * Side * Side)]
    public QualityMap QualityMap() => quality!.Estimate(picture.View);

    [Benchmark]
    [Work(1, "windows", ResultBytes = Estimate)]
    public PrimaryQuantEstimate PhaseHistogramPatch() => phaseHistogram!.EstimatePatch(patch.View, second);

    [Benchmark]
    [Work(Batch, "windows", ResultBytes = Batch * Estimate, Threads = 2)]
    public IReadOnlyList<PrimaryQuantEstimate> PhaseHistogramPatches() => phaseHistogram!.EstimatePatches(patches, second);

    [Benchmark]
    [Work(Windows, "windows", ResultBytes = Windows * 101 + Estimate, Threads = 2)]
    public PrimaryQuantMap PhaseHistogramMap() => phaseHistogram!.EstimateMap(picture.View, second);

    [Benchmark]
    [Work(1, "windows", GigaFlop = WorkAttribute.DenseNetWindowGigaFlop, ResultBytes = Estimate)]
    public PrimaryQuantEstimate DenseNetPatch() => denseNet!.EstimatePatch(patch.View, second);

    [Benchmark]
    [Work(Batch, "windows", GigaFlop = Batch * WorkAttribute.DenseNetWindowGigaFlop, Threads = 2, ResultBytes = Batch * Estimate)]
    public IReadOnlyList<PrimaryQuantEstimate> DenseNetPatches() => denseNet!.EstimatePatches(patches, second);

    [Benchmark]
    [Work(Windows, "windows", GigaFlop = Windows * WorkAttribute.DenseNetWindowGigaFlop, Threads = 2, ResultBytes = Windows * 101 + Estimate)]
    public PrimaryQuantMap DenseNetMap() => denseNet!.EstimateMap(picture.View, second);
}
