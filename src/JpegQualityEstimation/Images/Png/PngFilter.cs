using System.Numerics;

namespace JpegQualityEstimation.Images.Png;

// The five row filters, undone in place: byte + prediction (mod 256). row, above: the bytes of a row and of the row
// above (zeros for the first), equally long; step: bytes to the left neighbour. Source: PNG specification, clause 9.
// Pixels of 3, 4, 6 and 8 bytes go through PngFilter.Pixels.cs, a pixel at a time in one vector; the end of a row and
// all other pixels byte by byte.

static partial class PngFilter
{
    /// <summary>Undoes filter <paramref name="type"/>; false where there is no such filter.</summary>
    public static bool Undo(int type, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        above = above[..row.Length];
        switch (type)
        {
            case 0:
                return true;
            case 2:
                AddAbove(row, above);
                return true;
            case 1 or 3 or 4:
                UndoBytes(type, row, above, step, from: UndoPixels(type, row, above, step));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Of left a, above b and above-left c: the one nearest to a + b - c; ties go to a, then b.</summary>
    public static byte Paeth(int a, int b, int c)
    {
        int toA = Math.Abs(b - c);
        int toB = Math.Abs(a - c);
        int toC = Math.Abs(a + b - 2 * c);
        return (byte)(toA <= toB && toA <= toC ? a : toB <= toC ? b : c);
    }

    static void AddAbove(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int i = 0;
        for (; i + Vector<byte>.Count <= row.Length; i += Vector<byte>.Count)
            (new Vector<byte>(row[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);
        for (; i < row.Length; i++)
            row[i] += above[i];
    }

    static void UndoBytes(int type, Span<byte> row, ReadOnlySpan<byte> above, int step, int from)
    {
        for (int i = from; i < row.Length; i++)
        {
            int left = i < step ? 0 : row[i - step];
            int aboveLeft = i < step ? 0 : above[i - step];
            row[i] += (byte)Predict(type, left, above[i], aboveLeft);
        }
    }
}
