namespace JpegQualityEstimation.Training.Evaluation;

// GalvanSelection: the first quantization step of one coefficient after Galvan, Puglisi, Bruna, Battiato, "First
// quantization matrix estimation from double compressed JPEG images", IEEE TIFS 9(8), 2014.
// Histograms are of magnitudes of levels, as shares. For each candidate q1:
//   filter    a level x is kept where a multiple n q1 lies within q2/2 + noise of x q2. A multiple that falls between two
//             levels is split over both by the rounding to samples: both count as the lower one (split noise). What lies
//             near no multiple is residual noise; a candidate that leaves more than a share of it is out.
//   error     sum over x >= 1 of min(limit, |h(x) - s(x)|), s the filtered histogram of a simulation: the picture cropped
//             by 4 pixels, compressed with q1 in every coefficient, then with the second table.
// The candidate with the least error wins, the smaller of equals; the least residual where none is left.
// A reconstruction, without the paper's text or code at hand; its own constants: noise of 0.6 (two deviations of rounding
// to samples), residual of 20 %, limit of 0.1, for windows of 64 blocks. Made for q1 > q2; below, nothing is filtered.

static class GalvanSelection
{
    const double Noise = 0.6, MostResidual = 0.2, Limit = 0.1;

    /// <summary>The first step, 1 to as many as there are simulations.</summary>
    /// <param name="levels">Levels of the coefficient, quantized twice.</param>
    /// <param name="simulated">[q1 - 1, n] levels of the simulations.</param>
    /// <param name="n">Levels of each simulation.</param>
    /// <param name="second">Second step.</param>
    public static int Step(ReadOnlySpan<int> levels, ReadOnlySpan<int> simulated, int n, int second)
    {
        int candidates = simulated.Length / n;
        int most = Math.Max(Largest(levels), Largest(simulated));
        var real = new double[most + 2];
        var model = new double[most + 2];
        int best = 1;
        (double Residual, double Error) least = (double.MaxValue, double.MaxValue);
        for (int q1 = 1; q1 <= candidates; q1++)
        {
            double residual = Filter(levels, q1, second, real);
            Filter(simulated.Slice((q1 - 1) * n, n), q1, second, model);
            double error = 0;
            for (int x = 1; x < real.Length; x++)
                error += Math.Min(Limit, Math.Abs(real[x] - model[x]));
            (double Residual, double Error) next = (residual <= MostResidual ? 0 : residual, error);
            if (next.CompareTo(least) < 0)
                (best, least) = (q1, next);
        }
        return best;
    }

    /// <summary>Filtered histogram of magnitudes; the residual is left where it is, and returned as a share of the levels that are not 0.</summary>
    static double Filter(ReadOnlySpan<int> levels, int first, int second, double[] histogram)
    {
        Array.Clear(histogram);
        int residual = 0;
        int some = 0;
        foreach (int level in levels)
        {
            int x = Math.Abs(level);
            int multiple = (x * second + first / 2) / first * first;
            bool kept = Math.Abs(x * second - multiple) <= second * 0.5 + Noise;
            residual += kept ? 0 : 1;
            some += x > 0 ? 1 : 0;
            int lower = (multiple + (second - 1) / 2) / second;
            bool split = kept && x == lower + 1 && (lower + 0.5) * second + Noise >= multiple;
            histogram[split ? lower : x] += 1.0 / levels.Length;
        }
        return some == 0 ? 0 : (double)residual / some;
    }

    static int Largest(ReadOnlySpan<int> levels)
    {
        int most = 0;
        foreach (int level in levels)
            most = Math.Max(most, Math.Abs(level));
        return most;
    }
}
