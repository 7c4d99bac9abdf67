using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// LumaRows: luma of a picture in float, not rounded: (299 R + 587 G + 114 B) / 1000 (ITU-R BT.601), gray as it is.
// The sum is an integer, so that R = G = B = v gives v exactly.
static class LumaRows
{
    const int Chunk = 64;

    /// <summary>Luma of a whole picture.</summary>
    /// <param name="picture">Any format.</param>
    /// <param name="luma">Row y starts at y * stride.</param>
    /// <param name="stride">Floats from one row to the next, at least the picture's width.</param>
    public static void Convert(PixelView picture, Span<float> luma, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, picture.Width);
        for (int y = 0; y < picture.Height; y++)
            Row(picture, y, 0, luma.Slice(y * stride, picture.Width));
    }

    /// <summary>Luma of columns [x, x + luma.Length) of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(PixelView picture, int y, int x, Span<float> luma)
    {
        (int red, int step) = picture.Format switch
        {
            PixelFormat.Gray8 => (0, 1),
            PixelFormat.Rgb24 => (0, 3),
            PixelFormat.Bgr24 => (2, 3),
            PixelFormat.Rgba32 => (0, 4),
            _ => (2, 4),
        };
        ReadOnlySpan<byte> row = picture.Row(y).Slice(x * step, luma.Length * step);
        if (step == 1)
        {
            for (int i = 0; i < luma.Length; i++)
                luma[i] = row[i];
            return;
        }
        if (Vector512.IsHardwareAccelerated && luma.Length >= Chunk)
        {
            Wide(row, picture.Format, luma);
            return;
        }
        for (int i = 0; i < luma.Length; i++, row = row[step..])
            luma[i] = (299 * row[red] + 587 * row[1] + 114 * row[2 - red]) / 1000f;
    }

    // The last chunk overlaps the one before it.
    [SkipLocalsInit]
    static void Wide(ReadOnlySpan<byte> row, PixelFormat format, Span<float> luma)
    {
        Span<byte> red = stackalloc byte[Chunk], green = stackalloc byte[Chunk], blue = stackalloc byte[Chunk];
        int step = row.Length / luma.Length;
        for (int done = 0; done < luma.Length; done += Chunk)
        {
            int at = Math.Min(done, luma.Length - Chunk);
            PixelInterleave.Split(row.Slice(at * step, Chunk * step), format, red, green, blue, wide: true);
            Span<float> to = luma.Slice(at, Chunk);
            for (int i = 0; i < Chunk; i += 16)
            {
                Vector512<int> sum = 299 * Widened(red, i) + 587 * Widened(green, i) + 114 * Widened(blue, i);
                (Vector512.ConvertToSingle(sum) / Vector512.Create(1000f)).CopyTo(to[i..]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<int> Widened(ReadOnlySpan<byte> bytes, int at) =>
        Vector512.WidenLower(Vector256.WidenLower(Vector128.Create(bytes.Slice(at, 16)).ToVector256Unsafe()).ToVector512Unsafe()).AsInt32();
}
