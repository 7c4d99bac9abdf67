using BenchmarkDotNet.Attributes;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Benchmarks;

// The quality network end to end, two threads: time does not depend on the weights, so they are untrained ones.
[MemoryDiagnoser]
public class QualityInferenceBenchmarks
{
    readonly ImageBuffer small = Picture(512, 512);
    readonly ImageBuffer large = Picture(1536, 1024);
    readonly float[] degradation = new float[1536 * 1024];
    readonly float[] flag = new float[1536 * 1024];
    QualityInference? direct;
    QualityInference? winograd;

    [GlobalSetup]
    public void Prepare()
    {
        QualityNetwork network = QualityNetwork.CreateInitialized(1);
        direct = new QualityInference(network, 2, algorithm: ConvolutionAlgorithm.Direct);
        winograd = new QualityInference(network, 2);
    }

    [Benchmark(Baseline = true)]
    [Work(512 * 512 / 1e6, "MP")]
    public void Direct512() => Run(direct!, small);

    [Benchmark]
    [Work(512 * 512 / 1e6, "MP")]
    public void Winograd512() => Run(winograd!, small);

    [Benchmark]
    [Work(1536 * 1024 / 1e6, "MP")]
    public void Direct1024x1536() => Run(direct!, large);

    [Benchmark]
    [Work(1536 * 1024 / 1e6, "MP")]
    public void Winograd1024x1536() => Run(winograd!, large);

    void Run(QualityInference inference, ImageBuffer picture)
    {
        int pixels = picture.Width * picture.Height;
        inference.Run(picture.View, degradation.AsSpan(0, pixels), flag.AsSpan(0, pixels), null, default);
    }

    static ImageBuffer Picture(int width, int height)
    {
        var picture = new ImageBuffer(width, height, PixelFormat.Rgb24);
        new Random(1).NextBytes(picture.Pixels);
        return picture;
    }
}
