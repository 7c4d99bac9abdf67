using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda.Native;

// y = conv(x, w), dx = its adjoint in x, dw = its adjoint in w; each with the heuristic that names algorithms for it.
static unsafe partial class Cudnn
{
    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnCreateConvolutionDescriptor(nint* convolution);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnDestroyConvolutionDescriptor(nint convolution);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnSetConvolution2dDescriptor(nint convolution, int padH, int padW, int strideH, int strideW,
        int dilationH, int dilationW, CudnnConvolutionMode mode, CudnnDataType computeType);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnSetConvolutionMathType(nint convolution, CudnnMathType type);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnGetConvolutionForwardAlgorithm_v7(nint handle, nint x, nint w, nint convolution, nint y,
        int wanted, int* found, CudnnAlgorithmPerformance* results);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnGetConvolutionForwardWorkspaceSize(nint handle, nint x, nint w, nint convolution, nint y,
        CudnnForwardAlgorithm algorithm, nuint* bytes);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnConvolutionForward(nint handle, void* alpha, nint x, ulong xData, nint w, ulong wData,
        nint convolution, CudnnForwardAlgorithm algorithm, ulong workspace, nuint workspaceBytes, void* beta, nint y, ulong yData);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnConvolutionBiasActivationForward(nint handle, void* alpha, nint x, ulong xData, nint w, ulong wData,
        nint convolution, CudnnForwardAlgorithm algorithm, ulong workspace, nuint workspaceBytes, void* alpha2, nint z, ulong zData,
        nint bias, ulong biasData, nint activation, nint y, ulong yData);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnAddTensor(nint handle, void* alpha, nint a, ulong aData, void* beta, nint c, ulong cData);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnActivationForward(nint handle, nint activation, void* alpha, nint x, ulong xData, void* beta, nint y, ulong yData);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnGetConvolutionBackwardDataAlgorithm_v7(nint handle, nint w, nint dy, nint convolution, nint dx,
        int wanted, int* found, CudnnAlgorithmPerformance* results);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnGetConvolutionBackwardDataWorkspaceSize(nint handle, nint w, nint dy, nint convolution, nint dx,
        CudnnBackwardDataAlgorithm algorithm, nuint* bytes);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnConvolutionBackwardData(nint handle, void* alpha, nint w, ulong wData, nint dy, ulong dyData,
        nint convolution, CudnnBackwardDataAlgorithm algorithm, ulong workspace, nuint workspaceBytes, void* beta, nint dx, ulong dxData);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnGetConvolutionBackwardFilterAlgorithm_v7(nint handle, nint x, nint dy, nint convolution, nint dw,
        int wanted, int* found, CudnnAlgorithmPerformance* results);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnGetConvolutionBackwardFilterWorkspaceSize(nint handle, nint x, nint dy, nint convolution, nint dw,
        CudnnBackwardFilterAlgorithm algorithm, nuint* bytes);

    [LibraryImport(Library)]
    public static partial CudnnStatus cudnnConvolutionBackwardFilter(nint handle, void* alpha, nint x, ulong xData, nint dy, ulong dyData,
        nint convolution, CudnnBackwardFilterAlgorithm algorithm, ulong workspace, nuint workspaceBytes, void* beta, nint dw, ulong dwData);
}
