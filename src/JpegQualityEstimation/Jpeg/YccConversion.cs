using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// YccConversion: RGB <-> YCbCr of JFIF in libjpeg's 16-bit fixed point, one row of pixels at a time.
//   Y  = ( 19595 R + 38470 G +  7471 B + 2^15) >> 16
//   Cb = (-11059 R - 21709 G + 32768 B + 2^23 + 2^15 - 1) >> 16,  Cr = (32768 R - 27439 G - 5329 B + same) >> 16
//   R = Y + ((91881 cr + 2^15) >> 16), B = Y + ((116130 cb + 2^15) >> 16), G = Y + ((-22554 cb - 46802 cr + 2^15) >> 16)
// with cb = Cb - 128, cr = Cr - 128, results limited to 0..255. Alpha is written as 255. Rows never alias.
// Source: JFIF 1.02; ITU-R BT.601 coefficients rounded to 16 bits as libjpeg's jccolor and jdcolor do.
static partial class YccConversion
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

    /// <summary>Pixels of one row to three rows of samples, y.Length pixels.</summary>
    public static void ToYcc(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> y, Span<byte> cb, Span<byte> cr)
    {
        var (red, green, blue, bytes) = Layout(format);
        for (int x = 0, i = 0; x < y.Length; x++, i += bytes)
        {
            int r = pixels[i + red], g = pixels[i + green], b = pixels[i + blue];
            y[x] = (byte)((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);
            cb[x] = (byte)((-11059 * r - 21709 * g + 32768 * b + (128 << 16) + 32767) >> 16);
            cr[x] = (byte)((32768 * r - 27439 * g - 5329 * b + (128 << 16) + 32767) >> 16);
        }
    }

    /// <summary>Pixels of one row to their luminance alone, y.Length pixels.</summary>
    public static void ToLuminance(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> y)
    {
        var (red, green, blue, bytes) = Layout(format);
        if (bytes == 1)
        {
            pixels[..y.Length].CopyTo(y);
            return;
        }
        for (int x = 0, i = 0; x < y.Length; x++, i += bytes)
            y[x] = (byte)((19595 * pixels[i + red] + 38470 * pixels[i + green] + 7471 * pixels[i + blue] + 32768) >> 16);
    }

    /// <summary>Three rows of samples to the pixels of one row, y.Length pixels.</summary>
    public static void ToPixels(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> pixels, PixelFormat format)
    {
        var (red, green, blue, bytes) = Layout(format);
        if (bytes == 1)
        {
            y.CopyTo(pixels);
            return;
        }
        for (int x = 0, i = 0; x < y.Length; x++, i += bytes)
        {
            int luma = y[x], b = cb[x] - 128, r = cr[x] - 128;
            if (bytes == 4)
                pixels[i + 3] = 255;
            pixels[i + red] = Limit(luma + ((91881 * r + 32768) >> 16));
            pixels[i + green] = Limit(luma + ((-22554 * b - 46802 * r + 32768) >> 16));
            pixels[i + blue] = Limit(luma + ((116130 * b + 32768) >> 16));
        }
    }

    /// <summary>One row of luminance to gray pixels of any format, y.Length pixels.</summary>
    public static void GrayToPixels(ReadOnlySpan<byte> y, Span<byte> pixels, PixelFormat format) => Interleave(y, y, y, pixels, format);

    /// <summary>Three rows of red, green and blue samples to the pixels of one row, red.Length pixels.</summary>
    public static void Interleave(
        ReadOnlySpan<byte> redRow, ReadOnlySpan<byte> greenRow, ReadOnlySpan<byte> blueRow, Span<byte> pixels, PixelFormat format)
    {
        var (red, green, blue, bytes) = Layout(format);
        if (bytes == 1)
        {
            redRow.CopyTo(pixels);
            return;
        }
        for (int x = 0, i = 0; x < redRow.Length; x++, i += bytes)
        {
            if (bytes == 4)
                pixels[i + 3] = 255;
            pixels[i + red] = redRow[x];
            pixels[i + green] = greenRow[x];
            pixels[i + blue] = blueRow[x];
        }
    }

    static byte Limit(int value) => (byte)Math.Clamp(value, 0, 255);
}
