using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

/// <summary>What <see cref="QualityMapEstimator.Create"/> builds.</summary>
public sealed record QualityMapEstimatorOptions
{
    /// <summary>The options used where the caller gives none.</summary>
    public static QualityMapEstimatorOptions Default { get; } = new();

    /// <summary>A safetensors file with the weights; null takes <see cref="Network"/> or the bundled model.</summary>
    public string? ModelPath { get; init; }

    /// <summary>A network that is loaded already; not together with <see cref="ModelPath"/>.</summary>
    public QualityNetwork? Network { get; init; }

    /// <summary>What the flag channel of <see cref="ModelPath"/> means; by default the file's metadata say it.</summary>
    public FlagPolarity FlagPolarity { get; init; } = FlagPolarity.FromMetadata;

    /// <summary>Where to run; default <see cref="ComputeDevice.Auto"/>.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Auto;

    /// <summary>Arithmetic of a CUDA device; the processor ignores it. Default <see cref="ComputePrecision.Float32"/>.</summary>
    public ComputePrecision Precision { get; init; }

    /// <summary>Threads of one call on the processor; 0, the default, takes every logical processor.</summary>
    public int Threads { get; init; }

    /// <summary>Greatest width of the tiles that a call works on, in pixels, 16..4096; 0, the default, chooses by the number of threads. Bounds the memory
    /// of a thread (37 kB a column); never changes a result.</summary>
    public int TileSize { get; init; }

    /// <summary>
    /// Whether maps are what the network alone says. False, the default: where the pixels bear the grid of a last compression (see
    /// <see cref="Findings.LastCompressionEstimator"/>) the flag is raised, and the quality is that of the grid's table where it is a
    /// standard one; never lowered, as the lack of a grid does not say that a picture never was compressed.
    /// </summary>
    public bool NetworkOnly { get; init; }
}
