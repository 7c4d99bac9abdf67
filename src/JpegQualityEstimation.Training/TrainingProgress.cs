namespace JpegQualityEstimation.Training;

/// <summary>A loss or another measure of a training run.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">Smoothed over about 50 steps.</param>
public readonly record struct TrainingValue(string Name, double Value);

/// <summary>How far a training run is.</summary>
/// <param name="Step">Updates done, over all runs.</param>
/// <param name="Steps">Updates that the recipe asks for.</param>
/// <param name="Values">Losses and measures. Quality: mean squared errors of the two maps. Primary: loss, loss of the grid phase, share of right steps, their mean squared error, share of phases found.</param>
/// <param name="LearningRate">Learning rate of the last update.</param>
/// <param name="PerSecond">Mean number of patches or windows a second since this run began.</param>
/// <param name="Unit">"patches" or "windows".</param>
/// <param name="Elapsed">Time since this run began.</param>
/// <param name="Remaining">Time until the steps are done or the time is up, whichever comes first.</param>
public readonly record struct TrainingProgress(
    long Step,
    long Steps,
    IReadOnlyList<TrainingValue> Values,
    double LearningRate,
    double PerSecond,
    string Unit,
    TimeSpan Elapsed,
    TimeSpan Remaining);

/// <summary>Why a training run ended.</summary>
public enum TrainingEnd
{
    /// <summary>All steps of the recipe are done.</summary>
    Finished,
    /// <summary>The time limit was reached; the run can be resumed.</summary>
    TimeUp,
    /// <summary>The caller cancelled; the run can be resumed.</summary>
    Cancelled,
}
