using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda.Native;

// Numbers of cuDNN 9 that the backend passes or reads.

/// <summary>cudnnStatus_t; 3000..3999 say that a request is not supported.</summary>
enum CudnnStatus
{
    Success = 0,
    BadParameter = 2000,
    NotSupported = 3000,
    InternalError = 4000,
    ExecutionFailed = 5000,
}

enum CudnnDataType
{
    Float = 0,
    Half = 2,
    BFloat16 = 9,
}

enum CudnnMathType
{
    Default = 0,
    TensorOp = 1,
    TensorOpAllowConversion = 2,
    Fma = 3,
}

enum CudnnTensorFormat
{
    Nchw = 0,
    Nhwc = 1,
}

enum CudnnConvolutionMode
{
    CrossCorrelation = 1,
}

enum CudnnActivationMode
{
    Relu = 1,
    Identity = 5,
}

enum CudnnNanPropagation
{
    NotPropagate = 0,
    Propagate = 1,
}

enum CudnnDeterminism
{
    NonDeterministic = 0,
    Deterministic = 1,
}

enum CudnnForwardAlgorithm
{
    ImplicitGemm = 0,
    ImplicitPrecomputedGemm = 1,
    Gemm = 2,
    Direct = 3,
    Fft = 4,
    FftTiling = 5,
    Winograd = 6,
    WinogradNonfused = 7,
    Count = 8,
}

enum CudnnBackwardDataAlgorithm
{
    Algorithm0 = 0,
    Algorithm1 = 1,
    Fft = 2,
    FftTiling = 3,
    Winograd = 4,
    WinogradNonfused = 5,
    Count = 6,
}

enum CudnnBackwardFilterAlgorithm
{
    Algorithm0 = 0,
    Algorithm1 = 1,
    Fft = 2,
    Algorithm3 = 3,
    Winograd = 4,
    WinogradNonfused = 5,
    FftTiling = 6,
    Count = 7,
}

/// <summary>cudnnConvolution{Fwd,BwdData,BwdFilter}AlgoPerf_t, 48 bytes; the algorithm is the number of its own enumeration.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct CudnnAlgorithmPerformance
{
    public int Algorithm;
    public CudnnStatus Status;
    public float Time;
    public nuint Memory;
    public CudnnDeterminism Determinism;
    public CudnnMathType MathType;
    public fixed int Reserved[3];
}
