namespace JpegQualityEstimation.Tests.Jpeg;

// SlowDct: the orthonormal 8x8 DCT straight from its definition (T.81 A.3.3), in double.
static class SlowDct
{
    public static double[] Forward(ReadOnlySpan<byte> samples)
    {
        var result = new double[64];
        for (int v = 0; v < 8; v++)
            for (int u = 0; u < 8; u++)
                for (int y = 0; y < 8; y++)
                    for (int x = 0; x < 8; x++)
                        result[v * 8 + u] += Basis(v, y) * Basis(u, x) * (samples[y * 8 + x] - 128);
        return result;
    }

    /// <summary>Samples without rounding and limits, +128 included.</summary>
    public static double[] Inverse(ReadOnlySpan<short> coefficients)
    {
        var result = new double[64];
        for (int y = 0; y < 8; y++)
            for (int x = 0; x < 8; x++)
            {
                double sum = 128;
                for (int v = 0; v < 8; v++)
                    for (int u = 0; u < 8; u++)
                        sum += Basis(v, y) * Basis(u, x) * coefficients[v * 8 + u];
                result[y * 8 + x] = sum;
            }
        return result;
    }

    static double Basis(int frequency, int position) =>
        Math.Cos((2 * position + 1) * frequency * Math.PI / 16) * (frequency == 0 ? Math.Sqrt(1.0 / 8) : 0.5);
}
