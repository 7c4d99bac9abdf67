namespace JpegQualityEstimation.Training;

/// <summary>How far a training run is.</summary>
/// <param name="Step">Updates done, over all runs.</param>
/// <param name="Steps">Updates that the recipe asks for.</param>
/// <param name="QualityLoss">Mean squared error of the quality map (range 0..1), smoothed over about 50 steps.</param>
/// <param name="FlagLoss">Mean squared error of the flag map, smoothed alike.</param>
/// <param name="LearningRate">Learning rate of the last update.</param>
/// <param name="PatchesPerSecond">Mean speed since this run began.</param>
/// <param name="Elapsed">Time since this run began.</param>
/// <param name="Remaining">Time until the steps are done or the time is up, whichever comes first.</param>
public readonly record struct QualityTrainingProgress(
    long Step,
    long Steps,
    double QualityLoss,
    double FlagLoss,
    double LearningRate,
    double PatchesPerSecond,
    TimeSpan Elapsed,
    TimeSpan Remaining);

/// <summary>Why a training run ended.</summary>
public enum QualityTrainingEnd
{
    /// <summary>All steps of the recipe are done.</summary>
    Finished,
    /// <summary>The time limit was reached; the run can be resumed.</summary>
    TimeUp,
    /// <summary>The caller cancelled; the run can be resumed.</summary>
    Cancelled,
}
