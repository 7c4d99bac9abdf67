using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Findings;

// BlockTexture: sample rows of a picture one after another -> luma, and of every position whether the 8x8 block counts whose
// last row is the latest. Left out are blocks
//   with a clipped sample (0 or 255 in any channel), where the rounding noise is not what it should be;
//   without texture in both directions: fewer than MinimumCurved second differences of luma of at least 2, along rows or
//   along columns. Where a block is flat or a ramp its samples round alike, and the noise gathers in a few coefficients.
// Luma is rounded to integers (CombTest says why); all is counted in integers. Not thread-safe.
sealed unsafe class BlockTexture
{
    const int MinimumCurved = 4;
    const int MinimumCurvature = 2;

    // Whole vectors are read and written, up to 7 places behind the last sample.
    const int Slack = 48;

    readonly int pitch;
    readonly AlignedFloats storage;

    // Eight rows of each: luma, clipped, curved along the row, curved along the column; then sums of columns.
    readonly short* luma, clipped, across, down, clippedColumns, acrossColumns, downColumns, usable;

    /// <param name="positions">Of a row, at most.</param>
    public BlockTexture(int positions)
    {
        pitch = positions + 7 + Slack & ~1;
        storage = new AlignedFloats(18L * pitch);
        luma = (short*)storage.Pointer;
        clipped = luma + 8 * pitch;
        across = clipped + 8 * pitch;
        down = across + 8 * pitch;
        clippedColumns = down + 8 * pitch;
        acrossColumns = clippedColumns + pitch;
        downColumns = acrossColumns + pitch;
        usable = downColumns + pitch;
    }

    /// <summary>Which positions count, 1 or 0, after <see cref="Count"/>.</summary>
    public ReadOnlySpan<short> Usable(int positions) => new(usable, positions);

    /// <summary>Takes in columns from x on of a row: the n-th, from 0.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="n">Rows come one after another.</param>
    /// <param name="y">Row of the picture.</param>
    /// <param name="x">First column.</param>
    /// <param name="samples">Luma, 0..255.</param>
    public void Row(PixelView picture, int n, int y, int x, Span<float> samples)
    {
        Read(picture.Row(y), picture.Format, x, samples, luma + (n & 7) * pitch, clipped + (n & 7) * pitch);
        short* here = luma + (n & 7) * pitch;
        Mark(here, here + 1, here + 2, across + (n & 7) * pitch + 1, samples.Length - 2);
        if (n >= 2)
            Mark(luma + (n - 2 & 7) * pitch, luma + (n - 1 & 7) * pitch, here, down + (n - 1 & 7) * pitch, samples.Length);
        GC.KeepAlive(this);
    }

    /// <summary>Counts the blocks whose last row is the n-th. A second difference counts where all three samples of it lie in the block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Count(int n, int positions)
    {
        Columns(clipped, clippedColumns, positions + 7, n + 1, 8);
        Columns(across, acrossColumns, positions + 7, n + 1, 8);
        Columns(down, downColumns, positions + 7, n + 2, 6);
        var least = new Vector<short>(MinimumCurved - 1);
        for (int x = 0; x < positions; x += Vector<short>.Count)
        {
            Vector<short> clips = Load(clippedColumns + x), along = Load(acrossColumns + x + 1), beside = Load(downColumns + x);
            for (int i = 1; i < 6; i++)
            {
                clips += Load(clippedColumns + x + i);
                beside += Load(downColumns + x + i);
                along += Load(acrossColumns + x + 1 + i);
            }
            clips += Load(clippedColumns + x + 6) + Load(clippedColumns + x + 7);
            beside += Load(downColumns + x + 6) + Load(downColumns + x + 7);
            Vector<short> counts = Vector.Equals(clips, Vector<short>.Zero) & Vector.GreaterThan(Vector.Min(along, beside), least) & Vector<short>.One;
            Vector.Store(counts, usable + x);
        }
        GC.KeepAlive(this);
    }

    // (299 R + 587 G + 114 B) / 1000 (ITU-R BT.601), to the nearest integer; halves up.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Read(ReadOnlySpan<byte> row, PixelFormat format, int x, Span<float> samples, short* luma, short* clipped)
    {
        int step = format.BytesPerPixel(), width = samples.Length, i = 0;
        fixed (byte* from = row.Slice(x * step, width * step))
        fixed (float* to = samples)
        {
            if (step == 1)
            {
                for (; i < width; i++)
                    (to[i], luma[i], clipped[i]) = (from[i], from[i], Clipped(from[i], from[i]));
                return;
            }
            bool blueFirst = format is PixelFormat.Bgr24 or PixelFormat.Bgra32;
            if (step == 3)
                for (; i <= width - 16; i += 16)
                    Sixteen(from + 3 * i, blueFirst, to + i, luma + i, clipped + i);
            (int first, int last) = blueFirst ? (114, 299) : (299, 114);
            for (byte* p = from + step * i; i < width; i++, p += step)
            {
                int value = (first * p[0] + 587 * p[1] + last * p[2] + 500) / 1000;
                (to[i], luma[i]) = (value, (short)value);
                clipped[i] = Clipped(Math.Min(p[0], Math.Min(p[1], p[2])), Math.Max(p[0], Math.Max(p[1], p[2])));
            }
        }
    }

