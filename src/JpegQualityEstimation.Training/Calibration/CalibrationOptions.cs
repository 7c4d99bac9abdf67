using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Training.Calibration;

/// <summary>On what a model is calibrated.</summary>
public sealed record CalibrationOptions
{
    /// <summary>The folders that the model was trained on; the pictures that its training held out are used.</summary>
    public required IReadOnlyList<string> DataFolders { get; init; }

    /// <summary>The model (safetensors).</summary>
    public required string ModelPath { get; init; }

    /// <summary>Where the calibrated model goes.</summary>
    public required string OutputPath { get; init; }

    /// <summary>Windows for each scenario of a network for primary quantization: 29 for one of any second table, fewer where its recipe was for fewer (1000).</summary>
    public int Windows { get; init; } = 1000;

    /// <summary>Where crops, shifts and positions come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; never changes a number.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told of each file that is not used, with the reason.</summary>
    public Action<string, string>? Skipped { get; init; }
}

/// <summary>What a calibration found.</summary>
/// <param name="Metadata">What was written into the file beside what was there.</param>
/// <param name="HeldOut">Pictures used.</param>
/// <param name="SamePictures">Whether the folders hold the pictures that the model says it was trained on; if not, it may know those used.</param>
/// <param name="Pairs">Figures before and after, on the pictures used.</param>
/// <param name="Answered">What the least confidence leaves undetermined, by second quality; empty for a quality network.</param>
/// <param name="Sha256">Of the file written, lower-case hex.</param>
public sealed record CalibrationResult(
    IReadOnlyDictionary<string, string> Metadata, int HeldOut, bool SamePictures, IReadOnlyList<CalibrationPair> Pairs,
    IReadOnlyList<UndeterminedFigures> Answered, string Sha256);
