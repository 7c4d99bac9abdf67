using System.Collections.Concurrent;
using System.Globalization;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Networks;

// PrimaryNetworks: the models for primary quantization that this build carries (embedded Weights/NAME.safetensors), and
// the one place that says which of them serves a second table.
//
//   primary               any second table
//   primary-Q             made for the standard table of second quality Q
//   densenet40-Q          the network of Tondi 2021 for second quality Q: the reference, taken only by name
//
// Choice: primary-Q where the second table's nearest standard quality is at most SpecialistReach from Q, the nearest Q first
// (of two, the higher) and only where its Distance is at most SpecialistDistance; else primary; else the nearest primary-Q.

/// <summary>The models for primary quantization that come with this library.</summary>
public static class PrimaryNetworks
{
    const string Universal = "primary", Specialist = "primary-";

    // Quality factors between a specialist's own second table and one that it may still be asked about.
    internal const int SpecialistReach = 0;

    // Largest QuantTable.Distance from the standard table: 0 asks for the very table.
    internal const double SpecialistDistance = 0;

    static readonly ConcurrentDictionary<string, Lazy<PrimaryNetwork>> Loaded = new(StringComparer.Ordinal);

    /// <summary>Names of the bundled models, ordinal order; empty in a build without weights.</summary>
    public static IReadOnlyList<string> BundledNames { get; } =
    [
        .. BundledWeights.Names(typeof(PrimaryNetworks).Assembly)
            .Where(name => name == Universal || name.StartsWith(Specialist, StringComparison.Ordinal) || name.StartsWith("densenet40", StringComparison.Ordinal)),
    ];

    /// <summary>The bundled model of that name.</summary>
    /// <exception cref="InvalidOperationException">This build does not carry it; the message names those it does.</exception>
    /// <exception cref="Tensors.WeightsFormatException">The bundled file is damaged; the message names both digests.</exception>
    public static PrimaryNetwork Bundled(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        RequireAny();
        if (!BundledNames.Contains(name))
            throw new InvalidOperationException($"no bundled model '{name}' for primary quantization (there are {string.Join(", ", BundledNames)})");
        return Loaded.GetOrAdd(name, n => new Lazy<PrimaryNetwork>(() => Open(n))).Value;
    }

    /// <summary>The bundled model for a second table: the one trained for that very table, else the one for any table.</summary>
    /// <exception cref="InvalidOperationException">This build carries none.</exception>
    public static PrimaryNetwork For(QuantTable second)
    {
        ArgumentNullException.ThrowIfNull(second);
        return Bundled(Choose(second, BundledNames));
    }

    /// <summary>The bundled model asked most: the one for any second table, else the first.</summary>
    internal static PrimaryNetwork Typical => Bundled(BundledNames.Contains(Universal) ? Universal : BundledNames[0]);

    internal static void RequireAny()
    {
        if (BundledNames.Count == 0)
            throw new InvalidOperationException("this build of JpegQualityEstimation carries no weights for primary quantization: name a weight file");
    }

    internal static string Choose(QuantTable second, IReadOnlyList<string> names)
    {
        StandardQualityMatch nearest = second.NearestStandardLuminance();
        string? best = null;
        int bestReach = int.MaxValue;
        foreach (string name in names)
        {
            if (!name.StartsWith(Specialist, StringComparison.Ordinal) || !int.TryParse(name.AsSpan(Specialist.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int quality))
                continue;
            int reach = Math.Abs(quality - nearest.QualityFactor);
            if (reach < bestReach || reach == bestReach && quality > nearest.QualityFactor)
                (best, bestReach) = (name, reach);
        }
        bool universal = names.Contains(Universal);
        bool fits = bestReach <= SpecialistReach && nearest.Distance <= SpecialistDistance;
        return best is not null && (fits || !universal) ? best : Universal;
    }

    static PrimaryNetwork Open(string name) => PrimaryNetwork.Load(new MemoryStream(BundledWeights.Read(name)!), name + BundledWeights.Suffix);
}
