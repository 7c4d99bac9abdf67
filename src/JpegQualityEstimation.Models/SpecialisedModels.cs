using System.Collections.Concurrent;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Models;

// SpecialisedModels: the weight files that this package carries (embedded Weights/NAME.safetensors), each held to its SHA-256 at
// the build and again when it is loaded.

/// <summary>Models for primary quantization that were trained for one second quality, for <c>PrimaryQuantEstimatorOptions.Network</c>.</summary>
/// <remarks>
/// On the standard table of that quality the phase-histogram ones name somewhat more steps right than the model in the core package, and far fewer
/// elsewhere: for who knows the second table and that a picture was saved twice. Nothing takes them unasked. Safe to use from any thread.
/// </remarks>
public static class SpecialisedModels
{
    static readonly ConcurrentDictionary<string, Lazy<PrimaryNetwork>> Loaded = new(StringComparer.Ordinal);

    /// <summary>Names of the models, ordinal order.</summary>
    public static IReadOnlyList<string> Names { get; } = BundledWeights.Names(typeof(SpecialisedModels).Assembly);

    /// <summary>The paper's network (Tondi, Costanzo, Huang, Li 2021) for second quality 90: a reference, far below the others at a hundred times their work.</summary>
    /// <inheritdoc cref="Load"/>
    public static PrimaryNetwork DenseNet40At90 => Load("densenet40-90");

    /// <summary>For second quality 80.</summary>
    /// <inheritdoc cref="Load"/>
    public static PrimaryNetwork Primary80 => Load("primary-80");

    /// <summary>For second quality 90.</summary>
    /// <inheritdoc cref="Load"/>
    public static PrimaryNetwork Primary90 => Load("primary-90");

    /// <summary>The model of that name; loaded once.</summary>
    /// <exception cref="ArgumentException">There is none; the message names those there are.</exception>
    /// <exception cref="WeightsFormatException">The file is damaged; the message names both digests.</exception>
    public static PrimaryNetwork Load(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!Names.Contains(name))
            throw new ArgumentException($"no specialised model '{name}' (there are {string.Join(", ", Names)})", nameof(name));
        return Loaded.GetOrAdd(name, n => new Lazy<PrimaryNetwork>(() => PrimaryNetwork.Load(new MemoryStream(Read(n)!), n + BundledWeights.Suffix))).Value;
    }

    internal static byte[]? Read(string name) => BundledWeights.Read(name, typeof(SpecialisedModels).Assembly.GetManifestResourceStream);
}
