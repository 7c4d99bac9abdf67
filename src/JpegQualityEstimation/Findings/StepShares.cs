namespace JpegQualityEstimation.Findings;

// StepShares: what becomes of the multiples of a step q1 under a smaller one, q2, on the same grid.
//   q1 m + n1 -> q2 j, n1 the rounding noise, normal with variance 1/12: bounds between multiples of q2 lie at halves, so that
//   the normal law is needed at 1/2, 1 and 3/2 only
// Logarithm of the share of each j, at most 0. Magnitudes below 128. Immutable.
sealed class StepShares
{
    const int Steps = 256;

    // Distribution function of the noise at -3/2, -1, .., 3/2; beyond lies 10^-7.
    static readonly double[] noise = [.. Enumerable.Range(-3, 7).Select(half => CombTest.Normal(half / 2.0 * Math.Sqrt(12)))];
    static readonly StepShares?[] known = new StepShares[Steps * Steps];

    readonly float[] logarithms;
    readonly byte[] nearest;

    StepShares(int first, int last)
    {
        int points = StepLikelihood.Range / last + 2;
        var shares = new double[points];
        for (int m = -1; (m - 1) * first <= StepLikelihood.Range + last; m++)
        {
            int value = m * first;
            for (int j = Math.Max(0, (value - 2) / last - 1); j < points && (j - 1) * last <= value + 2; j++)
                shares[j] += Below((2 * j + 1) * last - 2 * value) - Below((2 * j - 1) * last - 2 * value);
        }
        logarithms = new float[points];
        nearest = new byte[points];
        for (int j = 0; j < points; j++)
        {
            logarithms[j] = (float)Math.Log(Math.Clamp(shares[j], 1e-9, 1));
            nearest[j] = (byte)((2 * j * last + first) / (2 * first));
        }
    }

    /// <summary>Share of an integer that a step of 1 moves to the next, each way.</summary>
    public static double Moved => Below(-1);

    /// <summary>By multiple of the last step.</summary>
    public ReadOnlySpan<float> Logarithms => logarithms;

    /// <summary>The multiple of the first step nearest to each of the last.</summary>
    public ReadOnlySpan<byte> Nearest => nearest;

    /// <param name="first">Above last, at most 255.</param>
    /// <param name="last">At least 1.</param>
    public static StepShares Of(int first, int last) => known[first * Steps + last] ??= new StepShares(first, last);

    // Of the noise, in halves.
    static double Below(int halves) => halves < -3 ? 0 : halves > 3 ? 1 : noise[halves + 3];
}
