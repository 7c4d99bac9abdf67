using BenchmarkDotNet.Attributes;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Benchmarks;

// A primary quantization map of DenseNet-40 of one megapixel end to end, stride 8, two threads. Twenty seconds a call:
// --warmupCount 1 --iterationCount 3.
[MemoryDiagnoser]
public class DenseNet40MapBenchmarks
{
    readonly ImageBuffer picture = SyntheticPicture.Create(1024, 1024, 1);
    readonly QuantTable second = QuantTable.StandardLuminance(90);
    IPrimaryQuantEstimator? estimator;

    [GlobalSetup]
    public void Prepare()
    {
        using var file = new MemoryStream();
        DenseNet40Network.CreateInitialized(1).Save(file);
        file.Position = 0;
        estimator = PrimaryQuantEstimator.Create(new() { Network = PrimaryNetwork.Load(file, "untrained"), Threads = 2 });
    }

    [Benchmark]
    [Work(121 * 121, "window")]
    public PrimaryQuantMap OneMegapixel() => estimator!.EstimateMap(picture.View, second);
}
