using JpegQualityEstimation.Cuda.Handles;
using JpegQualityEstimation.Cuda.Native;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Runtime;

// ConvolutionChoice: the algorithm of one pass, -1 where there is none, its workspace, and the descriptor that tells it how
// to multiply. See ConvolutionPlan for how it is chosen.
sealed unsafe record ConvolutionChoice(int Algorithm, long WorkspaceBytes, CudnnDescriptor Convolution)
{
    const int MostAlgorithms = 16;

    // Asks for the ranking; asks for an algorithm's workspace.
    delegate CudnnStatus Rank(nint convolution, int* found, CudnnAlgorithmPerformance* results);

    delegate CudnnStatus Measure(nint convolution, int algorithm, nuint* bytes);

    public static ConvolutionChoice Forward(nint handle, in ConvolutionGeometry geometry, CudnnDescriptor x, CudnnDescriptor w, CudnnDescriptor y) => Choose(
        geometry,
        [(int)CudnnForwardAlgorithm.ImplicitGemm, (int)CudnnForwardAlgorithm.ImplicitPrecomputedGemm, (int)CudnnForwardAlgorithm.Gemm],
        (convolution, found, results) =>
            Cudnn.cudnnGetConvolutionForwardAlgorithm_v7(handle, x.Pointer, w.Pointer, convolution, y.Pointer, MostAlgorithms, found, results),
        (convolution, algorithm, bytes) =>
            Cudnn.cudnnGetConvolutionForwardWorkspaceSize(handle, x.Pointer, w.Pointer, convolution, y.Pointer, (CudnnForwardAlgorithm)algorithm, bytes));

    public static ConvolutionChoice InputGradient(nint handle, in ConvolutionGeometry geometry, CudnnDescriptor w, CudnnDescriptor dy, CudnnDescriptor dx) => Choose(
        geometry,
        [(int)CudnnBackwardDataAlgorithm.Algorithm1],
        (convolution, found, results) =>
            Cudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(handle, w.Pointer, dy.Pointer, convolution, dx.Pointer, MostAlgorithms, found, results),
        (convolution, algorithm, bytes) =>
            Cudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(handle, w.Pointer, dy.Pointer, convolution, dx.Pointer, (CudnnBackwardDataAlgorithm)algorithm, bytes));

    public static ConvolutionChoice WeightGradient(nint handle, in ConvolutionGeometry geometry, CudnnDescriptor x, CudnnDescriptor dy, CudnnDescriptor dw) => Choose(
        geometry,
        [(int)CudnnBackwardFilterAlgorithm.Algorithm1],
        (convolution, found, results) =>
            Cudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle, x.Pointer, dy.Pointer, convolution, dw.Pointer, MostAlgorithms, found, results),
        (convolution, algorithm, bytes) =>
            Cudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(handle, x.Pointer, dy.Pointer, convolution, dw.Pointer, (CudnnBackwardFilterAlgorithm)algorithm, bytes));

    static ConvolutionChoice Choose(in ConvolutionGeometry geometry, ReadOnlySpan<int> allowed, Rank rank, Measure measure)
    {
        CudnnMathType math = geometry.Precision switch
        {
            ComputePrecision.Float32 => CudnnMathType.Fma,
            ComputePrecision.TensorFloat32 => CudnnMathType.Default,
            _ => CudnnMathType.TensorOp,
        };
        CudnnDescriptor convolution = CudnnDescriptor.Convolution(geometry.Zeros, geometry.Dilation, math);
        CudnnAlgorithmPerformance* results = stackalloc CudnnAlgorithmPerformance[MostAlgorithms];
        int found = 0;
        CudnnStatus status = rank(convolution.Pointer, &found, results);
        if ((int)status is >= 2000 and < 4000)
            return new ConvolutionChoice(-1, 0, convolution);
        Check.Ok(status, geometry.ToString(), "cudnnGetConvolution...Algorithm_v7");
        for (int i = 0; i < found; i++)
        {
            ref CudnnAlgorithmPerformance result = ref results[i];
            if (result.Status != CudnnStatus.Success || result.Determinism != CudnnDeterminism.Deterministic || !allowed.Contains(result.Algorithm))
                continue;
            // 32-bit sums of 32-bit products are asked for, whatever the ranking would rather have.
            CudnnMathType ranked = math == CudnnMathType.Fma ? CudnnMathType.Fma : result.MathType;
            convolution.SetMath(ranked);
            nuint bytes = 0;
            if (measure(convolution.Pointer, result.Algorithm, &bytes) == CudnnStatus.Success && bytes <= (nuint)CudnnContext.WorkspaceLimit)
                return new ConvolutionChoice(result.Algorithm, (long)bytes, convolution);
        }
        return new ConvolutionChoice(-1, 0, convolution);
    }
}
