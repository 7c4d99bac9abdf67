using JpegQualityEstimation.Cuda.Runtime;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Runtime;

public sealed class DeviceMemoryTests
{
    // What other tests forgot goes before, and not while bytes are counted.
    public DeviceMemoryTests()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData((2 << 20) - 1)]
    [InlineData(2 << 20)]
    [InlineData((2 << 20) + 1)]
    [InlineData((17 << 20) + 3)]
    public void WhatIsUploadedIsDownloaded(int length)
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using DeviceBuffer<byte> buffer = stream.Rent<byte>(length);
        byte[] from = Bytes(length), to = new byte[length], copy = (byte[])from.Clone();
        stream.Upload<byte>(from, buffer);
        from.AsSpan().Clear();
        stream.Download<byte>(buffer, to);
        Assert.Equal(copy, to);
    }

    [SkippableFact]
    public void SlicesAreCopiedAndClearedInPlace()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using DeviceBuffer<int> buffer = stream.Rent<int>(100);
        int[] values = [.. Enumerable.Range(0, 100)];
        stream.Upload<int>(values, buffer);
        stream.Copy(buffer.Slice(10, 20), buffer.Slice(60, 20));
        stream.Clear(buffer.Slice(0, 5));
        stream.Clear(buffer.Slice(90));
        int[] read = new int[100];
        stream.Download<int>(buffer, read);
        for (int i = 0; i < 100; i++)
            Assert.Equal(i < 5 || i >= 90 ? 0 : i is >= 60 and < 80 ? i - 50 : i, read[i]);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(90, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(-1, 2));
        Assert.Throws<ArgumentException>(() => stream.Copy(buffer.Slice(0, 5), buffer.Slice(5, 6)));
        Assert.Throws<ArgumentException>(() => stream.Upload<int>(new int[3], buffer.Slice(0, 4)));
    }

    [SkippableFact]
    public void PinnedMemoryIsCopiedBesideTheStream()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using PinnedBuffer<float> pinned = runtime.Pin<float>(64);
        using DeviceBuffer<float> buffer = stream.Rent<float>(32);
        for (int i = 0; i < 64; i++)
            pinned.Span[i] = i;
        stream.UploadAsync(pinned, buffer.Span, start: 16);
        stream.DownloadAsync(buffer.Slice(0, 8), pinned, start: 56);
        using CudaEvent done = stream.Record();
        done.Synchronize();
        Assert.True(done.IsDone);
        Assert.Equal([16, 17, 18, 19, 20, 21, 22, 23], pinned.Span[56..].ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.UploadAsync(pinned, buffer.Span, start: 33));
    }

    [SkippableFact]
    public void TheCapIsKeptAndTheErrorSaysAll()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        long before = runtime.UsedBytes, cap = runtime.MemoryCap;
        runtime.MemoryCap = before + (1 << 20);
        try
        {
            using DeviceBuffer<byte> half = stream.Rent<byte>(512 << 10);
            Assert.Equal(before + (512 << 10), runtime.UsedBytes);
            var e = Assert.Throws<CudaOutOfMemoryException>(() => stream.Rent<float>((128 << 10) + 1));
            Assert.Equal((512 << 10) + 512, e.RequestedBytes);
            Assert.Equal(before + (512 << 10), e.UsedBytes);
            Assert.Equal(before + (1 << 20), e.CapBytes);
            Assert.Contains("524800 bytes", e.Message, StringComparison.Ordinal);
            Assert.Contains("CUDA_ERROR_OUT_OF_MEMORY", e.Message, StringComparison.Ordinal);
            using DeviceBuffer<byte> rest = stream.Rent<byte>(512 << 10);
            Assert.Equal(runtime.MemoryCap, runtime.UsedBytes);
        }
        finally
        {
            runtime.MemoryCap = cap;
        }
        Assert.Equal(before, runtime.UsedBytes);
        Assert.True(runtime.PeakBytes >= before + (1 << 20));
    }

    [SkippableFact]
    public void ADeviceThatIsFullSaysSo()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        long cap = runtime.MemoryCap, before = runtime.UsedBytes;
        runtime.MemoryCap = long.MaxValue;
        try
        {
            var e = Assert.Throws<CudaOutOfMemoryException>(() => stream.Rent<byte>(runtime.MemoryBytes + 4096));
            Assert.Equal("cuMemAllocFromPoolAsync", e.Call);
        }
        finally
        {
            runtime.MemoryCap = cap;
        }
        Assert.Equal(before, runtime.UsedBytes);
        using DeviceBuffer<byte> small = stream.Rent<byte>(16);
    }

    [SkippableFact]
    public void TrimGivesBackWhatNoBufferHolds()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        stream.Rent<byte>(40 << 20).Dispose();
        stream.Synchronize();
        Assert.True(runtime.ReservedBytes >= 40 << 20);
        runtime.Trim();
        Assert.True(runtime.ReservedBytes < 40 << 20);
    }

    [SkippableFact]
    public void MemoryStaysFlatOverAThousandRentsAndLaunches()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        KernelFunction scale = runtime.Kernel("platform", "platform_scale");
        long used = 0, reserved = 0;
        for (int i = 0; i < 1000; i++)
        {
            using DeviceBuffer<float> x = stream.Rent<float>(1000), y = stream.Rent<float>(1000);
            stream.Clear(x);
            stream.Clear(y);
            stream.Launch(scale, new Dim3(4), new Dim3(256), 0, y, x, 2f, 1000);
            if (i % 10 == 0)
                stream.Synchronize();
            if (i == 10)
                (used, reserved) = (runtime.UsedBytes, runtime.ReservedBytes);
        }
        stream.Synchronize();
        Assert.Equal(used - 2 * 4096, runtime.UsedBytes);
        Assert.True(runtime.ReservedBytes <= reserved);
    }

    [SkippableFact]
    public void ForgottenBuffersAreReturnedByTheCollector()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        long before = runtime.UsedBytes;
        Forget(stream);
        for (int i = 0; i < 10 && runtime.UsedBytes > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal(before, runtime.UsedBytes);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget(CudaStream stream)
        {
            for (int i = 0; i < 20; i++)
                stream.Rent<byte>(10_000);
        }
    }

    [SkippableFact]
    public void DisposingTwiceIsDisposingOnce()
    {
        CudaRuntime runtime = TestDevice.Open();
        CudaStream stream = runtime.CreateStream();
        long before = runtime.UsedBytes;
        DeviceBuffer<byte> buffer = stream.Rent<byte>(100), other = stream.Rent<byte>(100);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Equal(before + 512, runtime.UsedBytes);
        Assert.Throws<ObjectDisposedException>(() => buffer.Span);
        PinnedBuffer<byte> pinned = runtime.Pin<byte>(10);
        pinned.Dispose();
        pinned.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pinned.Span[0]);
        CudaEvent e = stream.Record();
        e.Dispose();
        e.Dispose();
        stream.Dispose();
        stream.Dispose();
        Assert.Throws<ObjectDisposedException>(() => stream.Rent<byte>(1));
        Assert.Throws<ObjectDisposedException>(stream.Synchronize);
        // The buffer keeps its stream and pool until it goes itself.
        other.Dispose();
        runtime.Dispose();
        runtime.Dispose();
        Assert.Throws<ObjectDisposedException>(runtime.CreateStream);
    }

    [SkippableFact]
    public void StreamsAndBuffersOutliveTheirRuntime()
    {
        CudaRuntime runtime = TestDevice.Open();
        CudaStream stream = runtime.CreateStream();
        DeviceBuffer<byte> buffer = stream.Rent<byte>(8);
        runtime.Dispose();
        stream.Upload<byte>([1, 2, 3, 4, 5, 6, 7, 8], buffer);
        byte[] read = new byte[8];
        stream.Download<byte>(buffer, read);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], read);
        stream.Dispose();
        buffer.Dispose();
        using CudaRuntime again = TestDevice.Open();
        using CudaStream next = again.CreateStream();
        using DeviceBuffer<byte> fresh = next.Rent<byte>(8);
    }
}
