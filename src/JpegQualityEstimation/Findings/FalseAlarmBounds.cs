namespace JpegQualityEstimation.Findings;

// FalseAlarmBounds: upper bounds of tail probabilities, as log10, so that nothing underflows.
//   Binomial  P(K >= k), K of n trials of probability p: Chernoff's n * KL(k/n || p) (Hoeffding 1963, theorem 1)
//   Normal    P(Z >= z) <= e^(-z^2 / 2) / (z sqrt(2 pi))
//   Fisher    P(sum of m exponentials >= s) = e^-s sum of s^j / j!, j < m: of m independent p-values, s = -sum ln p
//             (Fisher 1932)
static class FalseAlarmBounds
{
    const double Ln10 = 2.302585092994046;

    public static double Binomial(int hits, int trials, double probability)
    {
        if (trials == 0 || hits <= probability * trials)
            return 0;
        double share = (double)hits / trials;
        double divergence = share * Math.Log(share / probability);
        if (hits < trials)
            divergence += (1 - share) * Math.Log((1 - share) / (1 - probability));
        return -trials * divergence / Ln10;
    }

    public static double Normal(double z) => z <= 1 ? 0 : -(z * z / 2 + Math.Log(z * Math.Sqrt(2 * Math.PI))) / Ln10;

    public static double Fisher(double sum, int count)
    {
        if (sum <= 0)
            return 0;
        // e^-s s^j / j! from j = 0 on as logarithms; the sum relative to the largest term.
        double log = Math.Log(sum);
        double term = -sum;
        double largest = term;
        for (int j = 1; j < count; j++)
            largest = Math.Max(largest, term += log - Math.Log(j));
        term = -sum;
        double total = Math.Exp(term - largest);
        for (int j = 1; j < count; j++)
            total += Math.Exp((term += log - Math.Log(j)) - largest);
        return Math.Min(0, (largest + Math.Log(total)) / Ln10);
    }
}
