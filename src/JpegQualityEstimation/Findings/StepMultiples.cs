namespace JpegQualityEstimation.Findings;

// StepMultiples: how probable are the multiples of its step that a coefficient has? Laplacian,
//   P(0) = 1 - t, P(+-m) = t^(2m - 1) (1 - t^2) / 2
// with the t of the greatest likelihood (Price and Rabbani 2000), or one of two mixtures of two such, of the same mean rate, for
// pictures of smooth and of textured parts: whichever explains most. Immutable.
sealed class StepMultiples
{
    // Weight and power of t of the narrow part, power of the wide one.
    static readonly (double Weight, double Narrow, double Wide)[] mixtures = [(0.8, 1.8, 0.36), (0.6, 4, 0.45)];

    readonly double[] logarithms;

    /// <param name="points">Values at each multiple, from 0 on.</param>
    public StepMultiples(ReadOnlySpan<int> points)
    {
        double t = Likeliest(points);
        logarithms = new double[points.Length];
        Fill(t, logarithms);
        Sum = Total(points, logarithms);
        if (points.Length < 2)
            return;
        Span<double> narrow = stackalloc double[points.Length], wide = stackalloc double[points.Length];
        foreach ((double weight, double narrowPower, double widePower) in mixtures)
        {
            Fill(Math.Pow(t, narrowPower), narrow);
            Fill(Math.Pow(t, widePower), wide);
            for (int m = 0; m < narrow.Length; m++)
                narrow[m] = Math.Log(weight * Math.Exp(narrow[m]) + (1 - weight) * Math.Exp(wide[m]));
            if (Total(points, narrow) is var sum && sum > Sum)
            {
                Sum = sum;
                narrow.CopyTo(logarithms);
            }
        }
    }

    /// <summary>Of all values.</summary>
    public double Sum { get; }

    /// <summary>Of a value; of those beyond the last, that of the last.</summary>
    public double Of(int m) => logarithms[Math.Min(m, logarithms.Length - 1)];

    // The greatest of all ln(1 - t) + (2 sum - others) ln t + others ln(1 + t).
    static double Likeliest(ReadOnlySpan<int> points)
    {
        double all = 0, others = 0, sum = 0;
        for (int m = 0; m < points.Length; m++)
        {
            all += points[m];
            others += m > 0 ? points[m] : 0;
            sum += (double)m * points[m];
        }
        double power = 2 * sum - others, linear = all - others, square = all + power + others;
        double t = square == 0 ? 0 : (Math.Sqrt(linear * linear + 4 * square * power) - linear) / (2 * square);
        return Math.Clamp(t, 1e-9, 1 - 1e-9);
    }

    static void Fill(double t, Span<double> logarithms)
    {
        double first = Math.Log((1 - t * t) / (2 * t)), further = 2 * Math.Log(t);
        for (int m = 0; m < logarithms.Length; m++)
            logarithms[m] = m == 0 ? Math.Log(1 - t) : first + m * further;
    }

    static double Total(ReadOnlySpan<int> points, ReadOnlySpan<double> logarithms)
    {
        double sum = 0;
        for (int m = 0; m < points.Length; m++)
            sum += points[m] * logarithms[m];
        return sum;
    }
}
