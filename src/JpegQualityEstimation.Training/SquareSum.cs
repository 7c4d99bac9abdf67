using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Training;

// SquareSum: the sum of the squares of floats, in double and in one order whatever the vector width: value i goes to sum i % 32,
// then sum k takes in sum k + 16, then k + 8, and so on. The squares themselves are exact.
static class SquareSum
{
    const int Sums = 32;

    public static double Of(ReadOnlySpan<float> values)
    {
        Span<double> sums = stackalloc double[Sums];
        Vector512<double> a = Vector512<double>.Zero, b = a, c = a, d = a;
        int i = 0;
        for (; i <= values.Length - Sums; i += Sums)
        {
            (Vector512<double> first, Vector512<double> second) = Vector512.Widen(Vector512.Create(values.Slice(i, 16)));
            (Vector512<double> third, Vector512<double> fourth) = Vector512.Widen(Vector512.Create(values.Slice(i + 16, 16)));
            a += first * first;
            b += second * second;
            c += third * third;
            d += fourth * fourth;
        }
        a.CopyTo(sums);
        b.CopyTo(sums[8..]);
        c.CopyTo(sums[16..]);
        d.CopyTo(sums[24..]);
        for (; i < values.Length; i++)
            sums[i % Sums] += (double)values[i] * values[i];
        for (int half = Sums / 2; half > 0; half /= 2)
            for (int k = 0; k < half; k++)
                sums[k] += sums[k + half];
        return sums[0];
    }
}
