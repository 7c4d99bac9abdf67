using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

/// <summary>Our convolutions against their definition: equal on small whole numbers, whatever the storage and the order of sums.</summary>
public sealed class Conv3x3KernelsTests
{
    static readonly ComputePrecision[] Precisions = Enum.GetValues<ComputePrecision>();

    public static TheoryData<ComputePrecision, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<ComputePrecision, int, int>();
            foreach (ComputePrecision precision in Precisions)
            {
                cases.Add(precision, 3, 1);
                cases.Add(precision, 64, 2);
                cases.Add(precision, 64, 3);
                cases.Add(precision, 64, 4);
            }
            return cases;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void ForwardIsEqual(ComputePrecision precision, int channels, int dilation)
    {
        using var bench = new Bench(precision);
        const int Count = 2, Width = 19, Height = 21;
        float[] input = bench.Digits(Count * Width * Height * channels), weights = bench.Signs(64 * channels * 9), bias = bench.Signs(64);
        float[] expected = Conv3x3Reference.Forward(input, channels, weights, bias, 64, Count, Width, Height, dilation);
        ConvolutionPlanes planes = ConvolutionPlanes.Whole(Count, Width, Height);
        float[] output = bench.Forward(input, channels, weights, bias, planes, dilation, default);
        Assert.Equal(Rectified(expected), output);
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void TheRegionIsMadeAndWhatIsNotPictureIsZero(ComputePrecision precision, int channels, int dilation)
    {
        using var bench = new Bench(precision);
        const int Width = 41, Height = 35;
        // The picture ends inside the region at the top and the right; on the other sides the region ends inside the picture.
        var picture = (Left: 0, Top: 7, Right: 33, Bottom: Height);
        float[] input = bench.Digits(Width * Height * channels), weights = bench.Signs(64 * channels * 9), bias = bench.Signs(64);
        float[] expected = Rectified(Conv3x3Reference.Forward(input, channels, weights, bias, 64, 1, Width, Height, dilation, picture));
        ConvolutionPlanes planes = ConvolutionPlanes.Whole(1, Width, Height).Inset(dilation);
        float[] output = bench.Forward(input, channels, weights, bias, planes, dilation, [picture.Left, picture.Top, picture.Right, picture.Bottom]);
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
            {
                bool made = x >= Math.Max(planes.Left, picture.Left) && x < Math.Min(planes.Right, picture.Right)
                    && y >= Math.Max(planes.Top, picture.Top) && y < Math.Min(planes.Bottom, picture.Bottom);
                int at = (y * Width + x) * 64;
                Assert.Equal(made ? expected[at..(at + 64)] : new float[64], output[at..(at + 64)]);
            }
    }

    [SkippableTheory]
    [InlineData(ComputePrecision.Float32, 2)]
    [InlineData(ComputePrecision.TensorFloat32, 2)]
    [InlineData(ComputePrecision.BFloat16, 2)]
    [InlineData(ComputePrecision.Float32, 64)]
    [InlineData(ComputePrecision.TensorFloat32, 64)]
    [InlineData(ComputePrecision.Float16, 64)]
    [InlineData(ComputePrecision.BFloat16, 64)]
    public void InputGradientIsEqual(ComputePrecision precision, int outputs)
    {
        using var bench = new Bench(precision);
        const int Count = 2, Width = 18, Height = 23, Dilation = 3;
        float[] dOutput = bench.Digits(Count * Width * Height * outputs), weights = bench.Signs(outputs * 64 * 9), gate = bench.Signs(Count * Width * Height * 64);
        float[] expected = Conv3x3Reference.Forward(dOutput, outputs, Conv3x3Reference.Transpose(weights, outputs, 64), null, 64, Count, Width, Height, Dilation);
        for (int i = 0; i < expected.Length; i++)
            expected[i] = gate[i] > 0 ? expected[i] : 0;
        int channels = outputs == 2 ? 4 : 64;
        using DeviceBuffer<byte> from = bench.Store(Conv3x3Reference.Pad(dOutput, outputs, channels));
        using DeviceBuffer<byte> filters = bench.Lay(weights, outputs, 64, transposed: true);
        using DeviceBuffer<byte> open = bench.Store(gate);
        using DeviceBuffer<byte> to = bench.Store(new float[expected.Length]);
        bench.Kernels.InputGradient(bench.Stream, channels, from, filters, open, to, ConvolutionPlanes.Whole(Count, Width, Height), Dilation);
        Assert.Equal(expected, bench.Read(to));
    }

    [SkippableTheory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.TensorFloat32)]
    [InlineData(ComputePrecision.Float16)]
    [InlineData(ComputePrecision.BFloat16)]
    public void PairIsEqual(ComputePrecision precision)
    {
        using var bench = new Bench(precision);
        const int Width = 37, Height = 22;
        float[] input = bench.Digits(Width * Height * 64), weights = bench.Signs(2 * 64 * 9), bias = [3, -5];
        var picture = (Left: 2, Top: 0, Right: Width, Bottom: 20);
        float[] expected = Conv3x3Reference.Forward(input, 64, weights, bias, 2, 1, Width, Height, 1, picture);
        ConvolutionPlanes planes = ConvolutionPlanes.Whole(1, Width, Height).Inset(3);
        using DeviceBuffer<byte> from = bench.Store(input);
        using DeviceBuffer<byte> filters = bench.Lay(weights, 2, 64, transposed: false);
        using DeviceBuffer<float> biases = StoredValues.Upload<float>(bench.Stream, bias);
        using DeviceBuffer<int> bounds = StoredValues.Upload<int>(bench.Stream, [picture.Left, picture.Top, picture.Right, picture.Bottom]);
        float[] output = new float[2 * planes.MadePixels];
        using DeviceBuffer<float> to = StoredValues.Upload<float>(bench.Stream, output);
        bench.Kernels.Pair(bench.Stream, from, filters, biases, to, bounds, planes, 1, 1, planes.MadePixels);
        bench.Stream.Download(to, output.AsSpan());
        for (int y = planes.Top; y < picture.Bottom && y < planes.Bottom; y++)
            for (int x = planes.Left; x < planes.Right; x++)
                for (int k = 0; k < 2; k++)
                    Assert.Equal(expected[(y * Width + x) * 2 + k], output[k * planes.MadePixels + (y - planes.Top) * (planes.Right - planes.Left) + x - planes.Left]);
    }

