using System.Security.Cryptography;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>Which pictures a finder is asked about; never-compressed ones saved once, always.</summary>
public enum RegionReach
{
    /// <summary>All.</summary>
    All,

    /// <summary>Those whose ground was compressed on the last grid: the method looks for aligned double compression.</summary>
    AlignedGround,

    /// <summary>Those with a source on another grid than the last: the method looks for non-aligned double compression.</summary>
    ShiftedSource,
}

/// <summary>A finder of regions to evaluate.</summary>
/// <param name="Name">What tables and figures call it.</param>
/// <param name="Sha256">Hash of its weight file, lower-case hex; empty where there is none.</param>
/// <param name="TellsSources">Whether it tells sources apart; otherwise only foreign from not.</param>
/// <param name="Reach">Which pictures it is asked about.</param>
/// <param name="Create">Makes what runs it; called once for each thread.</param>
public sealed record EvaluatedRegionFinder(string Name, string Sha256, bool TellsSources, RegionReach Reach, Func<IRegionReader> Create)
{
    /// <summary>What needs no file: both maps of Bianchi and Piva 2012, and the steps of Galvan et al. 2014 gathered into regions as ours are.</summary>
    public static IReadOnlyList<EvaluatedRegionFinder> Formulas { get; } =
    [
        new("bianchi-piva2012-aligned", "", false, RegionReach.AlignedGround, () => new TamperedRegionReader(BianchiPivaAlignedMap.Of, threshold: -20, contrast: 30)),
        new("bianchi-piva2012-nonaligned", "", false, RegionReach.ShiftedSource, () => new TamperedRegionReader(BianchiPivaShiftedMap.Of, threshold: -30, contrast: 10)),
        new(GalvanReader.Name, "", true, RegionReach.AlignedGround, () => new WindowRegionReader(new GalvanReader())),
    ];

    /// <summary>The library's own: maps of a network for primary quantization, gathered by <see cref="Findings.RegionFinder"/>.</summary>
    /// <param name="name">What tables and figures call it.</param>
    /// <param name="sha256">Hash of its file; empty where there is none.</param>
    /// <param name="network">Its weights; null: for each last table the bundled one.</param>
    public static EvaluatedRegionFinder Of(string name, string sha256, PrimaryNetwork? network) =>
        new(name, sha256, true, RegionReach.All, () => new MapRegionReader(network));

    /// <summary>Reads a weight file.</summary>
    /// <param name="name">What tables and figures call it; null: as the file says.</param>
    /// <param name="file">The file's bytes.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <exception cref="Tensors.WeightsFormatException">The file holds no network with 15 softmax blocks.</exception>
    public static EvaluatedRegionFinder Read(string? name, byte[] file, string fileName)
    {
        ArgumentNullException.ThrowIfNull(file);
        PrimaryNetwork network = PrimaryNetwork.Load(new MemoryStream(file, writable: false), fileName);
        return Of(name ?? network.Name, Convert.ToHexStringLower(SHA256.HashData(file)), network);
    }

    internal bool Reaches(RegionScenario scenario) => Reach switch
    {
        RegionReach.AlignedGround => scenario.Grids != RegionGrids.Shifted || scenario is { Ground: 0, IsGenuine: true },
        RegionReach.ShiftedSource => scenario.Grids != RegionGrids.Aligned || scenario is { Ground: 0, IsGenuine: true },
        _ => true,
    };
}
