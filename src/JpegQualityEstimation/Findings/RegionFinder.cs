using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

/// <summary>Which parts of a picture came from where: windows of a primary quantization map as sources.</summary>
/// <remarks>Safe from several threads at once; one thread a call; the same answer for the same map.</remarks>
public static class RegionFinder
{
    /// <summary>Finds the sources of a picture from a map that keeps all probabilities.</summary>
    /// <param name="map">Made with <see cref="PrimaryMapOptions.KeepProbabilities"/>.</param>
    /// <param name="quality">The same picture's quality map: tells never-compressed parts; null without.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="ArgumentException">The map keeps no probabilities, or the quality map is of a picture of another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static RegionMap Find(PrimaryQuantMap map, QualityMap? quality = null, RegionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Find(map, RegionEvidence.Of(map), quality, options);
    }

    /// <summary>Finds the sources of a picture from what was kept while its map was made.</summary>
    /// <param name="map">The map.</param>
    /// <param name="evidence">Filled by the map's <see cref="PrimaryMapOptions.RowReceiver"/>.</param>
    /// <param name="quality">The same picture's quality map: tells never-compressed parts; null without.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="ArgumentException">The evidence is not that of the map, or the quality map is of a picture of another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static RegionMap Find(PrimaryQuantMap map, RegionEvidence evidence, QualityMap? quality = null, RegionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(evidence);
        options ??= RegionOptions.Default;
        options.Check();
        if (!evidence.Fits(map))
            throw new ArgumentException($"the evidence is not that of a map of {map.Height}x{map.Width} windows", nameof(evidence));
        if (quality is not null && (quality.Width != map.PictureWidth || quality.Height != map.PictureHeight))
            throw new ArgumentException($"the quality map is of a {quality.Width}x{quality.Height} picture, this one is {map.PictureWidth}x{map.PictureHeight}", nameof(quality));
        return new RegionLabelling(map, evidence, quality, options).Run();
    }
}
