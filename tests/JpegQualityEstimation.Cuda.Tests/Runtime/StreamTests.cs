using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Cuda.Tests.Native;
using JpegQualityEstimation.Engine;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Runtime;

public sealed class StreamTests
{
    [SkippableFact]
    public void AStreamWaitsForAnothersEvent()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream first = runtime.CreateStream(), second = runtime.CreateStream();
        using DeviceBuffer<float> x = first.Rent<float>(256), y = first.Rent<float>(256);
        KernelFunction scale = runtime.Kernel("platform", "platform_scale");
        first.Upload<float>([.. Enumerable.Range(0, 256).Select(i => (float)i)], x);
        first.Clear(y);
        first.Launch(scale, new Dim3(1), new Dim3(256), 0, y, x, 1f, 256);
        using CudaEvent ready = first.Record();
        second.Wait(ready);
        second.Launch(scale, new Dim3(1), new Dim3(256), 0, x, y, 1f, 256);
        float[] read = new float[256];
        second.Download<float>(x, read);
        Assert.Equal([.. Enumerable.Range(0, 256).Select(i => 2f * i)], read);
        using CudaEvent back = second.Record();
        first.Wait(back);
    }

    [SkippableFact]
    public void TimedEventsTellTheTimeBetweenThem()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using DeviceBuffer<byte> buffer = stream.Rent<byte>(1 << 20);
        using CudaEvent start = stream.Record(timed: true);
        stream.Clear(buffer);
        using CudaEvent end = stream.Record(timed: true);
        end.Synchronize();
        Assert.InRange(end.MillisecondsSince(start), 0, 60_000);
        using CudaEvent untimed = stream.Record();
        stream.Synchronize();
        Assert.Throws<CudaException>(() => untimed.MillisecondsSince(start));
    }

    [SkippableFact]
    public void ThreadsWithStreamsOfTheirOwnDoNotDisturbEachOther()
    {
        using CudaRuntime runtime = TestDevice.Open();
        long before = runtime.UsedBytes;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 }, worker =>
        {
            using CudaRuntime own = CudaRuntime.Open(runtime.Index);
            using CudaStream stream = own.CreateStream();
            KernelFunction scale = own.Kernel("platform", "platform_scale");
            for (int round = 0; round < 5; round++)
            {
                int length = 100 + 50 * worker + round;
                using DeviceBuffer<float> x = stream.Rent<float>(length), y = stream.Rent<float>(length);
                stream.Upload<float>([.. Enumerable.Repeat((float)worker, length)], x);
                stream.Clear(y);
                stream.Launch(scale, new Dim3((length + 255) / 256), new Dim3(256), 0, y, x, (float)round, length);
                float[] read = new float[length];
                stream.Download<float>(y, read);
                Assert.All(read, value => Assert.Equal(worker * round, value));
            }
        });
        Assert.Equal(before, runtime.UsedBytes);
    }

    [SkippableFact]
    public void AStreamMayGoFromThreadToThread()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        DeviceBuffer<int> buffer = OnAnotherThread(() => stream.Rent<int>(3));
        OnAnotherThread(() =>
        {
            stream.Upload<int>([1, 2, 3], buffer);
            return 0;
        });
        int[] read = new int[3];
        stream.Download<int>(buffer, read);
        Assert.Equal([1, 2, 3], read);
        OnAnotherThread(() =>
        {
            buffer.Dispose();
            return 0;
        });

        static T OnAnotherThread<T>(Func<T> work)
        {
            T result = default!;
            var thread = new Thread(() => result = work());
            thread.Start();
            thread.Join();
            return result;
        }
    }

    [SkippableFact]
    public void TheDeviceTellsWhatItIs()
    {
        using CudaRuntime runtime = TestDevice.Open();
        Assert.NotEmpty(runtime.Name);
        Assert.True(runtime.ComputeMajor >= 7);
        Assert.True(runtime.Multiprocessors > 0);
        Assert.True(runtime.MemoryBytes > 0);
        Assert.True(runtime.MaxSharedPerBlock >= 48 << 10);
        Assert.Equal(TestDevice.Emulator is not null, runtime.IsEmulated);
    }

    [SkippableFact]
    public void TwoDevicesWorkSideBySide()
    {
        TestDevice.Require();
        using EmulatorSettings? two = TestDevice.Emulator is null ? null : new EmulatorSettings(("DEVICES", "2"));
        Skip.If(CudaProbe.Devices(out _).Count < 2, "there is one device only");
        using CudaRuntime first = CudaRuntime.Open(0), second = CudaRuntime.Open(1);
        using CudaStream a = first.CreateStream(), b = second.CreateStream();
        KernelFunction here = first.Kernel("platform", "platform_scale"), there = second.Kernel("platform", "platform_scale");
        Assert.NotSame(here, there);
        long used = second.UsedBytes;
        using DeviceBuffer<float> x = a.Rent<float>(1000), y = a.Rent<float>(1000);
        Assert.Equal(used, second.UsedBytes);
        using DeviceBuffer<float> u = b.Rent<float>(1000), v = b.Rent<float>(1000);
        float[] values = [.. Enumerable.Range(0, 1000).Select(i => (float)i)];
        // Calls on one device between those on the other, on one thread.
        a.Upload<float>(values, x);
        b.Upload<float>(values, u);
        a.Clear(y);
        b.Clear(v);
        a.Launch(here, new Dim3(4), new Dim3(256), 0, y, x, 2f, 1000);
        b.Launch(there, new Dim3(4), new Dim3(256), 0, v, u, 3f, 1000);
        using CudaGraph onA = a.Capture(s => s.Launch(here, new Dim3(4), new Dim3(256), 0, y, x, 2f, 1000));
        using CudaGraph onB = b.Capture(s => s.Launch(there, new Dim3(4), new Dim3(256), 0, v, u, 3f, 1000));
        a.Launch(onA);
        b.Launch(onB);
        Assert.Equal([.. values.Select(value => 4 * value)], Read(a, y));
        Assert.Equal([.. values.Select(value => 6 * value)], Read(b, v));
        // What belongs to one is not taken by the other.
        Assert.Equal("cuLaunchKernel", Assert.Throws<CudaException>(() => a.Launch(there, new Dim3(4), new Dim3(256), 0, y, x, 2f, 1000)).Call);
        Parallel.For(0, 2, device =>
        {
            using CudaRuntime own = CudaRuntime.Open(device);
            using CudaStream stream = own.CreateStream();
            using DeviceBuffer<int> numbers = stream.Rent<int>(5);
            stream.Upload<int>([device, 1, 2, 3, 4], numbers);
            int[] read = new int[5];
            stream.Download<int>(numbers, read);
            Assert.Equal([device, 1, 2, 3, 4], read);
        });
    }

    [SkippableFact]
    public void ADeviceBeyondTheLastIsRefused()
    {
        TestDevice.Require();
        int count = CudaProbe.Devices(out _).Count;
        var e = Assert.Throws<DeviceUnavailableException>(() => CudaRuntime.Open(count));
        Assert.Equal(ComputeDevice.Cuda(count), e.Device);
        Assert.Contains($"offers {count} devices, not cuda:{count}", Assert.Single(e.Tried), StringComparison.Ordinal);
    }

    static float[] Read(CudaStream stream, DeviceBuffer<float> buffer)
    {
        float[] values = new float[buffer.Length];
        stream.Download<float>(buffer, values);
        return values;
    }
}
