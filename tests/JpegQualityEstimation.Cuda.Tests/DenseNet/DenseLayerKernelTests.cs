using JpegQualityEstimation.Cuda.Networks.DenseNet;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.DenseNet;

/// <summary>One layer of a dense block in every precision and every shape of canvas, equal to a slow reference.</summary>
public sealed class DenseLayerKernelTests
{
    const int First = 8;
    const int Channels = 36;
    const int Output = 48;
    const int Pitch = 64;

    // Windows of each block, several a warp and a block, odd numbers of them; edges; strips wider than a block of warps.
    public static TheoryData<int, int, int, int, int> Shapes => new()
    {
        { 64, 10, 3, 0, 10 }, { 32, 9, 2, 0, 9 }, { 16, 6, 3, 0, 6 }, { 15, 7, 4, 3, 7 }, { 9, 8, 4, 7, 5 }, { 24, 5, 1, 0, 2 },
        { 100, 3, 1, 0, 3 }, { 256, 3, 1, 0, 3 }, { 290, 2, 1, 0, 2 },
    };

    [SkippableTheory]
    [MemberData(nameof(Shapes))]
    public void FloatsEqualTheReference(int width, int height, int images, int ring, int upper) =>
        Check(ComputePrecision.Float32, width, height, images, ring, upper);

    [SkippableTheory]
    [MemberData(nameof(Shapes))]
    public void TensorCoresEqualTheReference(int width, int height, int images, int ring, int upper) =>
        Check(ComputePrecision.BFloat16, width, height, images, ring, upper);

    [SkippableTheory]
    [InlineData(ComputePrecision.TensorFloat32)]
    [InlineData(ComputePrecision.Float16)]
    public void OtherTypesToo(ComputePrecision precision)
    {
        Check(precision, 64, 5, 2, 0, 5);
        Check(precision, 15, 5, 2, 3, 5);
    }

    // A value that is not a number reaches the outputs around it; the channels behind those that are read, which share their
    // sixteen bytes, reach nothing.
    [SkippableTheory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.TensorFloat32)]
    [InlineData(ComputePrecision.Float16)]
    [InlineData(ComputePrecision.BFloat16)]
    public void NaNGoesWhereItIsReadAndNowhereElse(ComputePrecision precision) => Check(precision, 20, 5, 1, 0, 5, data =>
    {
        for (int i = 0; i < data.Values.Length; i++)
            if (i % Pitch is >= First + Channels and < Output)
                data.Values[i] = float.NaN;
        data.Values[data.At(0, 2, 7, First + 3)] = float.NaN;
    });

    static void Check(ComputePrecision precision, int width, int height, int images, int ring, int upper, Action<CanvasCase>? change = null)
    {
        TestDevice.Require();
        using CudaRuntime runtime = CudaRuntime.Open(0);
        using CudaStream stream = runtime.CreateStream();
        var kernels = new DenseNet40Kernels(runtime, precision);
        using var data = new CanvasCase(stream, precision, Pitch, width, height, images, width);
        change?.Invoke(data);
        data.Upload();
        var random = new Random(7);
        float[] scale = new float[Pitch], shift = new float[Pitch], weights = new float[12 * Pitch * 9];
        for (int c = 0; c < Pitch; c++)
            (scale[c], shift[c]) = (random.Next(-1, 2), random.Next(-1, 2));
        for (int i = 0; i < weights.Length; i++)
            weights[i] = random.Next(-1, 2);
        using DeviceBuffer<float> numbers = stream.Rent<float>(weights.Length + 2 * Pitch);
        stream.Upload<float>([.. weights, .. scale, .. shift], numbers);
        using DeviceBuffer<int> table = stream.Rent<int>(6);
        stream.Upload<int>([0, 12, Pitch, First, Channels, 0], table);
        using DeviceBuffer<byte> packed = stream.Rent<byte>(kernels.LayerBytes(Channels));
        kernels.PackLayers(stream, kernels.LayerUsesTensorCores(Channels), numbers.Span.Address, table.Span.Address, 1, packed.Span.Address);
        ulong scaleAt = numbers.Span.Address + (ulong)weights.Length * 4, shiftAt = scaleAt + Pitch * 4;
        // Rows below the upper ones: two of them left out, the rest computed.
        int lower = Math.Min(height, upper + 2);
        DenseCanvas canvas = data.Canvas.WithRing(ring).WithRows(upper, lower);

        kernels.Layer(stream, canvas, First, First + Channels, Output, false, packed.Span.Address, scaleAt, shiftAt, DropoutKey.None);
        float[] expected = Reference(data, data.Values, weights, scale, shift, ring, upper, lower, false, null);
        Assert.Equal(expected, data.Download());

        // A second time, added to what is there, through a dropout mask.
        const int MaskLayer = 17;
        using DeviceBuffer<ulong> key = stream.Rent<ulong>(1);
        stream.Upload<ulong>([DropoutMask.StepKey(5, 3)], key);
        kernels.Layer(stream, canvas, First, First + Channels, Output, true, packed.Span.Address, scaleAt, shiftAt,
            new DropoutKey(key.Span.Address, MaskLayer, 1u << 30, 1 / 0.75f));
        expected = Reference(data, expected, weights, scale, shift, ring, upper, lower, true, image => new DropoutMask(0.25, 5, 3, MaskLayer, image));
        Assert.Equal(expected, data.Download());
    }

    static float[] Reference(CanvasCase data, float[] before, float[] weights, float[] scale, float[] shift, int ring, int upper, int lower, bool add,
        Func<int, DropoutMask>? mask)
    {
        float[] after = (float[])before.Clone();
        for (int n = 0; n < data.Images; n++)
            for (int y = 0; y < data.Height; y++)
                for (int x = 0; x < data.Width; x++)
                {
                    bool right = ring > 0 && 2 * n >= data.Images;
                    if ((y >= upper && y < lower) || (ring > 0 && (right ? x < data.Width - ring : x >= ring)))
                        continue;
                    for (int k = 0; k < 12; k++)
                    {
                        double sum = add ? before[data.At(n, y, x, Output + k)] : 0;
                        for (int c = 0; c < Channels; c++)
                            for (int tap = 0; tap < 9; tap++)
                            {
                                int v = y + tap / 3 - 1, u = x + tap % 3 - 1;
                                if (v < 0 || u < 0 || v >= data.Height || u >= data.Width)
                                    continue;
                                double activated = Math.Max(0, before[data.At(n, v, u, First + c)] * scale[First + c] + shift[First + c]);
                                sum += activated * weights[(k * Pitch + First + c) * 9 + tap];
                            }
                        if (mask is not null)
                            sum = (float)sum * mask(n).Factor((y * 12 + k) * data.Width + x);
                        after[data.At(n, y, x, Output + k)] = StoredNumbers.Round(data.Precision, sum);
                    }
                }
        return after;
    }
}
