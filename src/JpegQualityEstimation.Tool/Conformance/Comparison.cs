using System.Numerics;

namespace JpegQualityEstimation.Tool.Conformance;

// Comparison: what came out beside what was to come, each difference with its bound. Kept is the one that takes the largest
// share of its bound; NaN, infinity and missing numbers take more than all of it.
sealed class Comparison
{
    double share = -1;

    /// <summary>The difference that came nearest to its bound, or passed it furthest.</summary>
    public double Error { get; private set; }

    /// <summary>The bound of that difference; 0: equal was asked for.</summary>
    public double Bound { get; private set; }

    /// <summary>What that difference is in.</summary>
    public string Where { get; private set; } = "";

    /// <summary>Numbers compared.</summary>
    public long Count { get; private set; }

    public bool Passed => Count > 0 && share <= 1;

    public void Near(string what, double expected, double actual, double bound)
    {
        Count++;
        double error = expected == actual ? 0 : Math.Abs(expected - actual);
        Note(what, error, bound);
    }

    /// <param name="what">Name of the numbers.</param>
    /// <param name="expected">What was to come.</param>
    /// <param name="actual">As many.</param>
    /// <param name="bound">Of every difference.</param>
    public void Near(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double bound)
    {
        Length(what, expected.Length, actual.Length);
        for (int i = 0; i < Math.Min(expected.Length, actual.Length); i++)
            Near(what, expected[i], actual[i], bound);
    }

    public void Equal<T>(string what, ReadOnlySpan<T> expected, ReadOnlySpan<T> actual)
        where T : INumber<T>
    {
        Length(what, expected.Length, actual.Length);
        for (int i = 0; i < Math.Min(expected.Length, actual.Length); i++)
            Near(what, double.CreateTruncating(expected[i]), double.CreateTruncating(actual[i]), 0);
    }

    /// <summary>The Euclidean length of the difference beside that of what was to come.</summary>
    public void NearInNorm(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double relative)
    {
        Length(what, expected.Length, actual.Length);
        double difference = 0, whole = 0;
        for (int i = 0; i < Math.Min(expected.Length, actual.Length); i++)
        {
            difference += Math.Pow((double)actual[i] - expected[i], 2);
            whole += (double)expected[i] * expected[i];
        }
        Count += expected.Length;
        Note(what, Math.Sqrt(difference / whole), relative);
    }

    void Length(string what, int expected, int actual)
    {
        if (expected != actual)
            Near($"length of {what}", expected, actual, 0);
    }

    void Note(string what, double error, double bound)
    {
        double taken = !double.IsFinite(error) ? double.PositiveInfinity : error == 0 ? 0 : bound > 0 ? error / bound : double.PositiveInfinity;
        if (taken <= share)
            return;
        (share, Error, Bound, Where) = (taken, error, bound, what);
    }
}
