using JpegQualityEstimation.Cuda.Networks;
using JpegQualityEstimation.Cuda.Networks.DenseNet;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using Xunit;
using Xunit.Abstractions;

namespace JpegQualityEstimation.Cuda.Tests.DenseNet;

/// <summary>DenseNet-40 on a device against the processor's, and maps against single windows.</summary>
public sealed class CudaDenseNet40EngineTests(ITestOutputHelper log)
{
    [SkippableTheory]
    [InlineData(ComputePrecision.Float32, PrimaryInput.Rgb, 226, 2)]
    [InlineData(ComputePrecision.Float32, PrimaryInput.Luma, 15, 3)]
    [InlineData(ComputePrecision.TensorFloat32, PrimaryInput.Rgb, 226, 1)]
    [InlineData(ComputePrecision.Float16, PrimaryInput.Luma, 226, 1)]
    [InlineData(ComputePrecision.BFloat16, PrimaryInput.Rgb, 226, 1)]
    public void WindowsEqualTheProcessorsToTheirRounding(ComputePrecision precision, PrimaryInput input, int outputs, int count)
    {
        TestDevice.Require();
        SlowTests.SkipUnlessWanted(precision);
        DenseNet40Network network = DenseNet40Network.CreateInitialized(3, input, outputs);
        byte[] windows = Noise(count * DenseNet40Inference.WindowBytes);
        float[] expected = new float[count * 226], actual = new float[count * 226];
        using (var cpu = new DenseNet40Engine(network))
            cpu.RunWindows(windows, count, new ushort[64], expected, default);
        using (CudaDenseNet40Engine engine = Open(network, precision))
            engine.RunWindows(windows, count, new ushort[64], actual, default);
        Compare(expected, actual, PrecisionBounds.DenseNet40(precision, Scale(expected)));
    }

    [SkippableFact]
    public void CudnnGivesTheSameToRounding()
    {
        TestDevice.Require();
        DenseNet40Network network = DenseNet40Network.CreateInitialized(3, PrimaryInput.Luma);
        byte[] windows = Noise(DenseNet40Inference.WindowBytes);
        float[] own = new float[226], theirs = new float[226], again = new float[226];
        using (CudaDenseNet40Engine engine = Open(network, ComputePrecision.Float32))
            engine.RunWindows(windows, 1, new ushort[64], own, default);
        using (var engine = new CudaDenseNet40Engine(CudaRuntime.Open(0), network, ComputePrecision.Float32, ConvolutionPreference.Cudnn))
        {
            engine.RunWindows(windows, 1, new ushort[64], theirs, default);
            engine.RunWindows(windows, 1, new ushort[64], again, default);
        }
        Compare(own, theirs, PrecisionBounds.DenseNet40(ComputePrecision.Float32, Scale(own)));
        Assert.Equal(theirs, again);
    }

    // Sizes that fall into one group, that repeat (a graph then), that fall into several.
    [SkippableFact]
    public void GroupsGraphsAndRepetitionsDoNotChangeABit()
    {
        TestDevice.Require();
        using CudaDenseNet40Engine engine = Open(DenseNet40Network.CreateInitialized(4, PrimaryInput.Luma), ComputePrecision.Float32);
        byte[] windows = Noise(5 * DenseNet40Inference.WindowBytes);
        float[] one = new float[226], all = new float[5 * 226], again = new float[5 * 226];
        engine.RunWindows(windows, 5, new ushort[64], all, default);
        engine.RunWindows(windows, 5, new ushort[64], again, default);
        Assert.Equal(all, again);
        engine.RunWindows(windows, 5, new ushort[64], again, default);
        Assert.Equal(all, again);
        engine.RunWindows(windows.AsSpan(4 * DenseNet40Inference.WindowBytes), 1, new ushort[64], one, default);
        Assert.Equal(all[(4 * 226)..], one);
        using CudaRuntime runtime = CudaRuntime.Open(0);
        using CudaStream stream = runtime.CreateStream();
        var kernels = new DenseNet40Kernels(runtime, ComputePrecision.Float32);
        using var weights = new CudaDenseNet40Weights(stream, kernels, DenseNet40Network.CreateInitialized(4, PrimaryInput.Luma));
        using var lane = new DenseNet40Lane(runtime, kernels, weights, 2);
        lane.Run(windows, 5, again);
        Assert.Equal(all, again);
    }

