using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Findings;

// AlignedTables: were there two compressions on one grid, and which table had the last?
// Log likelihoods of all coefficients (StepLikelihood), summed:
//   S(t)       one compression with a known table t
//   U          one with any table: of each coefficient the best of the known tables' steps and of its comb's, less ln 255
//              for naming it
//   D(a, b)    two with known tables, a first
// The pair is found by turns, from the best single table as the first and as the last, until neither side has a better one.
// Where all steps of a are multiples of those of b, and none of b is 1 or 2, D and S are alike.
// Parts of the picture may have another history: their values lie between the multiples, as do those that a second compression
// moved. S', U' and D' are the same with a share of such values in each coefficient, the likeliest of some. Two compressions are
// said where D is above S and U, and D' of that pair above S' and U', by Margin: what may have been one is taken for one. Nor are
// they where the pair leaves values between its multiples, as two steps do not, or no room for any (all steps small).
// One compression with a known table and such parts is said where S' is below neither U' nor D'.
static class AlignedTables
{
    // ln of the number of pairs is 9.3.
    const double Margin = 20;

    // Densities are floats.
    const double Alike = 1;

    const int Turns = 4;

    // Of values of coefficients whose first step leaves room for them.
    const double MostStrays = 0.01;
    const int LeastFirst = 4;

    // Of one compression 1.8 % of the values are as far from a multiple as those that a step of 1 moved.
    const double MovedShare = 0.025;
    const int FirstMoved = 6, LastMoved = 10;

    static readonly double oneStep = Math.Log(255);

    /// <summary>Whether more values are one beside the multiples of a table than its noise puts there: the first look, where all
    /// steps are those of a table.</summary>
    public static bool AreMoved(StepHistograms histograms, QuantTable table)
    {
        long hits = 0, moved = 0;
        for (int k = 0; k < 64; k++)
        {
            int period = PhaseTables.CodesPerUnit * table.NaturalOrder[ZigZag.ToNatural[k]];
            if (period < PhaseTables.CodesPerUnit * LeastFirst)
                continue;
            ReadOnlySpan<int> histogram = histograms.Of(k)[..(StepLikelihood.Range * PhaseTables.CodesPerUnit)];
            for (int c = 0; c < histogram.Length; c++)
            {
                if (histogram[c] == 0)
                    continue;
                int rest = c % period, distance = Math.Min(rest, period - rest);
                hits += distance < FirstMoved ? histogram[c] : 0;
                moved += distance is >= FirstMoved and <= LastMoved ? histogram[c] : 0;
            }
        }
        return moved > MovedShare * (hits + moved);
    }

    /// <summary>What the likelihoods say.</summary>
    /// <param name="histograms">Of the coefficients.</param>
    /// <param name="tails">[64, steps + 1], natural order: of the comb tests.</param>
    /// <returns>The last of two tables, or the one of a single compression that parts of another history hide; null: neither.</returns>
    public static (QuantTable? OfTwo, QuantTable? OfOne) Last(StepHistograms histograms, double[][] tails)
    {
        var coefficients = new StepLikelihood[64];
        for (int k = 0; k < 64; k++)
            coefficients[ZigZag.ToNatural[k]] = new StepLikelihood(histograms.Of(k));
        (int single, double score, double any) = Single(coefficients, tails, (coefficient, step) => coefficient.After(step));
        (int first, int last, double pair) = Pair(coefficients, single);
        (int whole, double scoreWithParts, double anyWithParts) = Single(coefficients, tails, (coefficient, step) => coefficient.AfterWithParts(step));
        double pairWithParts = 0;
        for (int i = 0; i < 64; i++)
            pairWithParts += coefficients[i].AfterWithParts(KnownTables.All[first].NaturalOrder[i], KnownTables.All[last].NaturalOrder[i]);
        if (pair > Math.Max(score, any) + Margin && pairWithParts > Math.Max(scoreWithParts, anyWithParts) + Margin
            && Explains(coefficients, KnownTables.All[first], KnownTables.All[last]))
            return (KnownTables.All[last], null);
        return (null, scoreWithParts >= anyWithParts && scoreWithParts > pairWithParts - Alike ? KnownTables.All[whole] : null);
    }

    // Values of a part that is not of this grid are everywhere; two steps leave nothing between their multiples.
    static bool Explains(StepLikelihood[] coefficients, QuantTable first, QuantTable last)
    {
        long strays = 0, values = 0;
        for (int i = 0; i < 64; i++)
        {
            int step = first.NaturalOrder[i];
            if (step < LeastFirst)
                continue;
            (int left, int all) = coefficients[i].Left(Math.Max(step, last.NaturalOrder[i]), last.NaturalOrder[i]);
            (strays, values) = (strays + left, values + all);
        }
        return values > 0 && strays <= MostStrays * values;
    }

    static (int Table, double Score, double Any) Single(
        StepLikelihood[] coefficients, double[][] tails, Func<StepLikelihood, int, double> after)
    {
        var scores = new double[KnownTables.All.Length];
        Span<double> known = stackalloc double[256];
        double any = 0;
        for (int i = 0; i < 64; i++)
        {
            known.Fill(double.NaN);
            double best = after(coefficients[i], Math.Max(1, Array.IndexOf(tails[i], tails[i].Min())));
            for (int t = 0; t < scores.Length; t++)
            {
                int step = KnownTables.All[t].NaturalOrder[i];
                if (double.IsNaN(known[step]))
                    known[step] = after(coefficients[i], step);
                double value = known[step];
                scores[t] += value;
                best = Math.Max(best, value);
            }
            any += best - oneStep;
        }
        int table = Finest(scores);
        return (table, scores[table], any);
    }

    static (int First, int Last, double Score) Pair(StepLikelihood[] coefficients, int single)
    {
        (int First, int Last) pair = (single, single);
        double score = double.NegativeInfinity;
        for (int turn = 0; turn < Turns; turn++)
        {
            (int last, double ofLast) = Best(coefficients, pair.First, isFirst: true);
            (int first, double ofFirst) = Best(coefficients, pair.Last, isFirst: false);
            if (Math.Max(ofLast, ofFirst) <= score)
                break;
            (pair, score) = ofLast >= ofFirst ? ((pair.First, last), ofLast) : ((first, pair.Last), ofFirst);
        }
        return (pair.First, pair.Last, score);
    }

    // The best table beside one that is given, the first or the last of the two.
    static (int Table, double Score) Best(StepLikelihood[] coefficients, int given, bool isFirst)
    {
        var scores = new double[KnownTables.All.Length];
        Span<double> known = stackalloc double[256];
        for (int i = 0; i < 64; i++)
        {
            known.Fill(double.NaN);
            int step = KnownTables.All[given].NaturalOrder[i];
            for (int t = 0; t < scores.Length; t++)
            {
                int other = KnownTables.All[t].NaturalOrder[i];
                if (double.IsNaN(known[other]))
                    known[other] = isFirst ? coefficients[i].After(step, other) : coefficients[i].After(other, step);
                scores[t] += known[other];
            }
        }
        int table = Finest(scores);
        return (table, scores[table]);
    }

    // Of equal ones.
    static int Finest(double[] scores)
    {
        int best = scores.Length - 1;
        for (int t = scores.Length - 2; t >= 0; t--)
            if (scores[t] > scores[best])
                best = t;
        return best;
    }
}
