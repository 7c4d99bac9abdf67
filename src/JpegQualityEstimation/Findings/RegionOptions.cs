namespace JpegQualityEstimation.Findings;

/// <summary>How <see cref="RegionFinder"/> looks at a map.</summary>
public sealed record RegionOptions
{
    /// <summary>The options used where the caller gives none.</summary>
    public static RegionOptions Default { get; } = new();

    /// <summary>Least share of the picture that each part of a source has, above 0 and at most 0.5; default 0.0005. Never less than
    /// <see cref="MinimumArea"/>.</summary>
    public double MinimumShare { get; init; } = 0.0005;

    /// <summary>Least area of each part of a source in pixels, at least 1; default 1024, a quarter of a window.</summary>
    public int MinimumArea { get; init; } = 1024;

    /// <summary>Least <see cref="RegionSource.Evidence"/> of a donor, log10, at least 0; default 3.</summary>
    public double MinimumEvidence { get; init; } = 3;

    /// <summary>Most sources, the background included, 1..64; default 8.</summary>
    public int MaximumSources { get; init; } = 8;

    internal void Check()
    {
        if (!(MinimumShare > 0 && MinimumShare <= 0.5))
            throw new ArgumentOutOfRangeException(nameof(MinimumShare), MinimumShare, "a share above 0 and at most 0.5");
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumArea, 1);
        if (!(MinimumEvidence >= 0 && double.IsFinite(MinimumEvidence)))
            throw new ArgumentOutOfRangeException(nameof(MinimumEvidence), MinimumEvidence, "a finite number from 0");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumSources, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumSources, 64);
    }
}
