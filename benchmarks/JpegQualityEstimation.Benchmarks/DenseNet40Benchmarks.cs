using BenchmarkDotNet.Attributes;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Benchmarks;

// DenseNet-40, two threads (rows of a map: one): inference, windows of a map at stride 8, a training step of 32 windows.
[MemoryDiagnoser]
public class DenseNet40Benchmarks
{
    const int Batch = 32;
    const int MapRows = 32;
    readonly byte[] windows = new byte[Batch * DenseNet40Inference.WindowBytes];
    readonly byte[] steps = new byte[Batch * 15];
    readonly float[] outputs = new float[Batch * 226];
    readonly ImageBuffer picture = new(64 + 8 * 15, 64 + 8 * (MapRows - 1), PixelFormat.Rgb24);
    readonly DenseNet40Network network = DenseNet40Network.CreateInitialized(1);
    readonly SquareLoss loss = new();
    float[] parameters = [];
    float[] gradient = [];
    DenseNet40Inference? inference;
    DenseNet40Gradient? training;
    DenseNet40Strip? strip;

    [GlobalSetup]
    public void Prepare()
    {
        new Random(1).NextBytes(windows);
        new Random(1).NextBytes(picture.Pixels);
        steps.AsSpan().Fill(1);
        parameters = (float[])network.Parameters.Clone();
        gradient = new float[network.Architecture.TrainableCount];
        inference = new DenseNet40Inference(network, 2);
        training = new DenseNet40Gradient(network.Architecture, 2);
        strip = new DenseNet40Strip(new DenseNet40Inference(network, 1));
    }

    [Benchmark(Baseline = true)]
    [Work(Batch, "windows")]
    public void Inference32() => inference!.Run(windows, Batch, outputs);

    [Benchmark]
    [Work(1, "windows")]
    public void Inference1() => inference!.Run(windows.AsSpan(0, DenseNet40Inference.WindowBytes), 1, outputs.AsSpan(0, 226));

    [Benchmark]
    [Work(MapRows * DenseNet40Strip.Windows, "windows")]
    public void RowsOfAMap()
    {
        strip!.Restart();
        for (int y = 0; y < MapRows; y++)
            strip.Run(picture.View, 8 * y, 0, DenseNet40Strip.Windows, outputs.AsSpan(0, DenseNet40Strip.Windows * 226));
    }

    [Benchmark]
    [Work(Batch, "windows")]
    public void TrainingStep32() => training!.Run(parameters, windows, steps, loss, 1, gradient, outputs);

    sealed class SquareLoss : IBlockLoss
    {
        public double Apply(ReadOnlySpan<float> logits, ReadOnlySpan<byte> steps, Span<float> dLogits)
        {
            double sum = 0;
            for (int i = 0; i < logits.Length; i++)
            {
                dLogits[i] = logits[i];
                sum += logits[i] * logits[i] / 2;
            }
            return sum;
        }
    }
}
