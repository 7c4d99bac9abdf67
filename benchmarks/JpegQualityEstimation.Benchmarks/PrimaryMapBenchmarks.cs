using BenchmarkDotNet.Attributes;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Benchmarks;

// Primary quantization maps of the phase-histogram network end to end, stride 8, two threads: time does not depend on
// the weights, so they are untrained ones. Rate: windows a second.
[MemoryDiagnoser]
public class PrimaryMapBenchmarks
{
    readonly ImageBuffer small = SyntheticPicture.Create(1024, 1024, 1);
    readonly ImageBuffer large = SyntheticPicture.Create(4000, 3000, 1);
    readonly QuantTable second = QuantTable.StandardLuminance(90);
    IPrimaryQuantEstimator? estimator;

    [GlobalSetup]
    public void Prepare()
    {
        using var file = new MemoryStream();
        PhaseHistogramNetwork.CreateInitialized(1, PrimaryRecipe.Load("primary").Histogram).Save(file);
        file.Position = 0;
        estimator = PrimaryQuantEstimator.Create(new() { Network = PrimaryNetwork.Load(file, "untrained"), Threads = 2 });
    }

    [Benchmark(Baseline = true)]
    [Work(121 * 121, "window")]
    public PrimaryQuantMap OneMegapixel() => estimator!.EstimateMap(small.View, second);

    [Benchmark]
    [Work(493 * 368, "window")]
    public PrimaryQuantMap TwelveMegapixels() => estimator!.EstimateMap(large.View, second);
}
