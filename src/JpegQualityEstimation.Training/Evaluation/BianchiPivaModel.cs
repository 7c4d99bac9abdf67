namespace JpegQualityEstimation.Training.Evaluation;

// BianchiPivaModel: the two hypotheses for one DCT coefficient after Bianchi, Piva, "Image forgery localization via
// block-grained analysis of JPEG artifacts", IEEE TIFS 7(3), 2012, standard model.
//   prior      histogram of unquantized values -2048..2047: the picture on a displaced grid
//   comb(q)    the prior gathered at the multiples of q (an edge between two counts half for each), then spread by
//              Gaussian noise
//   mixture    a p0 + (1 - a) p1, a by expectation-maximisation from 0.95
// Both probabilities have one added to each cell. What is a reconstruction stands in docs/decisions.md.

static class BianchiPivaModel
{
    public const int Centre = 2048, Cells = 2 * Centre;

    // The first six coefficients in zig-zag order.
    public const int Coefficients = 6;

    const int Iterations = 20;
    const double Start = 0.95, Settled = 1e-3;

    /// <summary>Counts of rounded values.</summary>
    public static double[] Histogram(ReadOnlySpan<float> values)
    {
        var counts = new double[Cells];
        foreach (float value in values)
            counts[Cell(value)]++;
        return counts;
    }

    public static int Cell(float value) => Math.Clamp((int)MathF.Round(value) + Centre, 0, Cells - 1);

    /// <summary>The prior as it is after a quantization with a step and noise; not normalised.</summary>
    public static double[] Comb(ReadOnlySpan<double> prior, int step, double deviation, int reach)
    {
        var kernel = new double[2 * reach + 1];
        for (int k = -reach; k <= reach; k++)
            kernel[k + reach] = Math.Exp(-0.5 * k * k / (deviation * deviation));
        double sum = kernel.Sum();
        var comb = new double[Cells];
        for (int multiple = Centre % step; multiple < Cells; multiple += step)
        {
            double mass = Gather(prior, multiple, step) / sum;
            if (mass == 0)
                continue;
            for (int k = Math.Max(0, multiple - reach); k <= Math.Min(Cells - 1, multiple + reach); k++)
                comb[k] += mass * kernel[k - multiple + reach];
        }
        return comb;
    }

    /// <summary>The histogram of levels -n..n after a quantization.</summary>
    public static double[] Levels(ReadOnlySpan<double> values, int step)
    {
        int most = Centre / step;
        var levels = new double[2 * most + 1];
        for (int level = -most; level <= most; level++)
            levels[level + most] = Gather(values, Centre + level * step, step);
        return levels;
    }

    /// <summary>Probabilities, one added to each cell.</summary>
    /// <param name="histogram">Of any sum.</param>
    /// <param name="count">What it is scaled to first.</param>
    public static double[] Probabilities(ReadOnlySpan<double> histogram, double count)
    {
        double sum = 0;
        foreach (double value in histogram)
            sum += value;
        var probabilities = new double[histogram.Length];
        for (int i = 0; i < probabilities.Length; i++)
            probabilities[i] = ((sum > 0 ? histogram[i] / sum * count : 0) + 1) / (count + histogram.Length);
        return probabilities;
    }

    /// <summary>Log likelihood of the best mixture, less that of p0 alone.</summary>
    public static double Gain(ReadOnlySpan<double> counts, ReadOnlySpan<double> once, ReadOnlySpan<double> twice)
    {
        double all = 0;
        Span<int> cells = stackalloc int[counts.Length];
        int used = 0;
        for (int x = 0; x < counts.Length; x++)
        {
            if (counts[x] > 0)
                cells[used++] = x;
            all += counts[x];
        }
        Span<double> ratios = stackalloc double[used];
        for (int i = 0; i < used; i++)
            ratios[i] = twice[cells[i]] / once[cells[i]];
        double share = Start;
        for (int pass = 0; pass < Iterations; pass++)
        {
            double next = 0;
            for (int i = 0; i < used; i++)
                next += counts[cells[i]] * share / (share + (1 - share) * ratios[i]);
            double moved = Math.Abs(next / all - share);
            share = next / all;
            if (moved < Settled)
                break;
        }
        double gain = 0;
        for (int i = 0; i < used; i++)
            gain += counts[cells[i]] * Math.Log(share + (1 - share) * ratios[i]);
        return gain;
    }

    // Mass within half a step of a multiple, edges between two counting half.
    static double Gather(ReadOnlySpan<double> values, int multiple, int step)
    {
        int half = step / 2;
        double mass = 0;
        for (int v = Math.Max(0, multiple - half); v <= Math.Min(Cells - 1, multiple + half); v++)
            mass += step % 2 == 0 && Math.Abs(v - multiple) == half ? 0.5 * values[v] : values[v];
        return mass;
    }
}
