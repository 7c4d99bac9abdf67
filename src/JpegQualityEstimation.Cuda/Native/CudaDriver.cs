using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda.Native;

// CUDA driver API: declarations only, under the names that the driver exports (versioned where the header renames).
// Contexts, streams, events, modules, functions, graphs and pools are opaque pointers; devices are ordinals; device
// addresses are 64-bit numbers. Nothing here checks or keeps anything: see Handles.
static unsafe partial class CudaDriver
{
    public const string Library = "jqe-cuda-driver";

    [LibraryImport(Library)]
    public static partial CudaStatus cuInit(uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDriverGetVersion(int* version);

    [LibraryImport(Library)]
    public static partial CudaStatus cuGetErrorName(CudaStatus status, byte** name);

    [LibraryImport(Library)]
    public static partial CudaStatus cuGetErrorString(CudaStatus status, byte** text);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceGetCount(int* count);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceGet(int* device, int ordinal);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceGetName(byte* name, int length, int device);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceGetAttribute(int* value, DeviceAttribute attribute, int device);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceTotalMem_v2(nuint* bytes, int device);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceCanAccessPeer(int* can, int device, int peer);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDevicePrimaryCtxRetain(nint* context, int device);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDevicePrimaryCtxRelease_v2(int device);

    [LibraryImport(Library)]
    public static partial CudaStatus cuCtxGetCurrent(nint* context);

    [LibraryImport(Library)]
    public static partial CudaStatus cuCtxSetCurrent(nint context);

    [LibraryImport(Library)]
    public static partial CudaStatus cuCtxSynchronize();
}
