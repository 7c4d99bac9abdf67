using JpegQualityEstimation.Training.Calibration;

namespace JpegQualityEstimation.Training.Evaluation;

// The numbers of an evaluation of stated probabilities. Shares and errors are 0..1.

/// <summary>An evaluation of what models state of their own answers.</summary>
/// <param name="Pictures">Pictures used.</param>
/// <param name="DataManifest">SHA-256 over names and hashes of the pictures used.</param>
/// <param name="Seed">Seed of crops, shifts and positions.</param>
/// <param name="Primary">Name of the model for primary quantization.</param>
/// <param name="StepTemperatures">Its temperatures of the step blocks: one, or 15.</param>
/// <param name="ShiftTemperature">Its temperature of the grid shift.</param>
/// <param name="Quality">Name of the quality network.</param>
/// <param name="FlagMap">Slope and offset of its logistic map; empty without one.</param>
/// <param name="GridProbability">Probability of JPEG where the grid of a last compression is found; null where the model names none.</param>
/// <param name="Steps">Most probable steps, by scenario, then all together.</param>
/// <param name="Shifts">Most probable grid shift, the same.</param>
/// <param name="Flags">Probability of JPEG, by chroma sampling, with the grid of a last compression and without, then all together.</param>
/// <param name="Windows">What is left undetermined of windows.</param>
/// <param name="Parts">What is left undetermined of pictures, by what they went through.</param>
public sealed record CalibrationEvaluationReport(
    int Pictures, string DataManifest, ulong Seed,
    string Primary, IReadOnlyList<double> StepTemperatures, double ShiftTemperature, string Quality, IReadOnlyList<double> FlagMap, double? GridProbability,
    IReadOnlyList<CalibrationPair> Steps, IReadOnlyList<CalibrationPair> Shifts, IReadOnlyList<CalibrationPair> Flags,
    IReadOnlyList<UndeterminedFigures> Windows, IReadOnlyList<UndeterminedFigures> Parts);

/// <summary>What a rule leaves open, and what the model would have said there.</summary>
/// <param name="Name">On what.</param>
/// <param name="Count">Windows or pictures.</param>
/// <param name="Answered">Share that is answered for.</param>
/// <param name="ErrorAnswered">Share of wrong steps, or of wrong flags, where it is; null where nothing is.</param>
/// <param name="ErrorOpen">The same where it is not.</param>
public sealed record UndeterminedFigures(string Name, int Count, double Answered, double? ErrorAnswered, double? ErrorOpen);
