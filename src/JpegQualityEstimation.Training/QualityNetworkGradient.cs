using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

/// <summary>Losses and gradients of the quality network on the CPU.</summary>
sealed class QualityNetworkGradient(QualityRecipe recipe, int threads) : IQualityGradient
{
    readonly QualityTrainingStep step = new(recipe.BatchSize, recipe.PatchSize, threads)
    {
        LossWeights = ((float)recipe.QualityLossWeight, (float)recipe.FlagLossWeight),
    };

    public int ParameterCount => QualityArchitecture.ParameterCount;

    public PatchLoss Run(ReadOnlySpan<float> parameters, ReadOnlySpan<byte> patches, ReadOnlySpan<float> targets, Span<float> gradient)
    {
        QualityLoss loss = step.Run(parameters, patches, targets, gradient);
        return new PatchLoss(loss.Quality, loss.Flag);
    }
}
