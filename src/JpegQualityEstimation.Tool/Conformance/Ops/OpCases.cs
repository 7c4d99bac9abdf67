namespace JpegQualityEstimation.Tool.Conformance.Ops;

/// <summary>Every op of the CUDA backend, kernels and libraries.</summary>
static class OpCases
{
    public static IEnumerable<OpCase> All(TrialScale scale) =>
    [
        .. ImageCases.All(scale), .. ConvolutionCases.All(scale), .. CudnnCases.All(scale), .. MatrixCases.All(scale), .. FeatureCases.All(scale),
        .. NormCases.All(scale), .. LossCases.All(scale), .. ValueCases.All(scale), .. OptimizerCases.All(scale), .. DenseNetCases.All(scale), .. JpegCases.All(scale),
    ];
}
