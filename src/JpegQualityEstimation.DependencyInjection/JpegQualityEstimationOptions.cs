using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.DependencyInjection;

/// <summary>What <see cref="JpegQualityEstimationServices.AddJpegQualityEstimation"/> registers.</summary>
public sealed class JpegQualityEstimationOptions
{
    /// <summary>How <see cref="IQualityMapEstimator"/> is made; default: the bundled model, the best device, every processor.</summary>
    public QualityMapEstimatorOptions Quality { get; set; } = QualityMapEstimatorOptions.Default;

    /// <summary>How <see cref="IPrimaryQuantEstimator"/> is made; default: the bundled models, the best device, every processor.</summary>
    public PrimaryQuantEstimatorOptions Primary { get; set; } = PrimaryQuantEstimatorOptions.Default;
}
