using System.Numerics;

namespace JpegQualityEstimation.Images.Png;

// The five row filters, applied: residual = row - prediction (mod 256), and what a row of residuals costs.
// All predictions read the unfiltered row, so every filter runs at vector width. row, above, residual: equally
// long, residual apart from the others; the bytes left of the first pixel are zero.

static partial class PngFilter
{
    public static void Apply(int type, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int step, Span<byte> residual)
    {
        int head = Math.Min(step, row.Length);
        for (int i = 0; i < head; i++)
            residual[i] = (byte)(row[i] - Predict(type, 0, above[i], 0));
        int done = head;
        if (type is 0)
        {
            row.CopyTo(residual);
            return;
        }
        ReadOnlySpan<byte> left = row[..^head];
        ReadOnlySpan<byte> aboveLeft = above[..^head];
        for (; done + Vector<byte>.Count <= row.Length; done += Vector<byte>.Count)
        {
            Vector<byte> a = new(left[(done - head)..]);
            Vector<byte> b = new(above[done..]);
            Vector<byte> c = new(aboveLeft[(done - head)..]);
            Vector<byte> prediction = type switch
            {
                1 => a,
                2 => b,
                3 => (a & b) + HalfDifference(a ^ b),
                _ => Paeth(a, b, c),
            };
            (new Vector<byte>(row[done..]) - prediction).CopyTo(residual[done..]);
        }
        for (; done < row.Length; done++)
            residual[done] = (byte)(row[done] - Predict(type, row[done - head], above[done], above[done - head]));
    }

    /// <summary>Sum of the residuals' absolute values, read as signed bytes.</summary>
    public static long Cost(ReadOnlySpan<byte> residual)
    {
        long cost = 0;
        int i = 0;
        while (i + Vector<byte>.Count <= residual.Length)
        {
            // 128 additions of at most 2 * 128 stay below 65536.
            Vector<ushort> sums = Vector<ushort>.Zero;
            for (int n = 0; n < 128 && i + Vector<byte>.Count <= residual.Length; n++, i += Vector<byte>.Count)
            {
                Vector<byte> v = new(residual[i..]);
                Vector.Widen(Vector.Min(v, Vector<byte>.Zero - v), out Vector<ushort> low, out Vector<ushort> high);
                sums += low + high;
            }
            Vector.Widen(sums, out Vector<uint> even, out Vector<uint> odd);
            cost += Vector.Sum(even + odd);
        }
        for (; i < residual.Length; i++)
            cost += Math.Abs((int)(sbyte)residual[i]);
        return cost;
    }

    static int Predict(int type, int a, int b, int c) => type switch
    {
        0 => 0,
        1 => a,
        2 => b,
        3 => (a + b) >> 1,
        _ => Paeth(a, b, c),
    };

    static Vector<byte> HalfDifference(Vector<byte> difference) =>
        Vector.AsVectorByte(Vector.ShiftRightLogical(Vector.AsVectorUInt16(difference), 1)) & new Vector<byte>(0x7F);

    static Vector<byte> Paeth(Vector<byte> a, Vector<byte> b, Vector<byte> c)
    {
        Vector.Widen(a, out Vector<ushort> aLow, out Vector<ushort> aHigh);
        Vector.Widen(b, out Vector<ushort> bLow, out Vector<ushort> bHigh);
        Vector.Widen(c, out Vector<ushort> cLow, out Vector<ushort> cHigh);
        return Vector.Narrow(Paeth(aLow, bLow, cLow), Paeth(aHigh, bHigh, cHigh));
    }

    static Vector<ushort> Paeth(Vector<ushort> a, Vector<ushort> b, Vector<ushort> c)
    {
        Vector<short> toA = Vector.AsVectorInt16(b - c);
        Vector<short> toB = Vector.AsVectorInt16(a - c);
        Vector<short> toC = Vector.Abs(toA + toB);
        (toA, toB) = (Vector.Abs(toA), Vector.Abs(toB));
        Vector<ushort> takeA = Vector.AsVectorUInt16(Vector.LessThanOrEqual(toA, Vector.Min(toB, toC)));
        Vector<ushort> takeB = Vector.AsVectorUInt16(Vector.LessThanOrEqual(toB, toC));
        return Vector.ConditionalSelect(takeA, a, Vector.ConditionalSelect(takeB, b, c));
    }
}
