using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>Whatever finds foreign regions in a picture that was saved as JPEG: an estimator, or a formula.</summary>
/// <remarks>Used by one thread at a time. The same picture must give the same finding.</remarks>
public interface IRegionReader : IDisposable
{
    /// <summary>Reads a picture.</summary>
    /// <param name="picture">RGB, the last grid beginning at the top left pixel, at least 64x64 pixels.</param>
    /// <param name="second">Luminance table of the last compression.</param>
    RegionFinding Read(PixelView picture, QuantTable second);
}

/// <summary>What a finder says of a picture.</summary>
/// <param name="Labels">[height,width]: 0 the ground, 1 and up what is foreign, -1 where nothing can be told.</param>
/// <param name="Sources">The ground, then one entry a foreign source; a finder that tells none apart gives one entry for all of them.</param>
public sealed record RegionFinding(short[] Labels, IReadOnlyList<RegionClaim> Sources);

/// <summary>What a finder says of one source.</summary>
/// <param name="Steps">The first 15 steps of its first table, zig-zag; null where not told.</param>
/// <param name="Quality">Nearest quality factor; null where not told.</param>
/// <param name="ShiftRow">Rows cut off after the first compression, 0..7; null where not told.</param>
/// <param name="ShiftColumn">Columns cut off; null where not told.</param>
public sealed record RegionClaim(IReadOnlyList<int>? Steps = null, int? Quality = null, int? ShiftRow = null, int? ShiftColumn = null)
{
    /// <summary>Nothing but that it is there.</summary>
    public static RegionClaim Silent { get; } = new();
}
