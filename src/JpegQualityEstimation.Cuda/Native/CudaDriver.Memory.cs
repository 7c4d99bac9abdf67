using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda.Native;

static unsafe partial class CudaDriver
{
    [LibraryImport(Library)]
    public static partial CudaStatus cuMemGetInfo_v2(nuint* free, nuint* total);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemPoolCreate(nint* pool, MemoryPoolProperties* properties);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemPoolDestroy(nint pool);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemPoolSetAttribute(nint pool, MemoryPoolAttribute attribute, void* value);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemPoolGetAttribute(nint pool, MemoryPoolAttribute attribute, void* value);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemPoolTrimTo(nint pool, nuint bytesToKeep);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemAllocFromPoolAsync(ulong* address, nuint bytes, nint pool, nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemFreeAsync(ulong address, nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemAlloc_v2(ulong* address, nuint bytes);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemFree_v2(ulong address);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemHostAlloc(void** pointer, nuint bytes, uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemFreeHost(void* pointer);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemcpyHtoDAsync_v2(ulong to, void* from, nuint bytes, nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemcpyDtoHAsync_v2(void* to, ulong from, nuint bytes, nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemcpyDtoDAsync_v2(ulong to, ulong from, nuint bytes, nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemsetD8Async(ulong to, byte value, nuint count, nint stream);
}
