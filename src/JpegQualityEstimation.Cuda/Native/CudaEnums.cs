using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda.Native;

// Numbers of the CUDA driver API that the backend passes or asks for.

enum DeviceAttribute
{
    MaxThreadsPerBlock = 1,
    MaxSharedMemoryPerBlock = 8,
    WarpSize = 10,
    ClockRate = 13,
    MultiprocessorCount = 16,
    MemoryClockRate = 36,
    GlobalMemoryBusWidth = 37,
    L2CacheSize = 38,
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,
    MaxSharedMemoryPerBlockOptin = 97,
    MemoryPoolsSupported = 115,
}

enum FunctionAttribute
{
    MaxThreadsPerBlock = 0,
    SharedSizeBytes = 1,
    LocalSizeBytes = 3,
    RegisterCount = 4,
    MaxDynamicSharedSizeBytes = 8,
}

enum JitOption
{
    InfoLogBuffer = 3,
    InfoLogBufferSizeBytes = 4,
    ErrorLogBuffer = 5,
    ErrorLogBufferSizeBytes = 6,
}

enum MemoryPoolAttribute
{
    ReleaseThreshold = 4,
    ReservedCurrent = 5,
    ReservedHigh = 6,
    UsedCurrent = 7,
    UsedHigh = 8,
}

enum StreamCaptureMode
{
    Global = 0,
    ThreadLocal = 1,
    Relaxed = 2,
}

static class StreamFlags
{
    public const uint NonBlocking = 1;
}

static class EventFlags
{
    public const uint Default = 0;
    public const uint BlockingSync = 1;
    public const uint DisableTiming = 2;
}

enum MemoryAllocationType
{
    Pinned = 1,
}

enum MemoryLocationType
{
    Device = 1,
}

/// <summary>CUmemPoolProps, 88 bytes; what is not named stays 0.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct MemoryPoolProperties
{
    public MemoryAllocationType AllocationType;
    public int HandleTypes;
    public MemoryLocationType LocationType;
    public int LocationId;
    public nint SecurityAttributes;
    public nuint MaxSize;
    public ushort Usage;
    public fixed byte Reserved[54];
}
