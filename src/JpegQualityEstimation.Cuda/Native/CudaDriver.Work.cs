using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda.Native;

// Streams, events, modules, launches, graphs.
static unsafe partial class CudaDriver
{
    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamCreate(nint* stream, uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamDestroy_v2(nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamSynchronize(nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamWaitEvent(nint stream, nint e, uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuEventCreate(nint* e, uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuEventDestroy_v2(nint e);

    [LibraryImport(Library)]
    public static partial CudaStatus cuEventRecord(nint e, nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuEventQuery(nint e);

    [LibraryImport(Library)]
    public static partial CudaStatus cuEventSynchronize(nint e);

    // Drivers from 12.8 on export both, later ones may drop the first.
    [LibraryImport(Library)]
    public static partial CudaStatus cuEventElapsedTime(float* milliseconds, nint start, nint end);

    [LibraryImport(Library)]
    public static partial CudaStatus cuEventElapsedTime_v2(float* milliseconds, nint start, nint end);

    [LibraryImport(Library)]
    public static partial CudaStatus cuModuleLoadDataEx(nint* module, void* image, uint optionCount, JitOption* options, void** values);

    [LibraryImport(Library)]
    public static partial CudaStatus cuModuleUnload(nint module);

    [LibraryImport(Library)]
    public static partial CudaStatus cuModuleGetFunction(nint* function, nint module, byte* name);

    [LibraryImport(Library)]
    public static partial CudaStatus cuFuncGetAttribute(int* value, FunctionAttribute attribute, nint function);

    [LibraryImport(Library)]
    public static partial CudaStatus cuFuncSetAttribute(nint function, FunctionAttribute attribute, int value);

    [LibraryImport(Library)]
    public static partial CudaStatus cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, nint function, int blockSize, nuint dynamicShared);

    [LibraryImport(Library)]
    public static partial CudaStatus cuLaunchKernel(nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ,
        uint dynamicShared, nint stream, void** arguments, void** extra);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamBeginCapture_v2(nint stream, StreamCaptureMode mode);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamEndCapture(nint stream, nint* graph);

    [LibraryImport(Library)]
    public static partial CudaStatus cuGraphInstantiateWithFlags(nint* executable, nint graph, ulong flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuGraphLaunch(nint executable, nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuGraphExecDestroy(nint executable);

    [LibraryImport(Library)]
    public static partial CudaStatus cuGraphDestroy(nint graph);
}
