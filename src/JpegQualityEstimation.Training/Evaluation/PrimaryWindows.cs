using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// PrimaryWindows: windows [n,64,64,3] of one double-compressed picture.
//   picture (or a random part of at most 512x512), scaled down by two where asked -> first compression -> crop by the
//   shift (r, c) -> second compression -> windows at random multiples of 8 (section 4.2 of the paper).
// A block of the first grid begins at row -r, column -c of the second grid, modulo 8. All randomness is of (seed,
// first compression, chain), the same in every scenario, so that scenarios differ in what they say and nothing else.
// Not thread-safe.

sealed class PrimaryWindows
{
    public const int Side = 64, WindowBytes = 3 * Side * Side;

    /// <summary>Shortest side of a picture, after scaling, that a window is always in whatever the shift.</summary>
    public const int LeastSide = Side + 7;

    const int MostSide = 512;

    readonly JpegRoundTrip trip = new();
    byte[] pixels = [];

    /// <summary>Fills <paramref name="count"/> windows and returns the phase of the first grid, row * 8 + column.</summary>
    public int Fill(
        ImageBuffer picture, PrimaryScenario scenario, PrimaryFirst first, JpegCompression second, ulong seed, int chain, int count, Span<byte> windows)
    {
        var random = new CounterRandom(seed, (ulong)first.Label, (ulong)chain);
        int scale = scenario.HalfSize ? 2 : 1;
        int width = Math.Min(picture.Width / scale, MostSide), height = Math.Min(picture.Height / scale, MostSide);
        int left = random.NextInt(picture.Width - width * scale + 1), top = random.NextInt(picture.Height - height * scale + 1);
        PixelTarget target = Part(picture, left, top, width, height, scale);
        int shift = 1 + random.NextInt(63), any = random.NextInt(64);
        shift = scenario.Alignment switch { GridAlignment.NonAligned => shift, GridAlignment.Mixed => any, _ => 0 };
        if (first.Compression is { } compression)
        {
            trip.Apply(target.AsView(), target, compression);
            int row = shift / 8, column = shift % 8;
            target = new PixelTarget(target.Pixels[(row * target.Stride + 3 * column)..], width - column, height - row, target.Stride, PixelFormat.Rgb24);
        }
        trip.Apply(target.AsView(), target, second);
        for (int k = 0; k < count; k++)
        {
            int y = 8 * random.NextInt((target.Height - Side) / 8 + 1), x = 8 * random.NextInt((target.Width - Side) / 8 + 1);
            for (int i = 0; i < Side; i++)
                target.Row(y + i).Slice(3 * x, 3 * Side).CopyTo(windows[(k * WindowBytes + 3 * Side * i)..]);
        }
        return (8 - shift / 8) % 8 * 8 + (8 - shift % 8) % 8;
    }

    PixelTarget Part(ImageBuffer picture, int left, int top, int width, int height, int scale)
    {
        if (pixels.Length < 3 * width * height)
            pixels = new byte[3 * width * height];
        var target = new PixelTarget(pixels, width, height, 3 * width, PixelFormat.Rgb24);
        for (int y = 0; y < height; y++)
        {
            Span<byte> to = target.Row(y);
            ReadOnlySpan<byte> from = picture.View.Row(top + scale * y)[(3 * left)..];
            if (scale == 1)
            {
                from[..to.Length].CopyTo(to);
                continue;
            }
            ReadOnlySpan<byte> below = picture.View.Row(top + scale * y + 1)[(3 * left)..];
            for (int i = 0; i < to.Length; i++)
            {
                int at = i / 3 * 6 + i % 3;
                to[i] = (byte)((from[at] + from[at + 3] + below[at] + below[at + 3] + 2) >> 2);
            }
        }
        return target;
    }
}
