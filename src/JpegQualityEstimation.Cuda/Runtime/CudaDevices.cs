using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using JpegQualityEstimation.Cuda.Handles;
using JpegQualityEstimation.Cuda.Native;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Runtime;

// CudaDevices: the devices that the driver offers, without a context on any of them.
static unsafe class CudaDevices
{
    // Kernels are made for sm_70 (PTX 7.0, which drivers from 450 on compile).
    const int LeastMajor = 7;
    const int NameBytes = 256;

    /// <summary>Number of devices; or why that cannot be told.</summary>
    public static int Count(out IReadOnlyList<string> tried)
    {
        NativeLibraryReport driver = CudaLibraries.Driver;
        tried = [];
        if (driver.Handle == 0)
        {
            tried = [.. driver.Tried.Select(t => $"{driver.Library}: {t}")];
            return 0;
        }
        try
        {
            Check.Ok(CudaDriver.cuInit(0));
            int count;
            Check.Ok(CudaDriver.cuDeviceGetCount(&count));
            return count;
        }
        catch (Exception e) when (e is CudaException or EntryPointNotFoundException)
        {
            tried = [$"{driver.FoundAs}: {e.Message}"];
            return 0;
        }
    }

    /// <summary>What was tried, where a device cannot be had; empty where it can.</summary>
    public static IReadOnlyList<string> WhyNot(int index)
    {
        int count = Count(out IReadOnlyList<string> tried);
        if (tried.Count > 0)
            return tried;
        if (index >= count)
            return [string.Create(CultureInfo.InvariantCulture, $"{CudaLibraries.Driver.FoundAs}: offers {count} devices, not cuda:{index}")];
        try
        {
            CudaDeviceReport report = Report(index);
            return report.ComputeMajor >= LeastMajor
                ? []
                : [string.Create(CultureInfo.InvariantCulture, $"{report.Name}: compute capability {report.ComputeMajor}.{report.ComputeMinor}, below {LeastMajor}.0")];
        }
        catch (CudaException e)
        {
            return [e.Message];
        }
    }

    /// <exception cref="DeviceUnavailableException">It cannot be had.</exception>
    public static CudaDeviceReport Require(int index)
    {
        IReadOnlyList<string> tried = WhyNot(index);
        return tried.Count == 0 ? Report(index) : throw new DeviceUnavailableException(ComputeDevice.Cuda(index), tried);
    }

    /// <summary>What the driver says of a device that is there.</summary>
    public static CudaDeviceReport Report(int index)
    {
        int device = Id(index);
        byte* text = stackalloc byte[NameBytes];
        Check.Ok(CudaDriver.cuDeviceGetName(text, NameBytes, device));
        nuint bytes;
        Check.Ok(CudaDriver.cuDeviceTotalMem_v2(&bytes, device));
        return new CudaDeviceReport(index, Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)),
            Attribute(DeviceAttribute.ComputeCapabilityMajor), Attribute(DeviceAttribute.ComputeCapabilityMinor),
            Attribute(DeviceAttribute.MultiprocessorCount), (long)bytes)
        {
            MaxSharedPerBlock = Math.Max(Attribute(DeviceAttribute.MaxSharedMemoryPerBlockOptin), Attribute(DeviceAttribute.MaxSharedMemoryPerBlock)),
            HasMemoryPools = Attribute(DeviceAttribute.MemoryPoolsSupported) != 0,
            ClockKilohertz = Attribute(DeviceAttribute.ClockRate),
            MemoryClockKilohertz = Attribute(DeviceAttribute.MemoryClockRate),
            MemoryBusBits = Attribute(DeviceAttribute.GlobalMemoryBusWidth),
        };

        int Attribute(DeviceAttribute attribute)
        {
            int value;
            // What an old driver does not know is not there.
            return CudaDriver.cuDeviceGetAttribute(&value, attribute, device) == CudaStatus.Success ? value : 0;
        }
    }

    /// <summary>Whether one device may read another's memory.</summary>
    public static bool CanAccess(int device, int peer)
    {
        int can;
        Check.Ok(CudaDriver.cuDeviceCanAccessPeer(&can, Id(device), Id(peer)));
        return can != 0;
    }

    static int Id(int index)
    {
        int device;
        Check.Ok(CudaDriver.cuDeviceGet(&device, index));
        return device;
    }
}
