namespace JpegQualityEstimation.Cuda.Native;

// Numbers of cuBLAS 12 and 13 that the backend passes or reads.

enum CublasStatus
{
    Success = 0,
    NotInitialized = 1,
    AllocationFailed = 3,
    InvalidValue = 7,
    ArchitectureMismatch = 8,
    ExecutionFailed = 13,
    InternalError = 14,
    NotSupported = 15,
}

enum CublasOperation
{
    None = 0,
    Transpose = 1,
}

/// <summary>cublasMath_t, a mode and flags.</summary>
[Flags]
enum CublasMath
{
    Default = 0,
    DisallowReducedPrecisionReduction = 16,
}

enum CublasComputeType
{
    Float32 = 68,
    Float32Pedantic = 69,
    Float32FastTensorFloat32 = 77,
}

enum CublasGemmAlgorithm
{
    Default = -1,
}

/// <summary>cudaDataType_t.</summary>
enum CudaDataType
{
    Float32 = 0,
    Float16 = 2,
    BFloat16 = 14,
}
