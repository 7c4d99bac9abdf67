namespace JpegQualityEstimation.Findings;

/// <summary>What a source is to its picture.</summary>
public enum RegionSourceKind
{
    /// <summary>The largest source: what the others were put into.</summary>
    Background,

    /// <summary>Another first compression than the background's: other steps, another grid, or both.</summary>
    Donor,

    /// <summary>Never JPEG, by the flag of the quality map, beside parts that were.</summary>
    NeverCompressed,
}
