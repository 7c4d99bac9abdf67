using JpegQualityEstimation.Cuda.Networks.DenseNet;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.DenseNet;

/// <summary>Backward of one layer in every precision of training, equal to a slow reference on small whole numbers.</summary>
public sealed class DenseGradientKernelTests
{
    // More than a block of 48 and one of 24 channels, and a part of the next; two images of two tiles.
    const int Channels = 60;
    const int Pitch = 64;
    const int Width = 32;
    const int Height = 16;
    const int Images = 2;

    [SkippableTheory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.TensorFloat32)]
    [InlineData(ComputePrecision.BFloat16)]
    public void EqualsTheReference(ComputePrecision precision)
    {
        TestDevice.Require();
        using CudaRuntime runtime = CudaRuntime.Open(0);
        using CudaStream stream = runtime.CreateStream();
        var kernels = new DenseNet40Kernels(runtime, precision);
        var training = new DenseNet40TrainingKernels(stream, kernels);
        using var data = new CanvasCase(stream, precision, Pitch, Width, Height, Images, 1);
        var random = new Random(2);
        int pixels = Width * Height * Images;
        float[] dOut = Draw(pixels * 12, 2), weights = Draw(12 * Channels * 9, 1), g = Draw(pixels * Pitch, 3);
        float[] scale = Draw(Channels, 1), shift = Draw(Channels, 1), gamma = Draw(Channels, 2), mean = Draw(Channels, 2);
        int groups = training.LayerGroups(data.Canvas, Channels), parts = training.LayerParts(data.Canvas);
        float[] all = [.. dOut, .. weights, .. scale, .. shift, .. gamma, .. mean];
        using DeviceBuffer<float> numbers = stream.Rent<float>(all.Length), gradients = stream.Rent<float>(g.Length), dWeights = stream.Rent<float>(weights.Length);
        using DeviceBuffer<float> partials = stream.Rent<float>(Math.Max(groups * 108 * Channels, 2 * parts * Channels));
        stream.Upload<float>(all, numbers);
        stream.Upload<float>(g, gradients);
        ulong dOutAt = numbers.Span.Address, weightsAt = dOutAt + (ulong)dOut.Length * 4, scaleAt = weightsAt + (ulong)weights.Length * 4;
        var norm = new NormAddresses(Channels, scaleAt + 8 * Channels, 0, scaleAt + 12 * Channels, 0, scaleAt, scaleAt + 4 * Channels);
        using DeviceBuffer<int> table = stream.Rent<int>(6);
        stream.Upload<int>([dOut.Length, 12, Channels, 0, Channels, 0], table);
        using DeviceBuffer<byte> packed = stream.Rent<byte>(kernels.GradientBytes(Channels));
        if (kernels.UsesTensorCores)
            kernels.PackGradients(stream, numbers.Span.Address, table.Span.Address, 1, packed.Span.Address);

        training.LayerWeights(data.Canvas, dOutAt, norm, partials.Span.Address, dWeights.Span.Address);
        float[] actualWeights = new float[weights.Length], actualGradients = new float[g.Length], sums = new float[2 * parts * Channels];
        stream.Download(dWeights.Span, actualWeights);
        training.LayerGradient(data.Canvas, dOutAt, weightsAt, packed.Span.Address, norm, gradients.Span.Address, partials.Span.Address);
        stream.Download(gradients.Span, actualGradients);
        stream.Download(partials.Slice(0, sums.Length), sums);

        double[] d = new double[Channels], product = new double[Channels];
        float[] expectedWeights = new float[weights.Length];
        for (int n = 0; n < Images; n++)
            for (int y = 0; y < Height; y++)
                for (int x = 0; x < Width; x++)
                    for (int c = 0; c < Channels; c++)
                    {
                        float value = data.Values[data.At(n, y, x, c)], activated = Math.Max(0, value * scale[c] + shift[c]);
                        float back = 0;
                        for (int tap = 0; tap < 9; tap++)
                        {
                            int v = y - tap / 3 + 1, u = x - tap % 3 + 1;
                            if (v < 0 || u < 0 || v >= Height || u >= Width)
                                continue;
                            for (int k = 0; k < 12; k++)
                            {
                                float slope = dOut[((n * Height + v) * Width + u) * 12 + k];
                                back += slope * weights[(k * Channels + c) * 9 + tap];
                                expectedWeights[(k * Channels + c) * 9 + tap] += slope * activated;
                            }
                        }
                        back = activated > 0 ? back : 0;
                        g[data.At(n, y, x, c)] += gamma[c] * back;
                        d[c] += back;
                        product[c] += back * (value - mean[c]);
                    }
        Assert.Equal(expectedWeights, actualWeights);
        Assert.Equal(g, actualGradients);
        for (int c = 0; c < Channels; c++)
        {
            Assert.Equal(d[c], Enumerable.Range(0, parts).Sum(part => (double)sums[2 * part * Channels + c]));
            Assert.Equal(product[c], Enumerable.Range(0, parts).Sum(part => (double)sums[(2 * part + 1) * Channels + c]));
        }

        float[] Draw(int count, int most) => [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-most, most + 1))];
    }
}
