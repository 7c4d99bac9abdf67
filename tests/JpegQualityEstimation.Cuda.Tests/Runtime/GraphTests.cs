using JpegQualityEstimation.Cuda.Runtime;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Runtime;

public sealed class GraphTests
{
    const int Length = 300;

    [SkippableFact]
    public void AGraphDoesItsWorkEachTimeItIsLaunched()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream(), other = runtime.CreateStream();
        using DeviceBuffer<float> x = stream.Rent<float>(Length), y = stream.Rent<float>(Length);
        KernelFunction scale = runtime.Kernel("platform", "platform_scale");
        stream.Upload<float>([.. Enumerable.Range(0, Length).Select(i => (float)i)], x);
        stream.Clear(y);
        using CudaGraph graph = stream.Capture(s =>
        {
            s.Launch(scale, new Dim3(2), new Dim3(256), 0, y, x, 1f, Length);
            s.Launch(scale, new Dim3(2), new Dim3(256), 0, y, x, 2f, Length);
        });
        Assert.Equal(0, Read(stream, y)[7]);
        stream.Launch(graph);
        stream.Launch(graph);
        Assert.Equal([.. Enumerable.Range(0, Length).Select(i => 6f * i)], Read(stream, y));
        other.Launch(graph);
        other.Synchronize();
        Assert.Equal([.. Enumerable.Range(0, Length).Select(i => 9f * i)], Read(stream, y));
    }

    [SkippableFact]
    public void CopiesBetweenPinnedAndDeviceMemoryAreCapturedToo()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using PinnedBuffer<int> input = runtime.Pin<int>(4), output = runtime.Pin<int>(4);
        using DeviceBuffer<int> a = stream.Rent<int>(4), b = stream.Rent<int>(4);
        using CudaGraph graph = stream.Capture(s =>
        {
            s.UploadAsync(input, a.Span);
            s.Copy(a.Span, b.Span);
            s.Clear(b.Slice(3));
            s.DownloadAsync(b.Span, output);
        });
        for (int round = 1; round < 4; round++)
        {
            for (int i = 0; i < 4; i++)
                input.Span[i] = round + i;
            stream.Launch(graph);
            stream.Synchronize();
            Assert.Equal([round, round + 1, round + 2, 0], output.Span.ToArray());
        }
    }

    [SkippableFact]
    public void WhatAGraphCannotHoldIsRefusedAndTheStreamGoesOn()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        long before = runtime.UsedBytes;
        DeviceBuffer<byte> buffer = stream.Rent<byte>(16);
        Assert.Throws<InvalidOperationException>(() => stream.Capture(s => s.Rent<byte>(1)));
        Assert.Throws<InvalidOperationException>(() => stream.Capture(s => s.Upload<byte>(new byte[16], buffer)));
        Assert.Throws<InvalidOperationException>(() => stream.Capture(s => s.Synchronize()));
        Assert.Throws<InvalidOperationException>(() => stream.Capture(s => s.Capture(_ => { })));
        Assert.Throws<DivideByZeroException>(() => stream.Capture(_ => throw new DivideByZeroException()));
        Assert.Throws<InvalidOperationException>(() => stream.Capture(s =>
        {
            s.Clear(buffer);
            buffer.Dispose();
        }));
        Assert.Equal(before, runtime.UsedBytes);
        using DeviceBuffer<byte> fresh = stream.Rent<byte>(16);
        stream.Clear(fresh);
        stream.Synchronize();
    }

    [SkippableFact]
    public void AGraphMayBeDisposedTwiceAndNotUsedAfterwards()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using DeviceBuffer<byte> buffer = stream.Rent<byte>(16);
        CudaGraph graph = stream.Capture(s => s.Clear(buffer));
        graph.Dispose();
        graph.Dispose();
        Assert.Throws<ObjectDisposedException>(() => stream.Launch(graph));
    }

    static float[] Read(CudaStream stream, DeviceBuffer<float> buffer)
    {
        float[] values = new float[buffer.Length];
        stream.Download<float>(buffer, values);
        return values;
    }
}
