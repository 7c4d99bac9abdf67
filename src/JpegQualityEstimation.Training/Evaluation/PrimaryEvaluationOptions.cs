using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>What an evaluation of primary-quantization networks covers.</summary>
public sealed record PrimaryEvaluationOptions
{
    /// <summary>Folders of never-compressed pictures; JPEG and unreadable files are skipped.</summary>
    public required IReadOnlyList<string> DataFolders { get; init; }

    /// <summary>The models; all see the same windows.</summary>
    public required IReadOnlyList<EvaluatedPrimaryModel> Models { get; init; }

    /// <summary>The scenarios (<see cref="PrimaryScenarios.Quick"/>).</summary>
    public IReadOnlyList<PrimaryScenario> Scenarios { get; init; } = PrimaryScenarios.Quick;

    /// <summary>Windows for each scenario, shared evenly by its first qualities and rounded up (600); 0: every picture once for each first quality.</summary>
    public int WindowsPerScenario { get; init; } = 600;

    /// <summary>Windows that are cut from one double-compressed picture, 1..32 (2).</summary>
    public int WindowsPerPicture { get; init; } = 2;

    /// <summary>Only the first so many pictures, in order of their names; 0: all.</summary>
    public int MaxPictures { get; init; }

    /// <summary>
    /// Whether two splices (Figure 12 of the paper) are made of pictures of at least 392x264 pixels and their maps read, a
    /// window every 8 pixels (true).
    /// </summary>
    public bool Splices { get; init; } = true;

    /// <summary>Chroma sampling of both compressions; Photoshop's is always 4:4:4.</summary>
    public ChromaSubsampling Subsampling { get; init; } = ChromaSubsampling.Samp420;

    /// <summary>Where pictures, shifts and window positions come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Batches of windows at a time; never changes a number.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told of each file that is not used, with the reason.</summary>
    public Action<string, string>? Skipped { get; init; }

    /// <summary>The paper's extent: all scenarios, every picture once for each first quality, ten windows of it.</summary>
    public PrimaryEvaluationOptions Full() => this with
    {
        Scenarios = PrimaryScenarios.Full,
        WindowsPerScenario = 0,
        WindowsPerPicture = 10,
    };
}
