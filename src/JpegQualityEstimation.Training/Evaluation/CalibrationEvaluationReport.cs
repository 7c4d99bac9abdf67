using JpegQualityEstimation.Training.Calibration;

namespace JpegQualityEstimation.Training.Evaluation;

// The numbers of an evaluation of stated probabilities. Shares and errors are 0..1.

/// <summary>An evaluation of what models state of their own answers.</summary>
/// <param name="Pictures">Pictures used.</param>
/// <param name="DataManifest">SHA-256 over names and hashes of the pictures used.</param>
/// <param name="Seed">Seed of crops, shifts and positions.</param>
/// <param name="Primary">Name of the model for primary quantization.</param>
/// <param name="StepScaling">How it scales the step blocks: inverse temperature and bias at a second step of 1, and their slopes over its logarithm, as a0, a1, b0, b1.</param>
/// <param name="ShiftScaling">How it scales the grid shift: inverse temperature c0, c1, likewise.</param>
/// <param name="LeastConfidence">Mean confidence from which on it answers for a window; 0: any.</param>
/// <param name="Quality">Name of the quality network.</param>
/// <param name="FlagMap">Slope and offset of its logistic map; empty without one.</param>
/// <param name="GridProbability">Probability of JPEG where the grid of a last compression is found; null where the model names none.</param>
/// <param name="Steps">Most probable steps, by scenario, by second quality (any-80), then all together.</param>
/// <param name="Shifts">Most probable grid shift, the same.</param>
/// <param name="Flags">Probability of JPEG, by chroma sampling, with the grid of a last compression and without, then all together.</param>
/// <param name="Windows">What is left undetermined of windows.</param>
/// <param name="Thresholds">What other least confidences would leave undetermined, by second quality.</param>
/// <param name="Parts">What is left undetermined of pictures, by what they went through.</param>
public sealed record CalibrationEvaluationReport(
    int Pictures, string DataManifest, ulong Seed,
    string Primary, IReadOnlyList<double> StepScaling, IReadOnlyList<double> ShiftScaling, double LeastConfidence, string Quality, IReadOnlyList<double> FlagMap, double? GridProbability,
    IReadOnlyList<CalibrationPair> Steps, IReadOnlyList<CalibrationPair> Shifts, IReadOnlyList<CalibrationPair> Flags,
    IReadOnlyList<UndeterminedFigures> Windows,
    IReadOnlyList<ThresholdFigures> Thresholds, IReadOnlyList<UndeterminedFigures> Parts);

/// <summary>What one least confidence leaves undetermined.</summary>
/// <param name="Least">Mean confidence of a window from which on it is answered for.</param>
/// <param name="Qualities">By second quality, then all.</param>
public sealed record ThresholdFigures(double Least, IReadOnlyList<UndeterminedFigures> Qualities);

/// <summary>What a rule leaves open, and what the model would have said there.</summary>
/// <param name="Name">On what.</param>
/// <param name="Count">Windows or pictures.</param>
/// <param name="Answered">Share that is answered for.</param>
/// <param name="ErrorAnswered">Share of wrong steps, or of wrong flags, where it is; null where nothing is.</param>
/// <param name="ErrorOpen">The same where it is not.</param>
public sealed record UndeterminedFigures(string Name, int Count, double Answered, double? ErrorAnswered, double? ErrorOpen)
{
    internal static UndeterminedFigures Of(string name, IReadOnlyList<(bool Answered, double Error)> all)
    {
        double[] answered = [.. all.Where(one => one.Answered).Select(one => one.Error)], open = [.. all.Where(one => !one.Answered).Select(one => one.Error)];
        return new UndeterminedFigures(
            name, all.Count, all.Count == 0 ? 0 : (double)answered.Length / all.Count, answered.Length == 0 ? null : answered.Average(), open.Length == 0 ? null : open.Average());
    }
}
