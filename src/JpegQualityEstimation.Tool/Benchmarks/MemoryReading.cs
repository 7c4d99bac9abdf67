using System.Globalization;
using JpegQualityEstimation.Cuda.Handles;
using JpegQualityEstimation.Cuda.Native;
using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Tool.Benchmarks;

/// <summary>What is taken of a device's memory, by everyone and by this process's buffers, and of the host's.</summary>
readonly unsafe record struct MemoryReading(long DeviceBytes, long BufferBytes, long HostBytes)
{
    // What a garbage-collected process may differ by from one moment to the next.
    const long HostSlack = 64 << 20;

    public static MemoryReading Of(CudaRuntime runtime)
    {
        // Makes the device's context current.
        using CudaStream stream = runtime.CreateStream();
        stream.Synchronize();
        nuint free, total;
        Check.Ok(CudaDriver.cuMemGetInfo_v2(&free, &total));
        return new((long)(total - free), runtime.UsedBytes, GC.GetTotalMemory(forceFullCollection: true));
    }

    /// <summary>What has grown since, in words; null: nothing.</summary>
    public string? Grown(in MemoryReading later)
    {
        var grown = new List<string>();
        Add("device", later.DeviceBytes - DeviceBytes, 0);
        Add("buffers", later.BufferBytes - BufferBytes, 0);
        Add("host", later.HostBytes - HostBytes, HostSlack);
        return grown.Count == 0 ? null : string.Join(", ", grown);

        void Add(string what, long by, long slack)
        {
            if (by > slack)
                grown.Add(string.Create(CultureInfo.InvariantCulture, $"{what} memory grew by {by} bytes"));
        }
    }
}
