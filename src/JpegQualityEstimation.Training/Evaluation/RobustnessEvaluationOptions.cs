using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>What an evaluation after alterations covers.</summary>
public sealed record RobustnessEvaluationOptions
{
    /// <summary>Folders of never-compressed pictures; JPEG and unreadable files are skipped.</summary>
    public required IReadOnlyList<string> DataFolders { get; init; }

    /// <summary>The network of the quality maps.</summary>
    public required QualityNetwork Quality { get; init; }

    /// <summary>The network for primary quantization.</summary>
    public required PrimaryNetwork Primary { get; init; }

    /// <summary>Only the first so many pictures, in order of their names (16); 0: all.</summary>
    public int MaxPictures { get; init; } = 16;

    /// <summary>Quality factors of one compression, for the quality maps (75, 90).</summary>
    public IReadOnlyList<int> Qualities { get; init; } = [75, 90];

    /// <summary>First quality factors of two compressions on shifted grids, for primary quantization (75, 85).</summary>
    public IReadOnlyList<int> FirstQualities { get; init; } = [75, 85];

    /// <summary>The second quality factor (90).</summary>
    public int SecondQuality { get; init; } = 90;

    /// <summary>Where shifts and noise come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Pictures at a time; never changes a number.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told of each file that is not used, with the reason.</summary>
    public Action<string, string>? Skipped { get; init; }
}
