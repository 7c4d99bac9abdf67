namespace JpegQualityEstimation.Cuda;

/// <summary>Outcome of the search for one native library.</summary>
/// <param name="Library">What was looked for.</param>
/// <param name="FoundAs">Name or path under which it loaded; null where it did not.</param>
/// <param name="Version">Its own word on its version; null where not found or not telling.</param>
/// <param name="Tried">Each failed try before that, in order: the name or path and the loader's reason.</param>
public sealed record NativeLibraryReport(string Library, string? FoundAs, string? Version, IReadOnlyList<string> Tried)
{
    /// <summary>What it loaded as; 0 where it did not.</summary>
    internal nint Handle { get; init; }
}
