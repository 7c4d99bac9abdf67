namespace JpegQualityEstimation.Engine.Cpu;

/// <summary>How the 64-to-64 convolutions are computed.</summary>
enum ConvolutionAlgorithm
{
    /// <summary>The sum as it stands.</summary>
    Direct,
    /// <summary>F(4x4, 3x3): a quarter of the products, rounding errors some ten times larger.</summary>
    Winograd,
}