    static short Clipped(byte least, byte most) => (short)(least == 0 || most == 255 ? 1 : 0);

    // Sixteen pixels of three bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Sixteen(byte* from, bool blueFirst, float* to, short* luma, short* clipped)
    {
        Vector128<byte> a = Vector128.Load(from), b = Vector128.Load(from + 16), c = Vector128.Load(from + 32);
        const byte No = 0x80;
        Vector128<byte> first = Vector128.Shuffle(a, Vector128.Create(0, 3, 6, 9, 12, 15, No, No, No, No, No, No, No, No, No, No))
            | Vector128.Shuffle(b, Vector128.Create(No, No, No, No, No, No, 2, 5, 8, 11, 14, No, No, No, No, No))
            | Vector128.Shuffle(c, Vector128.Create(No, No, No, No, No, No, No, No, No, No, No, 1, 4, 7, 10, 13));
        Vector128<byte> green = Vector128.Shuffle(a, Vector128.Create(1, 4, 7, 10, 13, No, No, No, No, No, No, No, No, No, No, No))
            | Vector128.Shuffle(b, Vector128.Create(No, No, No, No, No, 0, 3, 6, 9, 12, 15, No, No, No, No, No))
            | Vector128.Shuffle(c, Vector128.Create(No, No, No, No, No, No, No, No, No, No, No, 2, 5, 8, 11, 14));
        Vector128<byte> last = Vector128.Shuffle(a, Vector128.Create(2, 5, 8, 11, 14, No, No, No, No, No, No, No, No, No, No, No))
            | Vector128.Shuffle(b, Vector128.Create(No, No, No, No, No, 1, 4, 7, 10, 13, No, No, No, No, No, No))
            | Vector128.Shuffle(c, Vector128.Create(No, No, No, No, No, No, No, No, No, No, 0, 3, 6, 9, 12, 15));
        Vector128<byte> least = Vector128.Min(first, Vector128.Min(green, last)), most = Vector128.Max(first, Vector128.Max(green, last));
        Vector128<byte> clips = (Vector128.Equals(least, Vector128<byte>.Zero) | Vector128.Equals(most, Vector128<byte>.AllBitsSet)) & Vector128.Create((byte)1);
        (Vector128<ushort> lowClips, Vector128<ushort> highClips) = Vector128.Widen(clips);
        lowClips.AsInt16().Store(clipped);
        highClips.AsInt16().Store(clipped + 8);
        (Vector128<byte> red, Vector128<byte> blue) = blueFirst ? (last, first) : (first, last);
        (Vector128<ushort> lowRed, Vector128<ushort> highRed) = Vector128.Widen(red);
        (Vector128<ushort> lowGreen, Vector128<ushort> highGreen) = Vector128.Widen(green);
        (Vector128<ushort> lowBlue, Vector128<ushort> highBlue) = Vector128.Widen(blue);
        Eight(lowRed, lowGreen, lowBlue, to, luma);
        Eight(highRed, highGreen, highBlue, to + 8, luma + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Eight(Vector128<ushort> red, Vector128<ushort> green, Vector128<ushort> blue, float* to, short* luma)
    {
        (Vector128<uint> lowRed, Vector128<uint> highRed) = Vector128.Widen(red);
        (Vector128<uint> lowGreen, Vector128<uint> highGreen) = Vector128.Widen(green);
        (Vector128<uint> lowBlue, Vector128<uint> highBlue) = Vector128.Widen(blue);
        Vector128<int> low = Luma(lowRed, lowGreen, lowBlue), high = Luma(highRed, highGreen, highBlue);
        Vector128.ConvertToSingle(low).Store(to);
        Vector128.ConvertToSingle(high).Store(to + 4);
        Vector128.Narrow(low, high).Store(luma);
    }

    // The sum and a half are exact; a thousandth of it is 0.0005 from the next integer at least, far more than its rounding.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<int> Luma(Vector128<uint> red, Vector128<uint> green, Vector128<uint> blue)
    {
        Vector128<float> sum = Vector128.ConvertToSingle(red.AsInt32()) * 299f + Vector128.ConvertToSingle(green.AsInt32()) * 587f
            + Vector128.ConvertToSingle(blue.AsInt32()) * 114f + Vector128.Create(500.5f);
        return Vector128.ConvertToInt32(sum * 0.001f);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Mark(short* before, short* at, short* after, short* marks, int length)
    {
        var least = new Vector<short>(MinimumCurvature - 1);
        for (int i = 0; i < length; i += Vector<short>.Count)
        {
            Vector<short> middle = Load(at + i);
            Vector<short> second = Vector.Abs(middle + middle - Load(before + i) - Load(after + i));
            Vector.Store(Vector.GreaterThan(second, least) & Vector<short>.One, marks + i);
        }
    }

    // Sums of rows first .. first + rows - 1 of the ring.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Columns(short* marks, short* sums, int width, int first, int rows)
    {
        for (int x = 0; x < width; x += Vector<short>.Count)
        {
            Vector<short> sum = Vector<short>.Zero;
            for (int i = 0; i < rows; i++)
                sum += Load(marks + (first + i & 7) * pitch + x);
            Vector.Store(sum, sums + x);
        }
    }

    static Vector<short> Load(short* source) => Vector.Load(source);
}