    [SkippableTheory]
    [InlineData(ComputePrecision.Float32, 3, 64)]
    [InlineData(ComputePrecision.Float32, 64, 64)]
    [InlineData(ComputePrecision.Float32, 64, 2)]
    [InlineData(ComputePrecision.TensorFloat32, 64, 64)]
    [InlineData(ComputePrecision.BFloat16, 64, 64)]
    [InlineData(ComputePrecision.BFloat16, 64, 2)]
    public void WeightGradientIsEqual(ComputePrecision precision, int inputs, int outputs)
    {
        using var bench = new Bench(precision);
        const int Count = 3, Width = 21, Height = 15, Dilation = 3;
        float[] input = bench.Digits(Count * Width * Height * inputs), dOutput = bench.Signs(Count * Width * Height * outputs);
        float[] expected = Conv3x3Reference.WeightGradient(input, inputs, dOutput, outputs, Count, Width, Height, Dilation);
        ConvolutionPlanes planes = ConvolutionPlanes.Whole(Count, Width, Height);
        bool turned = outputs == 2;
        int channels = turned || inputs == 3 ? 4 : 64, length = 9 * channels * 64;
        GradientChunks chunks = GradientChunks.Of(planes.Pixels, length + 64);
        Assert.True(chunks.Count > 1);
        using DeviceBuffer<byte> from = bench.Store(Conv3x3Reference.Pad(input, inputs, inputs == 3 ? 4 : 64));
        using DeviceBuffer<byte> gradient = bench.Store(Conv3x3Reference.Pad(dOutput, outputs, turned ? 4 : 64));
        using DeviceBuffer<float> parts = StoredValues.Upload<float>(bench.Stream, new float[chunks.Count * chunks.Stride]);
        int[] places = [.. Enumerable.Range(0, length + 64)];
        using DeviceBuffer<int> place = StoredValues.Upload<int>(bench.Stream, places);
        using DeviceBuffer<float> to = bench.Stream.Rent<float>(places.Length);
        bench.Kernels.WeightGradient(bench.Stream, channels, turned ? gradient : from, turned ? from : gradient, parts, planes, Dilation, chunks);
        bench.Kernels.BiasGradient(bench.Stream, turned ? 4 : 64, gradient, parts.Slice(length), planes, chunks);
        Conv3x3Kernels.Sum(bench.Stream, parts, place, to, chunks);
        float[] laid = new float[places.Length];
        bench.Stream.Download(to, laid.AsSpan());
        for (int k = 0; k < outputs; k++)
        {
            for (int c = 0; c < inputs; c++)
                for (int tap = 0; tap < 9; tap++)
                    Assert.Equal(expected[(k * inputs + c) * 9 + tap], laid[turned ? ((8 - tap) * 4 + k) * 64 + c : (tap * channels + c) * 64 + k]);
            Assert.Equal(Enumerable.Range(0, Count * Width * Height).Sum(i => dOutput[i * outputs + k]), laid[length + k]);
        }
    }

