using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>What an evaluation of finders of regions covers.</summary>
public sealed record RegionEvaluationOptions
{
    /// <summary>Folders of never-compressed pictures; JPEG and unreadable files are skipped.</summary>
    public required IReadOnlyList<string> DataFolders { get; init; }

    /// <summary>The finders; all see the same pictures.</summary>
    public required IReadOnlyList<EvaluatedRegionFinder> Finders { get; init; }

    /// <summary>The scenarios (<see cref="RegionScenario.Standard"/>).</summary>
    public IReadOnlyList<RegionScenario> Scenarios { get; init; } = RegionScenario.Standard;

    /// <summary>Pictures made for each scenario, at least 1 (6).</summary>
    public int PicturesPerScenario { get; init; } = 6;

    /// <summary>Make splices of only the first so many pictures, in order of their names; 0: all.</summary>
    public int MaxPictures { get; init; }

    /// <summary>Whether the first picture of each scenario of two donors is drawn with what every finder says of it (true).</summary>
    public bool Figures { get; init; } = true;

    /// <summary>Chroma sampling of all compressions.</summary>
    public ChromaSubsampling Subsampling { get; init; } = ChromaSubsampling.Samp420;

    /// <summary>Where pictures, shapes, shares and shifts come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Pictures at a time; never changes a number.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told of each file that is not used, with the reason.</summary>
    public Action<string, string>? Skipped { get; init; }
}
