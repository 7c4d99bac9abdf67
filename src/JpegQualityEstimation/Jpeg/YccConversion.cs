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
    /// <summary>Pixels of one row to three rows of samples, y.Length pixels.</summary>
    public static void ToYcc(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> y, Span<byte> cb, Span<byte> cr) =>
        JpegKernels.Default.ToYcc(pixels, format, y, cb, cr);

    /// <summary>Pixels of one row to their luminance alone, y.Length pixels.</summary>
    public static void ToLuminance(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> y) =>
        JpegKernels.Default.ToLuminance(pixels, format, y);

    /// <summary>Three rows of samples to the pixels of one row, y.Length pixels.</summary>
    public static void ToPixels(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> pixels, PixelFormat format) =>
        JpegKernels.Default.ToPixels(y, cb, cr, pixels, format);

    /// <summary>One row of luminance to gray pixels of any format, y.Length pixels.</summary>
    public static void GrayToPixels(ReadOnlySpan<byte> y, Span<byte> pixels, PixelFormat format) =>
        JpegKernels.Default.Join(y, y, y, pixels, format);

    /// <summary>Three rows of red, green and blue samples to the pixels of one row, red.Length pixels.</summary>
    public static void Interleave(
        ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> pixels, PixelFormat format) =>
        JpegKernels.Default.Join(red, green, blue, pixels, format);

    internal static byte Luminance(int r, int g, int b) => (byte)((19595 * r + 38470 * g + 7471 * b + HalfUnit) >> 16);

    internal static byte BlueDifference(int r, int g, int b) => (byte)((-11059 * r - 21709 * g + 32768 * b + ChromaOffset) >> 16);

    internal static byte RedDifference(int r, int g, int b) => (byte)((32768 * r - 27439 * g - 5329 * b + ChromaOffset) >> 16);

    /// <summary>Red of a luminance and a red difference that has lost its 128.</summary>
    internal static byte Red(int y, int cr) => Limit(y + ((91881 * cr + HalfUnit) >> 16));

    internal static byte Green(int y, int cb, int cr) => Limit(y + ((-22554 * cb - 46802 * cr + HalfUnit) >> 16));

    internal static byte Blue(int y, int cb) => Limit(y + ((116130 * cb + HalfUnit) >> 16));

    static byte Limit(int value) => (byte)Math.Clamp(value, 0, 255);
}
