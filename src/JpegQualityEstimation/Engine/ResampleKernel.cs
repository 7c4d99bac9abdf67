namespace JpegQualityEstimation.Engine;

/// <summary>Shapes of the resampling kernel.</summary>
enum ResampleKernel
{
    /// <summary>Area average.</summary>
    Box,
    /// <summary>Linear interpolation.</summary>
    Triangle,
    /// <summary>Cubic convolution, a = -0.5 (Keys 1981).</summary>
    Cubic,
}
