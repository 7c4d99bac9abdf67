using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

namespace JpegQualityEstimation.Findings;

// CombTest: is a coefficient quantized, and with which step? From the histogram of its magnitudes, in eighths.
//
// After the last decompression a coefficient is a multiple of its step plus the rounding of 64 samples, which the
// orthonormal DCT passes on as it is: variance 1/12, deviation 0.289, whatever the step. Luma of a colour picture is
// rounded to integers first: the decoder adds a rounded chroma term to each of R, G and B, each off by at most 1/2, so
// that their mean by the luma weights (which sum to one) is off by at most 1/2 and rounds back to the decoder's luma.
//
// For a candidate q, of the n values with |x| >= q/2 (those that did not become 0), k lie within a tolerance t of a
// multiple of q. Null: phases of x modulo q are uniform, k ~ Binomial(n, 2t / q). t = (2m + 1)/16, m = 2 for q = 1,
// 3 for q = 2, else 4 (9/16: 95 % of the noise): whole eighths and a half, since four of the coefficients of integer
// samples are multiples of 1/8 and shares of such a lattice are then exact, too.
//
// A candidate is in keeping with the last compression if its misses are those of that noise:
//   q <= 3   the share of hits is not below the expected one; for q = 2, few values are as far off as 13/16
//   q >= 3   no more values than expected in the rings from 9/16 and from 13/16 to 19/16 around the multiples: misses
//            elsewhere are allowed (parts of the picture may be without the grid), wider combs are not (traces of an
//            earlier compression), nor are neighbours at a distance of 1 (an earlier aligned one before a step of 1)
//   all      the misses are no multiples of a divisor of q: they fall near such as often as under the null
// Of those candidates the one with the smallest tail is the answer. Divisors of the step hit as often, at a larger
// probability: it is the largest step that explains as well. Multiples hit as rarely as their misses are many.
sealed class CombTest
{
    const int PerUnit = PhaseTables.CodesPerUnit;
    const int Near = 4;
    const int OuterRing = 6;
    const int RingEnd = 9;
    const double Deviations = 4;

    // log10 of the tail at which misses count as multiples of a divisor.
    const double DivisorTail = -4;

    // Allowance for decoders with another rounding.
    const double Slack = 0.02;
    const double RingSlack = 1.1;

    static readonly double NoiseDeviation = Math.Sqrt(1 / 12.0);
    static readonly double[] smallStepShare = [0, Share(1), Share(2), Share(3)];
    static readonly double ringOverHits = (Within(RingEnd) - Within(Near)) / Within(Near);
    static readonly double beyondOverHits = (1 - Within(OuterRing)) / Within(3);
    static readonly double outerRingOverHits = (Within(RingEnd) - Within(OuterRing)) / Within(Near);

    readonly int[] below;
    readonly double[] tails;
    readonly bool[] fits;
    int top;

    /// <param name="largestStep">Candidates are 1 to this.</param>
    /// <param name="codes">Bins of a histogram.</param>
    public CombTest(int largestStep, int codes)
    {
        LargestStep = largestStep;
        below = new int[codes + 1];
        tails = new double[largestStep + 1];
        fits = new bool[largestStep + 1];
    }

    public int LargestStep { get; }

    /// <summary>log10 of the tail of each step, index 0 unused; of the last histogram.</summary>
    public ReadOnlySpan<double> Tails => tails;