    [SkippableFact]
    public void Float32HasTheBitsOfTheOrderItStates()
    {
        using var bench = new Bench(ComputePrecision.Float32);
        const int Width = 17, Height = 16;
        var random = new Random(5);
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        float[] input = Draw(Width * Height * 64), weights = Draw(64 * 64 * 9), bias = Draw(64);
        float[] expected = Conv3x3Reference.Forward(input, 64, weights, bias, 64, 1, Width, Height, 3);
        Assert.Equal(Rectified(expected), bench.Forward(input, 64, weights, bias, ConvolutionPlanes.Whole(1, Width, Height), 3, default));
    }

    static float[] Rectified(float[] values) => [.. values.Select(value => value > 0 ? value : 0)];

    // Kernels of one precision, and data whose sums are whole numbers below 256, exact in every storage.
    sealed class Bench : IDisposable
    {
        readonly CudaRuntime runtime;
        readonly Random random = new(7);

        public Bench(ComputePrecision precision)
        {
            TestDevice.Require();
            runtime = CudaRuntime.Open(0);
            Stream = runtime.CreateStream();
            Kernels = new Conv3x3Kernels(runtime, precision);
            Assert.Equal(precision != ComputePrecision.Float32 && runtime.ComputeMajor >= 8, Kernels.UsesTensorCores);
        }

        public CudaStream Stream { get; }

        public Conv3x3Kernels Kernels { get; }

        public float[] Digits(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)Math.Max(0, random.Next(-6, 3)))];

        public float[] Signs(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-1, 2))];

        public DeviceBuffer<byte> Store(float[] values) => StoredValues.Upload(Stream, values, Kernels.Storage);

        public float[] Read(DeviceSpan<byte> from) => StoredValues.Download(Stream, from, Kernels.Storage);

        public DeviceBuffer<byte> Lay(float[] weights, int outputs, int inputs, bool transposed)
        {
            var bank = new Conv3x3Layout.Bank(0, outputs, inputs, transposed);
            int[] places = Kernels.UsesTensorCores ? Conv3x3Layout.Tensor(bank, Kernels.Storage.Bytes) : Conv3x3Layout.Simple(bank);
            return Store([.. places.Select(place => place < 0 ? 0 : weights[place])]);
        }

        public float[] Forward(float[] input, int channels, float[] weights, float[] bias, ConvolutionPlanes planes, int dilation, int[]? picture)
        {
            int padded = channels == 3 ? 4 : 64;
            using DeviceBuffer<byte> from = Store(Conv3x3Reference.Pad(input, channels, padded));
            using DeviceBuffer<byte> filters = Lay(weights, 64, channels, transposed: false);
            using DeviceBuffer<float> biases = StoredValues.Upload<float>(Stream, bias);
            using DeviceBuffer<byte> to = Store(new float[planes.Pixels * 64]);
            using DeviceBuffer<int>? bounds = picture is null ? null : StoredValues.Upload<int>(Stream, picture);
            Kernels.Forward(Stream, padded, from, filters, biases, to, bounds?.Span ?? default, planes, dilation);
            return Read(to);
        }

        public void Dispose()
        {
            Stream.Dispose();
            runtime.Dispose();
        }
    }
}
