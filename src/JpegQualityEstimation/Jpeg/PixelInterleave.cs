using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// PixelInterleave: pixels of 3 or 4 bytes to three rows of samples and back (alpha is dropped, and written as 255).
// Rows never alias pixels.
static partial class PixelInterleave
{
    /// <summary>Byte offsets of red, green and blue in a pixel, and the bytes a pixel takes.</summary>
    public static (int Red, int Green, int Blue, int Bytes) Layout(PixelFormat format) => format switch
    {
        PixelFormat.Gray8 => (0, 0, 0, 1),
        PixelFormat.Rgb24 => (0, 1, 2, 3),
        PixelFormat.Bgr24 => (2, 1, 0, 3),
        PixelFormat.Rgba32 => (0, 1, 2, 4),
        PixelFormat.Bgra32 => (2, 1, 0, 4),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "not a pixel format"),
    };

    /// <summary>Takes red.Length pixels apart, one at a time.</summary>
    public static void Split(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        var (r, g, b, bytes) = Layout(format);
        for (int x = 0, i = 0; x < red.Length; x++, i += bytes)
        {
            red[x] = pixels[i + r];
            green[x] = pixels[i + g];
            blue[x] = pixels[i + b];
        }
    }

    /// <summary>Puts red.Length pixels together, one at a time.</summary>
    public static void Join(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> pixels, PixelFormat format)
    {
        var (r, g, b, bytes) = Layout(format);
        for (int x = 0, i = 0; x < red.Length; x++, i += bytes)
        {
            if (bytes == 4)
                pixels[i + 3] = 255;
            pixels[i + r] = red[x];
            pixels[i + g] = green[x];
            pixels[i + b] = blue[x];
        }
    }
}
