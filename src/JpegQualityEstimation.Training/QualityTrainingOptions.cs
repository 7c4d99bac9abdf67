namespace JpegQualityEstimation.Training;

/// <summary>What a training run of the quality network works on.</summary>
public sealed record QualityTrainingOptions : TrainingOptions
{
    /// <summary>What to train on and how. When resuming, null means the checkpoint's.</summary>
    public QualityRecipe? Recipe { get; init; }
}
