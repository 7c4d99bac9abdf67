using System.Buffers;
using System.Numerics;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// Says from the picture alone where a reading of JPEG traces can be trusted: picture -> reliability [h,w], 0..255.
//
// A pixel counts as textured where
//   luma's second difference |2p - left - right| or |2p - up - down| is at least MinimumCurvature grey levels, and
//   not every sample of it is clipped to 0 or 255.
// Second differences, because a ramp rounded to 8 bits has second differences of -1, 0 and 1 whatever its slope: ramps
// and flat fills carry no DCT trace however steep they are. Clipped pixels have lost what quantization did to them.
// Reliability is the share of textured pixels in the window that the network sees around a pixel (33x33, cut at the
// borders), scaled so that NothingShare -> 0 and EnoughShare -> 255.
//
// Cost: running column counts and a running row sum, O(1) a pixel; memory: 34 rows. Rows can be asked for in bands, which any
// threads take; counts are whole numbers, so bands change nothing. Deterministic.
static class TextureReliability
{
    // Receptive field of seven 3x3 convolutions with dilations 1,2,3,4,3,2,1: 1 + 2*16.
    public const int Window = 33;

    // Below this a picture holds no complete 8x8 block of a grid of unknown phase with neighbours on both sides of
    // one of its lines (15 pixels hold one block at any phase).
    public const int MinimumSide = 16;

    // One above what rounding to 8 bits can do to a straight ramp.
    public const int MinimumCurvature = 2;

    public const double NothingShare = 0.0;
    public const double EnoughShare = 0.04;

    const int Reach = Window / 2;

    /// <summary>All rows, on the calling thread.</summary>
    public static void Fill(PixelView picture, Span<byte> reliability) => Fill(picture, reliability, 0, picture.Height);

    /// <summary>Rows [first, end).</summary>
    /// <param name="picture">The whole picture.</param>
    /// <param name="reliability">[h,w] from row origin on, of which these rows are overwritten.</param>
    /// <param name="first">The first row.</param>
    /// <param name="end">One behind the last.</param>
    /// <param name="origin">The row that <paramref name="reliability"/> begins with.</param>
    public static void Fill(PixelView picture, Span<byte> reliability, int first, int end, int origin = 0)
    {
        int width = picture.Width, height = picture.Height;
        if (width < MinimumSide || height < MinimumSide)
        {
            reliability[((first - origin) * width)..((end - origin) * width)].Clear();
            return;
        }
        using var texture = new TextureRows(width);
        short[] ring = ArrayPool<short>.Shared.Rent((Window + 2) * width);
        Span<short> columns = ring.AsSpan((Window + 1) * width, width);
        columns.Clear();
        Span<byte> scores = stackalloc byte[Window * Window + 1];
        int scoredRows = 0;
        // Rows above the first one's window are not looked at.
        int top = Math.Max(0, first - Reach);
        for (int y = top - Reach; y < end; y++)
        {
            int entering = y + Reach, leaving = y - Reach - 1;
            if (entering < height)
            {
                Span<short> row = RingRow(ring, entering, width);
                texture.Mark(picture, entering, row);
                Count(columns, row, 1);
            }
            if (leaving >= top)
            {
                Span<short> row = RingRow(ring, leaving, width);
                Count(columns, row, -1);
            }
            if (y >= first)
            {
                int rows = Math.Min(height - 1, y + Reach) - Math.Max(0, y - Reach) + 1;
                if (rows != scoredRows)
                    Rate(scores, scoredRows = rows);
                Score(columns, rows, scores, reliability.Slice((y - origin) * width, width));
            }
        }
        ArrayPool<short>.Shared.Return(ring);
    }

    static Span<short> RingRow(short[] ring, int y, int width) => ring.AsSpan(y % (Window + 1) * width, width);

    // columns += sign * row.
    static void Count(Span<short> columns, ReadOnlySpan<short> row, short sign)
    {
        int x = 0;
        var factor = new Vector<short>(sign);
        for (; x <= row.Length - Vector<short>.Count; x += Vector<short>.Count)
            (new Vector<short>(columns[x..]) + factor * new Vector<short>(row[x..])).CopyTo(columns[x..]);
        for (; x < row.Length; x++)
            columns[x] += (short)(sign * row[x]);
    }

    // The score of every count of a whole window of so many rows.
    static void Rate(Span<byte> scores, int rows)
    {
        for (int count = 0; count <= rows * Window; count++)
            scores[count] = Rate(count, rows * Window);
    }

    static byte Rate(int count, int area)
    {
        double share = (double)count / area;
        double score = (share - NothingShare) * (255 / (EnoughShare - NothingShare));
        return (byte)Math.Clamp(score, 0, 255);
    }

    static void Score(ReadOnlySpan<short> columns, int rows, ReadOnlySpan<byte> whole, Span<byte> scores)
    {
        int width = columns.Length, count = 0;
        for (int x = 0; x < Math.Min(Reach, width); x++)
            count += columns[x];
        for (int x = 0; x < width; x++)
        {
            if (x + Reach < width)
                count += columns[x + Reach];
            if (x - Reach - 1 >= 0)
                count -= columns[x - Reach - 1];
            int across = Math.Min(width - 1, x + Reach) - Math.Max(0, x - Reach) + 1;
            scores[x] = across == Window ? whole[count] : Rate(count, rows * across);
        }
    }
}
