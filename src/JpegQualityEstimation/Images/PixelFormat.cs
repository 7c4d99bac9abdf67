using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Images;

/// <summary>Order and number of the 8-bit samples of one pixel in memory.</summary>
public enum PixelFormat
{
    /// <summary>One luminance byte a pixel.</summary>
    Gray8,
    /// <summary>Red, green, blue: three bytes a pixel.</summary>
    Rgb24,
    /// <summary>Blue, green, red: three bytes a pixel (OpenCV, GDI+).</summary>
    Bgr24,
    /// <summary>Red, green, blue, alpha: four bytes a pixel. Alpha is ignored.</summary>
    Rgba32,
    /// <summary>Blue, green, red, alpha: four bytes a pixel. Alpha is ignored.</summary>
    Bgra32,
}

/// <summary>Facts about a <see cref="PixelFormat"/>.</summary>
public static class PixelFormatExtensions
{
    /// <summary>Bytes that one pixel takes (1, 3 or 4).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a pixel format.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int BytesPerPixel(this PixelFormat format) => format switch
    {
        PixelFormat.Gray8 => 1,
        PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
        PixelFormat.Rgba32 or PixelFormat.Bgra32 => 4,
        _ => throw Unknown(format),
    };

    static ArgumentOutOfRangeException Unknown(PixelFormat format) => new(nameof(format), format, "not a pixel format");
}
