using JpegQualityEstimation.Cuda.Networks.DenseNet;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.DenseNet;

/// <summary>First convolution, pooling, 1x1 convolution and head, equal to slow references on small numbers.</summary>
public sealed class DenseJoinKernelTests
{
    public static TheoryData<ComputePrecision> Precisions => [.. Enum.GetValues<ComputePrecision>()];

    [SkippableTheory]
    [MemberData(nameof(Precisions))]
    public void PooledTransitionsEqualTheReference(ComputePrecision precision)
    {
        TestDevice.Require();
        const int Channels = 24, Outputs = 132;
        using CudaRuntime runtime = CudaRuntime.Open(0);
        using CudaStream stream = runtime.CreateStream();
        var kernels = new DenseNet40Kernels(runtime, precision);
        using var source = new CanvasCase(stream, precision, 24, 12, 10, 3, 1);
        using var target = new CanvasCase(stream, precision, 136, 6, 5, 3, 2);
        var random = new Random(3);
        // Means of four are exact: values a multiple of four.
        float[] scale = [.. Enumerable.Range(0, Channels).Select(_ => 4f * random.Next(-1, 2))], shift = [.. scale.Select(_ => 4f * random.Next(0, 2))];
        float[] weights = [.. Enumerable.Range(0, Channels * Outputs).Select(_ => (float)random.Next(-1, 2))];
        using DeviceBuffer<float> numbers = stream.Rent<float>(weights.Length + 2 * Channels);
        stream.Upload<float>([.. weights, .. scale, .. shift], numbers);
        using DeviceBuffer<int> table = stream.Rent<int>(6);
        stream.Upload<int>([0, Outputs, Channels, 0, Channels, 0], table);
        using DeviceBuffer<byte> packed = stream.Rent<byte>(kernels.PointwiseBytes(Channels, Outputs));
        kernels.PackMatrices(stream, kernels.UsesTensorCores, numbers.Span.Address, table.Span.Address, 1, packed.Span.Address);
        ulong scaleAt = numbers.Span.Address + (ulong)weights.Length * 4;
        using DeviceBuffer<byte> means = stream.Rent<byte>(target.Canvas.Pixels * Channels * 4);
        kernels.Pool(stream, source.Canvas, 0, Channels, scaleAt, scaleAt + Channels * 4, means.Span.Address, target.Canvas);
        kernels.Pointwise(stream, means.Span.Address, Channels, packed.Span.Address, Outputs, target.Canvas);

        float[] expected = (float[])target.Values.Clone();
        for (int n = 0; n < 3; n++)
            for (int y = 0; y < 5; y++)
                for (int x = 0; x < 6; x++)
                    for (int k = 0; k < Outputs; k++)
                    {
                        double sum = 0;
                        for (int c = 0; c < Channels; c++)
                            for (int i = 0; i < 4; i++)
                                sum += Math.Max(0, source.Values[source.At(n, 2 * y + i / 2, 2 * x + i % 2, c)] * scale[c] + shift[c]) / 4 * weights[k * Channels + c];
                        expected[target.At(n, y, x, k)] = StoredNumbers.Round(precision, sum);
                    }
        Assert.Equal(expected, target.Download());
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(3)]
    public void TheFirstConvolutionEqualsTheReference(int inputs)
    {
        TestDevice.Require();
        using CudaRuntime runtime = CudaRuntime.Open(0);
        using CudaStream stream = runtime.CreateStream();
        var kernels = new DenseNet40Kernels(runtime, ComputePrecision.Float32);
        using var canvas = new CanvasCase(stream, ComputePrecision.Float32, 32, 18, 5, 2, 4);
        var random = new Random(5);
        byte[] pixels = new byte[2 * 5 * 60];
        random.NextBytes(pixels);
        float[] weights = [.. Enumerable.Range(0, 24 * inputs * 9).Select(_ => (float)random.Next(-2, 3))];
        using DeviceBuffer<byte> bytes = stream.Rent<byte>(pixels.Length);
        stream.Upload<byte>(pixels, bytes);
        using DeviceBuffer<float> filters = stream.Rent<float>(weights.Length);
        stream.Upload<float>(weights, filters);
        kernels.First(stream, bytes.Span.Address, 5 * 60, 60, 0, inputs, filters.Span.Address, canvas.Canvas);
        float[] actual = canvas.Download();
        for (int n = 0; n < 2; n++)
            for (int y = 0; y < 5; y++)
                for (int x = 0; x < 18; x++)
                    for (int k = 0; k < 24; k++)
                    {
                        float sum = 0;
                        for (int c = 0; c < inputs; c++)
                            for (int tap = 0; tap < 9; tap++)
                            {
                                int v = y + tap / 3 - 1, u = x + tap % 3 - 1;
                                bool inside = v >= 0 && u >= 0 && v < 5 && u < 18;
                                sum = MathF.FusedMultiplyAdd(inside ? Input(pixels.AsSpan((n * 5 + v) * 60 + 3 * u, 3), inputs, c) : 0, weights[(k * inputs + c) * 9 + tap], sum);
                            }
                        Assert.Equal(sum, actual[canvas.At(n, y, x, k)]);
                    }
    }

    [SkippableFact]
    public void TheHeadEqualsTheReference()
    {
        TestDevice.Require();
        const int Features = 456, Outputs = 15;
        using CudaRuntime runtime = CudaRuntime.Open(0);
        using CudaStream stream = runtime.CreateStream();
        var kernels = new DenseNet40Kernels(runtime, ComputePrecision.Float32);
        using var canvas = new CanvasCase(stream, ComputePrecision.Float32, Features, 4, 2, 2, 6);
        var random = new Random(8);
        float[] scale = [.. Enumerable.Range(0, Features).Select(_ => 8f * random.Next(-1, 2))], shift = [.. scale.Select(_ => 8f * random.Next(0, 2))];
        float[] weights = [.. Enumerable.Range(0, Features * Outputs + Outputs).Select(_ => (float)random.Next(-2, 3))];
        using DeviceBuffer<float> numbers = stream.Rent<float>(2 * Features + weights.Length + 2 * Features + 2 * Outputs);
        stream.Upload<float>([.. scale, .. shift, .. weights], numbers.Slice(0, 2 * Features + weights.Length));
        ulong at = numbers.Span.Address, weightsAt = at + 2 * Features * 4, features = weightsAt + (ulong)weights.Length * 4, outputs = features + 2 * Features * 4;
        kernels.Head(stream, canvas.Canvas, at, at + Features * 4, weightsAt, weightsAt + Features * Outputs * 4, Outputs, features, outputs);
        float[] actual = new float[2 * Outputs];
        stream.Download(numbers.Slice(numbers.Length - actual.Length), actual);
        for (int n = 0; n < 2; n++)
            for (int o = 0; o < Outputs; o++)
            {
                double sum = weights[Features * Outputs + o];
                for (int c = 0; c < Features; c++)
                    for (int p = 0; p < 8; p++)
                        sum += Math.Max(0, canvas.Values[canvas.At(n, p / 4, p % 4, c)] * scale[c] + shift[c]) / 8 * weights[c * Outputs + o];
                Assert.Equal((float)sum, actual[n * Outputs + o]);
            }
    }

    static float Input(ReadOnlySpan<byte> rgb, int inputs, int c) =>
        (inputs == 3 ? rgb[c] : (19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 32768) >> 16) * (1f / 255);
}
