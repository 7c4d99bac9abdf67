namespace JpegQualityEstimation.Images;

/// <summary>Limits for reading pictures from hostile files.</summary>
public sealed record ImageReadOptions
{
    /// <summary>The options used where the caller gives none.</summary>
    public static ImageReadOptions Default { get; } = new();

    /// <summary>
    /// Largest picture that is decoded, in pixels; default 1e9. Checked against the header before anything of
    /// that size is allocated. (A picture must also fit one buffer of 2^31-57 bytes: 715 megapixels in RGB.)
    /// </summary>
    public long MaxPixels { get; init; } = 1_000_000_000;
}
