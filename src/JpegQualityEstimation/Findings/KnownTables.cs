using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Findings;

// KnownTables: which table of a family do the comb tests speak for?
// A table's score is the sum of the log tails of its 64 steps. It is that table if at least 90 % of the answered steps are
// its, and the others are multiples of its.
// Two aligned compressions, where their likelihood (AlignedTables) does not decide: a value of one first step q1 becomes q2 round(q1 / q2); where larger values are rare, all there
// are are multiples of that, and it reads as the step. Pairs of standard tables that explain at least 90 % of the answered
// steps, as q2 or as that; at least a quarter must be q2. The pair that explains most
// answers, of equal ones the one with the most steps q2.
static class KnownTables
{
    public const int FewestSteps = 8;

    const double FewestAgreeing = 0.9;
    const double FewestOwn = 0.25;

    static readonly QuantTable[] standard = [.. Enumerable.Range(1, 100).Select(QuantTable.StandardLuminance)];

    static readonly QuantTable[] photoshop =
        [.. PhotoshopTables.Levels.Select(PhotoshopTables.Luminance), PhotoshopTables.Earlier8.Luminance];

    /// <summary>Standard tables of qualities 1..100, then Photoshop's.</summary>
    public static readonly QuantTable[] All = [.. standard, .. photoshop];

    /// <summary>Quality factor of a standard table.</summary>
    public static int? QualityOf(QuantTable table) => Array.IndexOf(standard, table) is >= 0 and int index ? index + 1 : null;

    /// <summary>The standard table with the best score, of equal ones the finest.</summary>
    /// <param name="tails">[64, steps + 1], natural order.</param>
    public static int Standard(double[][] tails) => 1 + Best(standard, tails);

    public static QuantTable Photoshop(double[][] tails) => photoshop[Best(photoshop, tails)];

    /// <summary>Whether the steps are those of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="steps">Natural order.</param>
    /// <param name="without">Bits of steps that do not count.</param>
    public static bool Agrees(QuantTable table, ReadOnlySpan<LastStep> steps, ulong without = 0)
    {
        int answered = 0, equal = 0;
        for (int i = 0; i < 64; i++)
        {
            if (steps[i].Step is not { } step || (without >> i & 1) != 0)
                continue;
            if (step % table.NaturalOrder[i] != 0)
                return false;
            answered++;
            equal += step == table.NaturalOrder[i] ? 1 : 0;
        }
        return answered >= FewestSteps && equal >= FewestAgreeing * answered;
    }

    /// <summary>Quality of the second of two standard tables that explain the steps, 0 where none do.</summary>
    public static int AfterAnother(ReadOnlySpan<LastStep> steps)
    {
        int quality = 0;
        (int Explained, int Own) most = default;
        for (int second = 100; second >= 1; second--)
        {
            for (int first = 1; first < second; first++)
            {
                (int explained, int own, int answered) = Explained(steps, standard[first - 1], standard[second - 1]);
                if (answered >= 2 * FewestSteps && explained >= FewestAgreeing * answered && own >= FewestOwn * answered
                    && (explained, own).CompareTo(most) > 0)
                    (quality, most) = (second, (explained, own));
            }
        }
        return quality;
    }

    static (int Explained, int Own, int Answered) Explained(ReadOnlySpan<LastStep> steps, QuantTable first, QuantTable second)
    {
        int explained = 0, own = 0, answered = 0;
        for (int i = 0; i < 64; i++)
        {
            if (steps[i].Step is not { } step)
                continue;
            int last = second.NaturalOrder[i], multiple = (2 * first.NaturalOrder[i] + last) / (2 * last);
            answered++;
            own += step == last ? 1 : 0;
            explained += step == last || step == last * multiple ? 1 : 0;
        }
        return (explained, own, answered);
    }

    static int Best(QuantTable[] tables, double[][] tails)
    {
        int best = tables.Length - 1;
        double score = double.PositiveInfinity;
        for (int t = tables.Length - 1; t >= 0; t--)
        {
            double sum = 0;
            for (int i = 0; i < 64; i++)
                sum += tables[t].NaturalOrder[i] is var step && step < tails[i].Length ? tails[i][step] : 0;
            if (sum < score)
                (best, score) = (t, sum);
        }
        return best;
    }
}
