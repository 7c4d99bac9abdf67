using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Training;

// GammaCurve: x to the power of gamma for 0 <= x <= 1 by double additions, multiplications and one division alone, so that
// every machine, and a device, gives the same bits (the C library's powf differs from one to the next).
//   x = m 2^e, 1/sqrt(2) <= m < sqrt(2); ln m = 2 artanh s, s = (m - 1) / (m + 1), series to s^21 (error below 1e-17)
//   exp(y) = 2^n exp(r), |r| <= ln(2) / 2, series to r^13 (below 1e-17)
static class GammaCurve
{
    // 1 / 21, 1 / 19, .. 1 and 1 / 13!, 1 / 12!, .. 1 / 0!, as data of the program: a field may have to be made first, and to ask for
    // that takes all registers.
    static ReadOnlySpan<double> Odd => [1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1];
    static ReadOnlySpan<double> Factorial =>
    [
        1 / 6227020800.0, 1 / 479001600.0, 1 / 39916800.0, 1 / 3628800.0, 1 / 362880.0, 1 / 40320.0, 1 / 5040.0, 1 / 720.0, 1 / 120.0,
        1 / 24.0, 1 / 6.0, 1 / 2.0, 1, 1,
    ];

    const double Ln2High = 6.93147180369123816490e-01, Ln2Low = 1.90821492927058770002e-10;

    /// <summary>x ^ gamma, within one unit in the last place of a float.</summary>
    /// <param name="x">0..1.</param>
    /// <param name="gamma">Above 0.</param>
    public static float Power(float x, float gamma) => x <= 0 ? 0 : (float)Exponential(gamma * Logarithm(x));

    /// <summary>All values to the power of gamma, each the same bits as by itself.</summary>
    /// <param name="values">0..1.</param>
    /// <param name="gamma">Above 0.</param>
    public static void Power(Span<float> values, float gamma)
    {
        int i = 0;
        for (; i <= values.Length - 32; i += 32)
        {
            Vector512<float> x = Vector512.Create(values.Slice(i, 16)), y = Vector512.Create(values.Slice(i + 16, 16));
            (Vector512<double> a, Vector512<double> b) = Vector512.Widen(x);
            (Vector512<double> c, Vector512<double> d) = Vector512.Widen(y);
            Logarithm(ref a, ref b, ref c, ref d);
            (a, b, c, d) = (gamma * a, gamma * b, gamma * c, gamma * d);
            Exponential(ref a, ref b, ref c, ref d);
            Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512.Narrow(a, b), Vector512<float>.Zero).CopyTo(values[i..]);
            Vector512.ConditionalSelect(Vector512.GreaterThan(y, Vector512<float>.Zero), Vector512.Narrow(c, d), Vector512<float>.Zero).CopyTo(values[(i + 16)..]);
        }
        for (; i < values.Length; i++)
            values[i] = Power(values[i], gamma);
    }

    static double Logarithm(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int e = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (m >= 1.4142135623730951)
        {
            m *= 0.5;
            e++;
        }
        double s = (m - 1) / (m + 1), z = s * s, sum = 0;
        foreach (double share in Odd)
            sum = sum * z + share;
        return e * Ln2High + (2 * s * sum + e * Ln2Low);
    }

    static double Exponential(double y)
    {
        if (y < -700)
            return 0;
        double n = Math.Floor(y * 1.4426950408889634 + 0.5);
        double r = y - n * Ln2High - n * Ln2Low;
        double sum = 0;
        foreach (double share in Factorial)
            sum = sum * r + share;
        return sum * BitConverter.Int64BitsToDouble((long)(n + 1023) << 52);
    }

    // As above, four times eight at a time, as each step of a series waits for the one before; integers become doubles and back
    // in the bits of 2^52 + n and 1.5 * 2^52 + n.
    static void Logarithm(ref Vector512<double> x0, ref Vector512<double> x1, ref Vector512<double> x2, ref Vector512<double> x3)
    {
        Vector512<double> s0 = Split(x0, out Vector512<double> e0), s1 = Split(x1, out Vector512<double> e1);
        Vector512<double> s2 = Split(x2, out Vector512<double> e2), s3 = Split(x3, out Vector512<double> e3);
        Vector512<double> z0 = s0 * s0, z1 = s1 * s1, z2 = s2 * s2, z3 = s3 * s3;
        Vector512<double> a = Vector512<double>.Zero, b = a, c = a, d = a;
        foreach (double share in Odd)
        {
            Vector512<double> next = Vector512.Create(share);
            a = a * z0 + next;
            b = b * z1 + next;
            c = c * z2 + next;
            d = d * z3 + next;
        }
        x0 = e0 * Ln2High + (2 * s0 * a + e0 * Ln2Low);
        x1 = e1 * Ln2High + (2 * s1 * b + e1 * Ln2Low);
        x2 = e2 * Ln2High + (2 * s2 * c + e2 * Ln2Low);
        x3 = e3 * Ln2High + (2 * s3 * d + e3 * Ln2Low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<double> Split(Vector512<double> x, out Vector512<double> exponent)
    {
        Vector512<long> bits = x.AsInt64();
        Vector512<double> e = ((bits >>> 52) | Vector512.Create(0x4330000000000000)).AsDouble() - Vector512.Create(4503599627370496.0 + 1023);
        Vector512<double> m = ((bits & Vector512.Create(0xFFFFFFFFFFFFF)) | Vector512.Create(0x3FF0000000000000)).AsDouble();
        Vector512<double> large = Vector512.GreaterThanOrEqual(m, Vector512.Create(1.4142135623730951));
        m = Vector512.ConditionalSelect(large, m * 0.5, m);
        exponent = e + (large & Vector512<double>.One);
        return (m - Vector512<double>.One) / (m + Vector512<double>.One);
    }

    static void Exponential(ref Vector512<double> y0, ref Vector512<double> y1, ref Vector512<double> y2, ref Vector512<double> y3)
    {
        Vector512<double> r0 = Rest(y0, out Vector512<double> n0), r1 = Rest(y1, out Vector512<double> n1);
        Vector512<double> r2 = Rest(y2, out Vector512<double> n2), r3 = Rest(y3, out Vector512<double> n3);
        Vector512<double> a = Vector512<double>.Zero, b = a, c = a, d = a;
        foreach (double share in Factorial)
        {
            Vector512<double> next = Vector512.Create(share);
            a = a * r0 + next;
            b = b * r1 + next;
            c = c * r2 + next;
            d = d * r3 + next;
        }
        y0 = Scaled(a, n0, y0);
        y1 = Scaled(b, n1, y1);
        y2 = Scaled(c, n2, y2);
        y3 = Scaled(d, n3, y3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<double> Rest(Vector512<double> y, out Vector512<double> n)
    {
        n = Vector512.Floor(y * 1.4426950408889634 + Vector512.Create(0.5));
        return y - n * Ln2High - n * Ln2Low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<double> Scaled(Vector512<double> sum, Vector512<double> n, Vector512<double> y)
    {
        Vector512<double> power = (((n + Vector512.Create(1023.0)) + Vector512.Create(6755399441055744.0)).AsInt64() << 52).AsDouble();
        return Vector512.ConditionalSelect(Vector512.LessThan(y, Vector512.Create(-700.0)), Vector512<double>.Zero, sum * power);
    }
}
