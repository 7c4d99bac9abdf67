namespace JpegQualityEstimation.Jpeg;

/// <summary>What decides how a JPEG file is written, but not what its pixels become.</summary>
public sealed record JpegEncodeOptions
{
    /// <summary>The options used where the caller gives none: cjpeg's defaults.</summary>
    public static JpegEncodeOptions Default { get; } = new();

    /// <summary>
    /// Huffman tables made for this picture instead of the typical ones of T.81 annex K: smaller files, twice the
    /// time (everything before the entropy coding is done twice, nothing is kept). Default false.
    /// </summary>
    public bool OptimizeHuffman { get; init; }

    /// <summary>Minimum coded units between restart markers, 0..65535; 0, the default, writes none.</summary>
    public int RestartInterval { get; init; }

    /// <summary>Pixel density in the JFIF segment; default square pixels of no stated size.</summary>
    public JpegDensity Density { get; init; } = new(JpegDensityUnit.AspectRatio, 1, 1);
}

/// <summary>Pixel density of a JFIF file.</summary>
/// <param name="Unit">What X and Y count.</param>
/// <param name="X">Horizontal, 1..65535.</param>
/// <param name="Y">Vertical, 1..65535.</param>
public readonly record struct JpegDensity(JpegDensityUnit Unit, int X, int Y);

/// <summary>Units of <see cref="JpegDensity"/>, numbered as in the file.</summary>
public enum JpegDensityUnit
{
    /// <summary>X : Y is the shape of a pixel.</summary>
    AspectRatio,
    /// <summary>Dots per inch.</summary>
    PerInch,
    /// <summary>Dots per centimetre.</summary>
    PerCentimetre,
}
