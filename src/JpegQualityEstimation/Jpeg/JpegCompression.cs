namespace JpegQualityEstimation.Jpeg;

/// <summary>All that decides what a JPEG compression does to pixels: two tables and the sampling.</summary>
/// <param name="Luminance">Steps of the first component.</param>
/// <param name="Chrominance">Steps of the second and third component; unused for <see cref="ChromaSubsampling.Gray"/>.</param>
/// <param name="Subsampling">Sampling of the chroma planes.</param>
/// <exception cref="ArgumentNullException">A table is null.</exception>
public sealed record JpegCompression(QuantTable Luminance, QuantTable Chrominance, ChromaSubsampling Subsampling)
{
    /// <summary>Steps of the first component.</summary>
    public QuantTable Luminance { get; init; } = Luminance ?? throw new ArgumentNullException(nameof(Luminance));

    /// <summary>Steps of the second and third component; unused for <see cref="ChromaSubsampling.Gray"/>.</summary>
    public QuantTable Chrominance { get; init; } = Chrominance ?? throw new ArgumentNullException(nameof(Chrominance));

    /// <summary>The standard tables (ITU-T T.81 Annex K) scaled as libjpeg does.</summary>
    /// <param name="qualityFactor">1..100.</param>
    /// <param name="subsampling">Sampling of the chroma planes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality factor is outside 1..100.</exception>
    public static JpegCompression FromQuality(int qualityFactor, ChromaSubsampling subsampling = ChromaSubsampling.Samp420) =>
        new(QuantTable.StandardLuminance(qualityFactor), QuantTable.StandardChrominance(qualityFactor), subsampling);
}
