using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>What an evaluation of stated probabilities covers.</summary>
public sealed record CalibrationEvaluationOptions
{
    /// <summary>Folders of never-compressed pictures; JPEG and unreadable files are skipped.</summary>
    public required IReadOnlyList<string> DataFolders { get; init; }

    /// <summary>The model for primary quantization.</summary>
    public required PrimaryNetwork Primary { get; init; }

    /// <summary>The quality network.</summary>
    public required QualityNetwork Quality { get; init; }

    /// <summary>Windows for each scenario (2000).</summary>
    public int Windows { get; init; } = 2000;

    /// <summary>Second qualities, each not aligned, aligned and as the only compression.</summary>
    public IReadOnlyList<int> SecondQualities { get; init; } = [80, 90, 95];

    /// <summary>Only the first so many pictures, in order of their names; 0: all.</summary>
    public int MaxPictures { get; init; }

    /// <summary>Where crops, shifts and positions come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; never changes a number.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told of each file that is not used, with the reason.</summary>
    public Action<string, string>? Skipped { get; init; }
}