    /// <summary>Judges a histogram of codes 8 |x|.</summary>
    /// <returns>The best candidate in keeping with the last compression (0: none has a tail below 1), its tail, and the
    /// best tail of all candidates.</returns>
    public (int Step, double Tail, double AnyTail) Judge(ReadOnlySpan<int> histogram)
    {
        top = 0;
        for (int c = 0; c < histogram.Length; c++)
        {
            below[c + 1] = below[c] + histogram[c];
            if (histogram[c] > 0)
                top = c;
        }
        double any = 0;
        for (int step = LargestStep; step >= 1; step--)
        {
            Judge(step);
            any = Math.Min(any, tails[step]);
        }
        while (true)
        {
            int best = 0;
            for (int step = LargestStep; step >= 1; step--)
                if (fits[step] && tails[step] < (best == 0 ? 0 : tails[best]))
                    best = step;
            if (best == 0)
                return (0, 0, any);
            if (!MissesAreMultiples(best))
                return (best, tails[best], any);
            fits[best] = false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Judge(int step)
    {
        int reach = Reach(step), period = PerUnit * step;
        int trials = Trials(step);
        tails[step] = 0;
        fits[step] = false;
        if (trials == 0)
            return;
        int hits = Around(step, step, reach);
        tails[step] = FalseAlarmBounds.Binomial(hits, trials, (2 * reach + 1.0) / period);
        // Others are never looked at.
        fits[step] = tails[step] < 0 && SharesFit(step, trials, hits) && (step <= 2 || RingsFit(step, trials, hits));
    }

    bool SharesFit(int step, int trials, int hits)
    {
        if (step >= smallStepShare.Length)
            return true;
        double share = smallStepShare[step];
        return hits >= trials * (share - Slack) - Deviations * Math.Sqrt(trials * share * (1 - share))
            && (step != 2 || RingFits(trials - Around(step, step, OuterRing), hits * beyondOverHits));
    }

    bool RingsFit(int step, int trials, int hits)
    {
        int near = Around(step, step, RingEnd), outer = near - Around(step, step, OuterRing);
        // Misses beyond the rings tell how many of the rings' values are uniform.
        double uniform = (double)Math.Max(0, trials - near) / (PerUnit * step - 2 * RingEnd - 1);
        return RingFits(near - hits, hits * ringOverHits + uniform * 2 * (RingEnd - Near))
            && RingFits(outer, hits * outerRingOverHits + uniform * 2 * (RingEnd - OuterRing));
    }

    static bool RingFits(int ring, double expected) => ring <= RingSlack * expected + Deviations * Math.Sqrt(expected + 1);

    bool MissesAreMultiples(int step)
    {
        int misses = Trials(step) - Around(step, step, Near);
        for (int divisor = 1; divisor <= step / 2; divisor++)
        {
            if (step % divisor != 0)
                continue;
            int reach = Reach(divisor);
            int hits = Around(divisor, step, reach) - Around(step, step, reach);
            if (FalseAlarmBounds.Binomial(Math.Min(hits, misses), misses, (2 * reach + 1.0) / (PerUnit * divisor)) < DivisorTail)
                return true;
        }
        return false;
    }

    /// <summary>Values that a step does not make 0.</summary>
    int Trials(int step) => below[^1] - below[FirstTrial(step)];

    int FirstTrial(int step) => Math.Min(PerUnit * step / 2 + 1, below.Length - 1);

    /// <summary>Values of at least half of least that lie within reach of a multiple of step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    int Around(int step, int least, int reach)
    {
        int period = PerUnit * step, first = FirstTrial(least), count = 0;
        for (int centre = Math.Max(period, (first - reach + period - 1) / period * period); centre - reach <= top; centre += period)
            count += below[Math.Min(centre + reach + 1, below.Length - 1)] - below[Math.Min(Math.Max(centre - reach, first), below.Length - 1)];
        return count;
    }

    /// <summary>How far from a multiple a hit is at most, in eighths.</summary>
    public static int Reach(int step) => step switch { 1 => 2, 2 => 3, _ => 4 };

    // Expected share of hits of a step: the noise around all multiples.
    static double Share(int step)
    {
        double reach = (Reach(step) + 0.5) / PerUnit;
        double sum = 0;
        for (int k = -4; k <= 4; k++)
            sum += Normal((k * step + reach) / NoiseDeviation) - Normal((k * step - reach) / NoiseDeviation);
        return sum;
    }

    /// <summary>Share of the noise within a reach.</summary>
    public static double Within(int reach) => 1 - 2 * Normal(-(reach + 0.5) / PerUnit / NoiseDeviation);

    /// <summary>Distribution function of the normal law.</summary>
    // By Simpson's rule; 1e-9 is far more than a count tells.
    public static double Normal(double x)
    {
        const int Intervals = 400;
        double limit = Math.Min(Math.Abs(x), 9), width = limit / Intervals, sum = 0;
        for (int i = 0; i <= Intervals; i++)
            sum += (i is 0 or Intervals ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-(i * width) * (i * width) / 2);
        double half = sum * width / 3 / Math.Sqrt(2 * Math.PI);
        return x < 0 ? 0.5 - half : 0.5 + half;
    }
}
