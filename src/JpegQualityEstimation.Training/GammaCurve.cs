using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Training;

// GammaCurve: x to the power of gamma for 0 <= x <= 1 by double additions, multiplications and one division alone, so that
// every machine, and a device, gives the same bits (the C library's powf differs from one to the next).
//   x = m 2^e, 1/sqrt(2) <= m < sqrt(2); ln m = 2 artanh s, s = (m - 1) / (m + 1), series to s^21 (error below 1e-17)
//   exp(y) = 2^n exp(r), |r| <= ln(2) / 2, series to r^13 (below 1e-17)
static class GammaCurve
{
    // 1 / 21, 1 / 19, .. 1 and 1 / 13!, 1 / 12!, .. 1 / 0!.
    static readonly double[] Odd = [1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1];
    static readonly double[] Factorial =
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
        for (; i <= values.Length - 8; i += 8)
        {
            Vector256<float> x = Vector256.Create(values.Slice(i, 8));
            (Vector256<double> low, Vector256<double> high) = Vector256.Widen(x);
            Vector256<float> power = Vector256.Narrow(Exponential(gamma * Logarithm(low)), Exponential(gamma * Logarithm(high)));
            Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<float>.Zero), power, Vector256<float>.Zero).CopyTo(values[i..]);
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

    // As above, four at a time; integers become doubles and back in the bits of 2^52 + n and 1.5 * 2^52 + n.
    static Vector256<double> Logarithm(Vector256<double> x)
    {
        Vector256<long> bits = x.AsInt64();
        Vector256<double> e = ((bits >>> 52) | Vector256.Create(0x4330000000000000)).AsDouble() - Vector256.Create(4503599627370496.0 + 1023);
        Vector256<double> m = ((bits & Vector256.Create(0xFFFFFFFFFFFFF)) | Vector256.Create(0x3FF0000000000000)).AsDouble();
        Vector256<double> large = Vector256.GreaterThanOrEqual(m, Vector256.Create(1.4142135623730951));
        m = Vector256.ConditionalSelect(large, m * 0.5, m);
        e += large & Vector256<double>.One;
        Vector256<double> s = (m - Vector256<double>.One) / (m + Vector256<double>.One), z = s * s, sum = Vector256<double>.Zero;
        foreach (double share in Odd)
            sum = sum * z + Vector256.Create(share);
        return e * Ln2High + (2 * s * sum + e * Ln2Low);
    }

    static Vector256<double> Exponential(Vector256<double> y)
    {
        Vector256<double> n = Vector256.Floor(y * 1.4426950408889634 + Vector256.Create(0.5));
        Vector256<double> r = y - n * Ln2High - n * Ln2Low;
        Vector256<double> sum = Vector256<double>.Zero;
        foreach (double share in Factorial)
            sum = sum * r + Vector256.Create(share);
        Vector256<double> power = (((n + Vector256.Create(1023.0)) + Vector256.Create(6755399441055744.0)).AsInt64() << 52).AsDouble();
        return Vector256.ConditionalSelect(Vector256.LessThan(y, Vector256.Create(-700.0)), Vector256<double>.Zero, sum * power);
    }
}
