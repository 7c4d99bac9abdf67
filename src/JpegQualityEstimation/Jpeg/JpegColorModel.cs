namespace JpegQualityEstimation.Jpeg;

/// <summary>What the components of a JPEG file stand for.</summary>
public enum JpegColorModel
{
    /// <summary>One component, luminance.</summary>
    Gray,
    /// <summary>Luminance and two colour differences (JFIF).</summary>
    YCbCr,
    /// <summary>Red, green, blue, without transform.</summary>
    Rgb,
    /// <summary>Four inks, inverted as Adobe writes them: 255 is no ink.</summary>
    Cmyk,
    /// <summary>Four inks, the first three transformed as YCbCr (Adobe).</summary>
    Ycck,
}
