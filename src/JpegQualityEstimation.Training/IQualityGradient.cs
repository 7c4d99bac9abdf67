namespace JpegQualityEstimation.Training;

/// <summary>The two mean squared errors of a batch, unweighted.</summary>
readonly record struct PatchLoss(double Quality, double Flag);

/// <summary>Where the trainer gets losses and gradients from: the network, or a stand-in under test.</summary>
interface IQualityGradient
{
    int ParameterCount { get; }

    /// <summary>Losses of a batch, and the gradient of their weighted sum.</summary>
    /// <param name="parameters">[count].</param>
    /// <param name="patches">[n,h,w,3] RGB.</param>
    /// <param name="targets">[n,h,w,2].</param>
    /// <param name="gradient">[count], overwritten.</param>
    PatchLoss Run(ReadOnlySpan<float> parameters, ReadOnlySpan<byte> patches, ReadOnlySpan<float> targets, Span<float> gradient);
}
