using BenchmarkDotNet.Attributes;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Benchmarks;

// Loss and gradient of a batch of 16 patches of 48x48, one thread.
public class QualityTrainingBenchmarks
{
    const int Batch = 16;
    const int Size = 48;

    readonly float[] parameters = QualityNetwork.CreateInitialized(1).Parameters;
    readonly float[] gradient = new float[QualityArchitecture.ParameterCount];
    readonly byte[] patches = new byte[Batch * Size * Size * 3];
    readonly float[] targets = new float[Batch * Size * Size * 2];
    QualityTrainingStep? direct;
    QualityTrainingStep? winograd;

    [GlobalSetup]
    public void Prepare()
    {
        new Random(1).NextBytes(patches);
        direct = new QualityTrainingStep(Batch, Size, 1, null, ConvolutionAlgorithm.Direct);
        winograd = new QualityTrainingStep(Batch, Size, 1);
    }

    [Benchmark(Baseline = true)]
    [Work(Batch, "patches")]
    public void Direct() => direct!.Run(parameters, patches, targets, gradient);

    [Benchmark]
    [Work(Batch, "patches")]
    public void Winograd() => winograd!.Run(parameters, patches, targets, gradient);
}
