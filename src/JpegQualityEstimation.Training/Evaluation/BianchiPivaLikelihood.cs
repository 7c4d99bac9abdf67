namespace JpegQualityEstimation.Training.Evaluation;

// BianchiPivaLikelihood: the first quantization step of one coefficient after Bianchi, Piva, "Image forgery localization
// via block-grained analysis of JPEG artifacts", IEEE TIFS 7(3), 2012, aligned case, simplified model.
//   p(x | q1) = a p0(x) + (1 - a) n(x) p0(x) / z,   q1 = argmax of the likelihood, a by expectation-maximisation
//   p0    levels of one quantization: histogram of the picture cropped by 4 pixels, one added to each cell
//   n(x)  q1/q2 times the multiples of q1 that the second quantization takes to x, each counted with the probability that
//         rounding to samples, Gaussian of variance 1/12, leaves it there
// A reconstruction, without the paper's text or code at hand; its own: magnitudes, and z = sum of n p0, because n p0 sums
// to much more than 1 where q1 is wider than p0. p0 is common to all terms, so what is maximised is the sum of
// log(a + (1 - a) n(x) / z), which is 0 at q1 = 1: the smaller of equals wins.

static class BianchiPivaLikelihood
{
    const int Iterations = 20;

    static readonly double Deviation = Math.Sqrt(1 / 12.0);

    /// <summary>The first step, 1..largest.</summary>
    /// <param name="levels">Levels of the coefficient, quantized twice.</param>
    /// <param name="once">Levels of the cropped picture.</param>
    /// <param name="second">Second step.</param>
    /// <param name="largest">Largest candidate.</param>
    public static int Step(ReadOnlySpan<int> levels, ReadOnlySpan<int> once, int second, int largest)
    {
        int[] counts = Magnitudes(levels);
        int[] prior = Magnitudes(once);
        int cells = Math.Max(counts.Length, prior.Length);
        Array.Resize(ref counts, cells);
        Array.Resize(ref prior, cells);
        var ratio = new double[cells];
        int best = 1;
        double most = 0;
        for (int q1 = 2; q1 <= largest; q1++)
        {
            double z = 0;
            for (int x = 0; x < cells; x++)
                z += (ratio[x] = Multiples(x, q1, second)) * (prior[x] + 1) / (once.Length + cells);
            for (int x = 0; x < cells; x++)
                ratio[x] /= z;
            double likelihood = Likelihood(counts, ratio, levels.Length);
            if (likelihood > most + 1e-9)
                (best, most) = (q1, likelihood);
        }
        return best;
    }

    /// <summary>n(x); near 1 on average.</summary>
    static double Multiples(int x, int first, int second)
    {
        double from = (x - 0.5) * second, to = (x + 0.5) * second, sum = 0;
        for (int n = (int)Math.Floor((from - 2) / first); n * first <= to + 2; n++)
            sum += Below((to - n * first) / Deviation) - Below((from - n * first) / Deviation);
        return sum * first / second;
    }

    static double Likelihood(int[] counts, double[] ratio, int n)
    {
        double share = 0.5;
        for (int pass = 0; pass < Iterations; pass++)
        {
            double next = 0;
            for (int x = 0; x < counts.Length; x++)
                if (counts[x] > 0)
                    next += counts[x] * share / (share + (1 - share) * ratio[x]);
            share = next / n;
        }
        double sum = 0;
        for (int x = 0; x < counts.Length; x++)
            if (counts[x] > 0)
                sum += counts[x] * Math.Log(share + (1 - share) * ratio[x]);
        return sum;
    }

    static int[] Magnitudes(ReadOnlySpan<int> levels)
    {
        int most = 0;
        foreach (int level in levels)
            most = Math.Max(most, Math.Abs(level));
        var counts = new int[most + 1];
        foreach (int level in levels)
            counts[Math.Abs(level)]++;
        return counts;
    }

    // Normal distribution by the logistic curve (error below 2e-4, Page 1977): n(x) needs no more.
    static double Below(double deviations) =>
        1 / (1 + Math.Exp(-2 * Math.Sqrt(2 / Math.PI) * (deviations + 0.044715 * deviations * deviations * deviations)));
}
