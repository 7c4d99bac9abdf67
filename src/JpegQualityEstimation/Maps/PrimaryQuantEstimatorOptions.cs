using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

/// <summary>What <see cref="PrimaryQuantEstimator.Create"/> builds.</summary>
public sealed record PrimaryQuantEstimatorOptions
{
    /// <summary>The options used where the caller gives none.</summary>
    public static PrimaryQuantEstimatorOptions Default { get; } = new();

    /// <summary>A safetensors file with the weights; null takes <see cref="Network"/>, or for each second table the bundled
    /// model that <see cref="PrimaryNetworks.For"/> names.</summary>
    public string? ModelPath { get; init; }

    /// <summary>A network that is loaded already; not together with <see cref="ModelPath"/>.</summary>
    public PrimaryNetwork? Network { get; init; }

    /// <summary>Where to run; default <see cref="ComputeDevice.Auto"/>.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Auto;

    /// <summary>Arithmetic of a CUDA device; the processor ignores it. Default <see cref="ComputePrecision.Float32"/>.</summary>
    public ComputePrecision Precision { get; init; }

    /// <summary>Threads of one call on the processor; 0, the default, takes every logical processor.</summary>
    public int Threads { get; init; }
}
