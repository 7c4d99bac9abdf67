using System.Text;
using JpegQualityEstimation.Cuda.Runtime;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Runtime;

public sealed class LaunchTests
{
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(1000)]
    public void AKernelComputes(int length)
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using DeviceBuffer<float> x = stream.Rent<float>(length), y = stream.Rent<float>(length);
        float[] xs = [.. Enumerable.Range(0, length).Select(i => (float)i)], ys = [.. xs.Select(v => 1000 - v)];
        stream.Upload<float>(xs, x);
        stream.Upload<float>(ys, y);
        stream.Launch(runtime.Kernel("platform", "platform_scale"), new Dim3((length + 255) / 256), new Dim3(256), 0, y, x, 3f, length);
        float[] read = new float[length];
        stream.Download<float>(y, read);
        Assert.Equal([.. xs.Zip(ys, (a, b) => 3 * a + b)], read);
    }

    [SkippableFact]
    public void ArgumentsThatTheKernelDoesNotTakeAreRefused()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using DeviceBuffer<float> x = stream.Rent<float>(4), y = stream.Rent<float>(4);
        KernelFunction scale = runtime.Kernel("platform", "platform_scale");
        var missing = Assert.Throws<ArgumentException>(() => stream.Launch(scale, new Dim3(1), new Dim3(256), 0, y, x, 3f));
        Assert.Equal("kernel platform_scale takes 4 arguments, given 3", missing.Message);
        var wrong = Assert.Throws<ArgumentException>(() => stream.Launch(scale, new Dim3(1), new Dim3(256), 0, y, x, 3.0, 4));
        Assert.Equal("argument 2 of kernel platform_scale is Float32, given Float64", wrong.Message);
        Assert.Throws<ArgumentException>(() => stream.Launch(scale, new Dim3(1), new Dim3(256), 0, y, x, 3f, 4L));
        Assert.Throws<ArgumentException>(() => stream.Launch(scale, new Dim3(1), new Dim3(256), 0, y, x, 3f, 4f));
    }

    [SkippableFact]
    public void ALaunchThatCannotBeNamesKernelAndSizes()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using DeviceBuffer<float> x = stream.Rent<float>(4), y = stream.Rent<float>(4);
        KernelFunction scale = runtime.Kernel("platform", "platform_scale");
        foreach ((Dim3 grid, Dim3 block) in (ReadOnlySpan<(Dim3, Dim3)>)[(new(1), new(512)), (new(0), new(256)), (new(1), new(0)), (new(1, 70000), new(1))])
        {
            CudaException? e = null;
            try
            {
                stream.Launch(scale, grid, block, 0, y, x, 3f, 4);
            }
            catch (CudaException thrown)
            {
                e = thrown;
            }
            Assert.NotNull(e);
            Assert.Equal("cuLaunchKernel", e.Call);
            Assert.StartsWith("CUDA_ERROR_", e.StatusName, StringComparison.Ordinal);
            Assert.Contains($"kernel platform_scale, grid {grid}, block {block} (most {scale.MaxThreads})", e.Message, StringComparison.Ordinal);
        }
        // A launch that was refused leaves the stream as it was.
        stream.Clear(y);
        stream.Synchronize();
    }

    [SkippableTheory]
    [InlineData(100)]
    [InlineData(12 * 1024)]
    [InlineData(20_000)]
    public void DynamicSharedMemoryIsGivenAsAskedFor(int width)
    {
        using CudaRuntime runtime = TestDevice.Open();
        Skip.If(4 * width > runtime.MaxSharedPerBlock, $"{runtime.Name} gives a block {runtime.MaxSharedPerBlock} bytes at most");
        using CudaStream stream = runtime.CreateStream();
        using DeviceBuffer<float> x = stream.Rent<float>(2L * width), sums = stream.Rent<float>(2);
        float[] values = [.. Enumerable.Range(0, 2 * width).Select(i => (float)(i % 7))];
        stream.Upload<float>(values, x);
        stream.Launch(runtime.Kernel("platform", "platform_rows"), new Dim3(2), new Dim3(128), 4 * width, sums, x, width);
        float[] read = new float[2];
        stream.Download<float>(sums, read);
        Assert.Equal([values[..width].Sum(), values[width..].Sum()], read);
    }

    [SkippableFact]
    public void MoreSharedMemoryThanThereIsIsAnErrorThatSaysHowMuch()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using DeviceBuffer<float> x = stream.Rent<float>(4), sums = stream.Rent<float>(1);
        KernelFunction rows = runtime.Kernel("platform", "platform_rows");
        int bytes = runtime.MaxSharedPerBlock + 4;
        var e = Assert.Throws<CudaException>(() => stream.Launch(rows, new Dim3(1), new Dim3(128), bytes, sums, x, 4));
        Assert.Contains($"kernel platform_rows, {bytes} bytes", e.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void UnknownNamesAreAnsweredWithTheKnownOnes()
    {
        using CudaRuntime runtime = TestDevice.Open();
        var module = Assert.Throws<ArgumentException>(() => runtime.Kernel("nothing", "platform_scale"));
        Assert.Contains("platform", module.Message, StringComparison.Ordinal);
        var kernel = Assert.Throws<ArgumentException>(() => runtime.Kernel("platform", "platform_nothing"));
        Assert.Contains("platform_scale", kernel.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void AModuleThatCannotBeCompiledSaysWhy()
    {
        using CudaRuntime runtime = TestDevice.Open();
        var e = Assert.Throws<CudaException>(() => runtime.LoadModule("broken", "this is no PTX"u8));
        Assert.Equal("cuModuleLoadDataEx", e.Call);
        Assert.Contains("module broken", e.Message, StringComparison.Ordinal);
        using CudaModule loaded = runtime.LoadModule("copy", CudaModule.Embedded("platform"));
        Assert.Equal("platform_scale", loaded.Kernel("platform_scale").Name);
    }

    // Kernels that a device cannot load must not be met first by a user.
    [SkippableFact]
    public void EveryEmbeddedKernelLoads()
    {
        using CudaRuntime runtime = TestDevice.Open();
        Assert.NotEmpty(CudaModule.EmbeddedNames);
        foreach (string module in CudaModule.EmbeddedNames)
        {
            Dictionary<string, KernelArgumentKind[]> entries = PtxEntries.Read(Encoding.ASCII.GetString(CudaModule.Embedded(module)));
            Assert.NotEmpty(entries);
            foreach (string entry in entries.Keys)
            {
                KernelFunction kernel = runtime.Kernel(module, entry);
                Assert.Same(kernel, runtime.Kernel(module, entry));
                Assert.InRange(kernel.MaxThreads, 32, 1024);
                Assert.InRange(kernel.ActiveBlocks(kernel.MaxThreads), 1, 64);
            }
        }
    }
}