    // Sixteen rows: the canvases are used up and moved; two strips side by side, the second as a graph.
    [SkippableTheory]
    [InlineData(2, 16, 1)]
    [InlineData(3, 2, 3)]
    public void MapsEqualTheirWindowsToRounding(int columns, int rows, int strip)
    {
        TestDevice.Require();
        int width = 64 + 8 * (columns - 1) + 4, height = 64 + 8 * (rows - 1) + 5;
        byte[] picture = Noise(3 * width * height);
        using CudaDenseNet40Engine engine = Open(DenseNet40Network.CreateInitialized(5, PrimaryInput.Luma), ComputePrecision.Float32);
        WindowGrid grid = WindowGrid.Over(width, height, 8, 1, 2);
        unsafe
        {
            fixed (byte* bytes = picture)
            {
                var pinned = new PinnedPixels(bytes, picture.Length, width, height, 3 * width, PixelFormat.Rgb24);
                using var shared = new CudaDenseNet40MapSource(engine, pinned, grid, strip);
                using var alone = new WindowByWindowSource(engine, pinned, new ushort[64], grid);
                float[] map = new float[grid.Columns * 226], windows = new float[grid.Columns * 226];
                for (int y = 0; y < grid.Rows; y++)
                {
                    shared.FillRow(y, 0, grid.Columns, map, default);
                    if (y is not (0 or 1 or 9 or 15))
                        continue;
                    alone.FillRow(y, 0, grid.Columns, windows, default);
                    Compare(windows, map, PrecisionBounds.DenseNet40(ComputePrecision.Float32, Scale(windows)));
                }
            }
        }
    }

    [SkippableFact]
    public void CallersFromSeveralThreadsGetWhatOneGetsAndMemoryComesBack()
    {
        TestDevice.Require();
        using CudaRuntime runtime = CudaRuntime.Open(0);
        long before = runtime.UsedBytes;
        byte[] windows = Noise(3 * DenseNet40Inference.WindowBytes);
        float[] one = new float[3 * 226], many = new float[3 * 226];
        using (CudaDenseNet40Engine engine = Open(DenseNet40Network.CreateInitialized(4, PrimaryInput.Luma), ComputePrecision.Float32))
        {
            engine.RunWindows(windows, 3, new ushort[64], one, default);
            Parallel.For(0, 3, i => engine.RunWindows(windows.AsSpan(i * DenseNet40Inference.WindowBytes, DenseNet40Inference.WindowBytes), 1, new ushort[64],
                many.AsSpan(i * 226, 226), default));
            Assert.Equal(one, many);
            Assert.Throws<ArgumentException>(() => engine.RunWindows(windows, 2, new ushort[64], one, default));
        }
        Assert.Equal(before, runtime.UsedBytes);
    }

    [SkippableFact]
    public void EstimatorsTakeTheDevice()
    {
        TestDevice.Require();
        CudaBackend.Use();
        using var file = new MemoryStream();
        DenseNet40Network.CreateInitialized(6, PrimaryInput.Luma).Save(file);
        file.Position = 0;
        PrimaryNetwork network = PrimaryNetwork.Load(file, "densenet.safetensors");
        const int Width = 73, Height = 72;
        byte[] picture = Noise(3 * Width * Height);
        var view = new PixelView(picture, Width, Height, PixelFormat.Rgb24);
        QuantTable second = QuantTable.StandardLuminance(90);
        using IPrimaryQuantEstimator cuda = PrimaryQuantEstimator.Create(new() { Network = network, Device = ComputeDevice.Cuda() });
        using IPrimaryQuantEstimator cpu = PrimaryQuantEstimator.Create(new() { Network = network, Device = ComputeDevice.Cpu });
        Assert.Equal(ComputeDevice.Cuda(), cuda.Device);
        PrimaryQuantMap there = cuda.EstimateMap(view, second), here = cpu.EstimateMap(view, second);
        Assert.Equal((here.Width, here.Height), (there.Width, there.Height));
        Assert.Equal(here.Steps.ToArray(), there.Steps.ToArray());
        Assert.Equal(here.Determined.ToArray(), there.Determined.ToArray());
    }

    static CudaDenseNet40Engine Open(DenseNet40Network network, ComputePrecision precision) => new(CudaRuntime.Open(0), network, precision);

    static byte[] Noise(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    static double Scale(float[] values) => Math.Sqrt(values.Average(value => (double)value * value));

    void Compare(float[] expected, float[] actual, double bound)
    {
        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
            worst = Math.Max(worst, Math.Abs((double)expected[i] - actual[i]));
        log.WriteLine($"largest difference {worst:e2}, bound {bound:e2}");
        Assert.InRange(worst, 0, bound);
    }
}
