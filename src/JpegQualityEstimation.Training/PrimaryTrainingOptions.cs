namespace JpegQualityEstimation.Training;

/// <summary>What a training run of a primary-quantization network works on.</summary>
public sealed record PrimaryTrainingOptions : TrainingOptions
{
    /// <summary>What to train on and how. When resuming, null means the checkpoint's.</summary>
    public PrimaryRecipe? Recipe { get; init; }
}
