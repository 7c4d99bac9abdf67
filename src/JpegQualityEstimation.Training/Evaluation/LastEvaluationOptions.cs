using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>What an evaluation of <see cref="Findings.LastCompressionEstimator"/> covers.</summary>
public sealed record LastEvaluationOptions
{
    /// <summary>Folders of never-compressed pictures; JPEG and unreadable files are skipped.</summary>
    public required IReadOnlyList<string> DataFolders { get; init; }

    /// <summary>Only the first so many pictures, in order of their names; 0: all.</summary>
    public int MaxPictures { get; init; }

    /// <summary>Quality factors of one compression.</summary>
    public IReadOnlyList<int> Qualities { get; init; } = [50, 60, 70, 75, 80, 85, 90, 92, 95, 97, 98, 99, 100];

    /// <summary>Samplings of one compression; Gray means grayscale copies, compressed as one component.</summary>
    public IReadOnlyList<ChromaSubsampling> Samplings { get; init; } = [ChromaSubsampling.Samp420, ChromaSubsampling.Samp444, ChromaSubsampling.Gray];

    /// <summary>Levels of Photoshop's "Save As", 4:4:4.</summary>
    public IReadOnlyList<int> PhotoshopLevels { get; init; } = PhotoshopTables.Levels;

    /// <summary>Pairs of quality factors, 4:2:0, with shifted grids and with aligned ones.</summary>
    public IReadOnlyList<(int First, int Last)> Pairs { get; init; } =
        [(60, 75), (95, 75), (60, 90), (75, 90), (95, 90), (60, 95), (75, 95), (90, 95), (75, 98), (90, 98), (75, 100)];

    /// <summary>Where crops and shifts come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Pictures at a time; never changes a number.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told of each file that is not used, with the reason.</summary>
    public Action<string, string>? Skipped { get; init; }
}
