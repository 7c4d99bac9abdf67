namespace JpegQualityEstimation.Engine.Cpu;

/// <summary>How the 64-to-64 convolutions are computed.</summary>
enum ConvolutionAlgorithm
{
    /// <summary>The sum as it stands.</summary>
    Direct,
    /// <summary>F(4x4, 3x3) in training, F(6x6, 3x3) where only the maps are wanted: a quarter or a fifth of the products, rounding errors three to five times as large.</summary>
    Winograd,
}
