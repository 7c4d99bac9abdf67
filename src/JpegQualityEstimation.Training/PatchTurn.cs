using System.Runtime.CompilerServices;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training;

// PatchTurn: a square of pixels under one of the eight flips and quarter turns.
//   to[y,x] = from[v,u], (u,v) = (x,y), u mirrored with bit 0 of the turn, v with bit 1, then the two exchanged with bit 2
// The source position is linear in x and y, so that a turn is two strides and a start. Source and destination are apart.
static class PatchTurn
{
    /// <summary>Copies the square at (x, y) of a picture, turned, to bytes [side, side, 3].</summary>
    public static void Cut(ImageBuffer picture, int x, int y, int side, int which, Span<byte> to)
    {
        // Checked here: what follows is not.
        ReadOnlySpan<byte> from = picture.Pixels.AsSpan(y * picture.Stride + 3 * x, (side - 1) * picture.Stride + 3 * side);
        Copy<byte>(from, 3, picture.Stride, side, which, to);
    }

    /// <summary>Turns values [side, side, 3].</summary>
    public static void Apply(ReadOnlySpan<float> from, int side, int which, Span<float> to) =>
        Copy<float>(from[..(3 * side * side)], 3, 3 * side, side, which, to);

    static void Copy<T>(ReadOnlySpan<T> from, nint across, nint down, int side, int which, Span<T> to)
        where T : unmanaged
    {
        to = to[..(3 * side * side)];
        bool mirrorsColumns = (which & 1) != 0, mirrorsRows = (which & 2) != 0, exchanges = (which & 4) != 0;
        if (!mirrorsColumns && !exchanges)
        {
            for (int y = 0; y < side; y++)
            {
                if (typeof(T) == typeof(byte) && y + PictureRows.Ahead < side)
                    PictureRows.AskFor(ref Unsafe.As<T, byte>(ref Unsafe.AsRef(in from[Source(y + PictureRows.Ahead)])), 3 * side);
                from.Slice(Source(y), 3 * side).CopyTo(to[(3 * side * y)..]);
            }
            return;
        }
        // Where u and v go, then where x and y go.
        (nint u, nint v) = exchanges ? (down, across) : (across, down);
        nint start = (mirrorsColumns ? (side - 1) * u : 0) + (mirrorsRows ? (side - 1) * v : 0);
        (nint right, nint below) = (mirrorsColumns ? -u : u, mirrorsRows ? -v : v);
        ref T first = ref Unsafe.Add(ref Unsafe.AsRef(in from[0]), start);
        ref T target = ref to[0];
        for (int y = 0; y < side; y++)
        {
            ref T source = ref Unsafe.Add(ref first, y * below);
            // Bytes are a picture's, floats a crop's.
            if (typeof(T) == typeof(byte) && !exchanges && y + PictureRows.Ahead < side)
                PictureRows.AskFor(ref Unsafe.As<T, byte>(ref Unsafe.Add(ref source, PictureRows.Ahead * below + (side - 1) * Math.Min(right, 0))), 3 * side);
            // Four values at once, the last of which the next pixel overwrites; the last pixel of the source and the last one of
            // the target, which have none behind them, are in the first and last row.
            if (y > 0 && y < side - 1)
                Row<T, Four<T>>(ref source, right, side, ref target);
            else
                Row<T, Pixel<T>>(ref source, right, side, ref target);
            target = ref Unsafe.Add(ref target, 3 * side);
        }

        int Source(int y) => (int)((mirrorsRows ? side - 1 - y : y) * down);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Row<T, TTogether>(ref T source, nint right, int side, ref T target)
        where T : unmanaged
        where TTogether : unmanaged
    {
        for (int x = 0; x < side; x++)
        {
            Unsafe.As<T, TTogether>(ref target) = Unsafe.As<T, TTogether>(ref source);
            source = ref Unsafe.Add(ref source, right);
            target = ref Unsafe.Add(ref target, 3);
        }
    }

    [InlineArray(3)]
    struct Pixel<T>
    {
        T channel;
    }

    [InlineArray(4)]
    struct Four<T>
    {
        T channel;
    }
}
