using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>A model to evaluate.</summary>
/// <param name="Name">What tables and figures call it.</param>
/// <param name="Network">Its weights.</param>
public sealed record EvaluatedModel(string Name, QualityNetwork Network)
{
    /// <summary>Measure the network alone; false: what the library serves, the network and the evidence of the last JPEG grid.</summary>
    public bool NetworkOnly { get; init; }
}

/// <summary>What an evaluation of quality networks covers.</summary>
public sealed record QualityEvaluationOptions
{
    /// <summary>Folders of never-compressed pictures; JPEG and unreadable files are skipped.</summary>
    public required IReadOnlyList<string> DataFolders { get; init; }

    /// <summary>The models; all see the same pictures.</summary>
    public required IReadOnlyList<EvaluatedModel> Models { get; init; }

    /// <summary>Only the first so many pictures, in order of their names (16); 0: all.</summary>
    public int MaxPictures { get; init; } = 16;

    /// <summary>Quality factors of Figure 2 (5, 10 ... 95, 97, 98, 99, 100).</summary>
    public IReadOnlyList<int> Qualities { get; init; } =
        [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 97, 98, 99, 100];

    /// <summary>Samplings; Gray means grayscale copies, compressed as one component.</summary>
    public IReadOnlyList<ChromaSubsampling> Samplings { get; init; } =
    [
        ChromaSubsampling.Samp420, ChromaSubsampling.Samp422, ChromaSubsampling.Samp444, ChromaSubsampling.Samp440, ChromaSubsampling.Gray,
    ];

    /// <summary>Synthetic splices of each kind, band of qualities, sampling and picture (1); 0: none.</summary>
    public int SplicesPerPicture { get; init; } = 1;

    /// <summary>Whether double compression is evaluated.</summary>
    public bool DoubleCompression { get; init; } = true;

    /// <summary>Where masks, splice qualities and grid shifts come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Pictures at a time; never changes a number.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told of each file that is not used, with the reason.</summary>
    public Action<string, string>? Skipped { get; init; }

    /// <summary>A coarse version for a quick look: six pictures, eight qualities, three samplings.</summary>
    public QualityEvaluationOptions Quick() => this with
    {
        MaxPictures = 6,
        Qualities = [10, 30, 50, 70, 80, 90, 95, 100],
        Samplings = [ChromaSubsampling.Samp420, ChromaSubsampling.Samp444, ChromaSubsampling.Gray],
    };
}
