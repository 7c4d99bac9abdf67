using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda.Native;

// cuBLAS 12 and 13: declarations only. Matrices are columns first; scale factors are floats in host memory.
static unsafe partial class Cublas
{
    public const string Library = "jqe-cublas";

    [LibraryImport(Library)]
    public static partial byte* cublasGetStatusName(CublasStatus status);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasCreate_v2(nint* handle);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasDestroy_v2(nint handle);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasSetStream_v2(nint handle, nint stream);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasSetWorkspace_v2(nint handle, ulong workspace, nuint bytes);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasSetMathMode(nint handle, CublasMath mode);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasGemmEx(nint handle, CublasOperation transposeA, CublasOperation transposeB, int m, int n, int k,
        void* alpha, ulong a, CudaDataType aType, int lda, ulong b, CudaDataType bType, int ldb, void* beta, ulong c, CudaDataType cType, int ldc,
        CublasComputeType compute, CublasGemmAlgorithm algorithm);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasGemmStridedBatchedEx(nint handle, CublasOperation transposeA, CublasOperation transposeB, int m, int n, int k,
        void* alpha, ulong a, CudaDataType aType, int lda, long strideA, ulong b, CudaDataType bType, int ldb, long strideB,
        void* beta, ulong c, CudaDataType cType, int ldc, long strideC, int batch, CublasComputeType compute, CublasGemmAlgorithm algorithm);
}
