using JpegQualityEstimation.Cuda.Tests.Native;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests;

// Estimators as programs use them, on devices.
public sealed class EstimatorTests
{
    static readonly QualityNetwork Quality = QualityNetwork.CreateInitialized(3);

    public EstimatorTests()
    {
        CudaBackend.Use();
        // What other tests forgot goes before, and not while bytes are counted.
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    static ImageBuffer Picture(int width, int height)
    {
        var picture = new ImageBuffer(width, height, PixelFormat.Rgb24);
        new Random(width * height).NextBytes(picture.Pixels);
        return picture;
    }

    [SkippableFact]
    public void MemoryStaysFlatAndGoesWithTheEstimators()
    {
        TestDevice.Require();
        long before = CudaBackend.MemoryUse().Used, flat = 0;
        ImageBuffer picture = Picture(40, 36);
        using (IQualityMapEstimator quality = QualityMapEstimator.Create(new() { Network = Quality, Device = ComputeDevice.Cuda() }))
        {
            for (int i = 0; i < 6; i++)
            {
                quality.Estimate(picture.View);
                if (i == 2)
                    flat = CudaBackend.MemoryUse().Used;
            }
            Assert.Equal(flat, CudaBackend.MemoryUse().Used);
            Assert.True(flat > before);
        }
        Assert.Equal(before, CudaBackend.MemoryUse().Used);
    }

    [SkippableFact]
    public void PrimaryEstimatorsGiveTheirMemoryBack()
    {
        TestDevice.Require();
        Skip.If(PrimaryNetworks.BundledNames.Count == 0, "this build carries no weights for primary quantization");
        long before = CudaBackend.MemoryUse().Used, flat = 0;
        ImageBuffer picture = Picture(80, 72);
        QuantTable second = QuantTable.StandardLuminance(90);
        using (IPrimaryQuantEstimator primary = PrimaryQuantEstimator.Create(new() { Device = ComputeDevice.Cuda(), Threads = 2 }))
        {
            Assert.Equal(ComputeDevice.Cuda(), primary.Device);
            for (int i = 0; i < 4; i++)
            {
                primary.EstimateMap(picture.View, second);
                if (i == 2)
                    flat = CudaBackend.MemoryUse().Used;
            }
            Assert.Equal(flat, CudaBackend.MemoryUse().Used);
        }
        Assert.Equal(before, CudaBackend.MemoryUse().Used);
    }

    [SkippableFact]
    public void AnEstimatorStaysUsableAfterTheLimitWasReached()
    {
        TestDevice.Require();
        long all = CudaProbe.Devices(out _)[0].MemoryBytes;
        using IQualityMapEstimator quality = QualityMapEstimator.Create(new() { Network = Quality, Device = ComputeDevice.Cuda() });
        ImageBuffer small = Picture(30, 20), large = Picture(130, 70);
        float[] expected = quality.Estimate(small.View).Quality.ToArray();
        try
        {
            CudaBackend.LimitMemory(CudaBackend.MemoryUse().Used + 4096);
            var e = Assert.Throws<CudaOutOfMemoryException>(() => quality.Estimate(large.View));
            Assert.True(e.RequestedBytes > 4096);
            Assert.Equal(expected, quality.Estimate(small.View).Quality.ToArray());
        }
        finally
        {
            CudaBackend.LimitMemory(all);
        }
        quality.Estimate(large.View);
        Assert.Equal(expected, quality.Estimate(small.View).Quality.ToArray());
    }

    [SkippableFact]
    public void OpeningThatFailsLeavesNothingBehind()
    {
        TestDevice.Require();
        long before = CudaBackend.MemoryUse().Used, all = CudaProbe.Devices(out _)[0].MemoryBytes;
        try
        {
            CudaBackend.LimitMemory(before + 8192);
            Assert.Throws<CudaOutOfMemoryException>(() => QualityMapEstimator.Create(new() { Network = Quality, Device = ComputeDevice.Cuda() }));
            using IQualityMapEstimator fallen = QualityMapEstimator.Create(new() { Network = Quality, Threads = 1 });
            Assert.Equal(ComputeDevice.Cpu, fallen.Device);
            Assert.Contains("CUDA_ERROR_OUT_OF_MEMORY", fallen.DeviceReason, StringComparison.Ordinal);
        }
        finally
        {
            CudaBackend.LimitMemory(all);
        }
        for (int i = 0; i < 10 && CudaBackend.MemoryUse().Used > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal(before, CudaBackend.MemoryUse().Used);
    }

    [SkippableFact]
    public void EveryDeviceTakesAnEstimatorOfItsOwn()
    {
        TestDevice.Require();
        using EmulatorSettings? two = TestDevice.Emulator is null ? null : new EmulatorSettings(("DEVICES", "2"));
        Skip.If(CudaProbe.Devices(out _).Count < 2, "there is one device only");
        using IQualityMapEstimator first = QualityMapEstimator.Create(new() { Network = Quality, Device = ComputeDevice.Cuda(0) });
        using IQualityMapEstimator second = QualityMapEstimator.Create(new() { Network = Quality, Device = ComputeDevice.Cuda(1) });
        Assert.Equal(ComputeDevice.Cuda(1), second.Device);
        Assert.Contains("(cuda:1, ", second.DeviceReason, StringComparison.Ordinal);
        IQualityMapEstimator[] both = [first, second];
        ImageBuffer picture = Picture(50, 30);
        float[] expected = first.Estimate(picture.View).Quality.ToArray();
        Parallel.For(0, 6, i => Assert.Equal(expected, both[i % 2].Estimate(picture.View).Quality.ToArray()));
    }
}
