using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda.Native;

// cuDNN 9: declarations only. Handles and descriptors are opaque pointers, data are device addresses, scale factors are
// floats in host memory.
static unsafe partial class Cudnn
{
    public const string Library = "jqe-cudnn";

    [LibraryImport(Library)]
    public static partial nuint cudnnGetVersion();

    [LibraryImport(Library)]
    public static partial byte* cudnnGetErrorString(CudnnStatus status);

    [LibraryImport(Library)]
    public static partial void cudnnGetLastErrorString(byte* message, nuint size);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnCreate(nint* handle);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnDestroy(nint handle);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnSetStream(nint handle, nint stream);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnCreateTensorDescriptor(nint* tensor);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnDestroyTensorDescriptor(nint tensor);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnSetTensor4dDescriptorEx(nint tensor, CudnnDataType type, int n, int c, int h, int w,
        int nStride, int cStride, int hStride, int wStride);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnCreateFilterDescriptor(nint* filter);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnDestroyFilterDescriptor(nint filter);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnSetFilter4dDescriptor(nint filter, CudnnDataType type, CudnnTensorFormat format, int k, int c, int h, int w);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnCreateActivationDescriptor(nint* activation);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnDestroyActivationDescriptor(nint activation);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnSetActivationDescriptor(nint activation, CudnnActivationMode mode, CudnnNanPropagation nan, double coefficient);
}
