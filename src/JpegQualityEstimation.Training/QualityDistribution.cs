namespace JpegQualityEstimation.Training;

// The distribution that quality factors are drawn from: whole numbers of a range, weighted by a polyline.
// The cumulative sums are doubles added in rising order, so a draw is the same everywhere.

sealed class QualityDistribution
{
    readonly int first;
    readonly double[] cumulative;

    public QualityDistribution(ValueRange range, IReadOnlyList<double> knots)
    {
        first = (int)range.From;
        cumulative = new double[(int)range.To - first + 1];
        double sum = 0;
        for (int i = 0; i < cumulative.Length; i++)
            cumulative[i] = sum += WeightAt(knots, first + i);
    }

    public int Draw(ref CounterRandom random)
    {
        double at = random.NextDouble() * cumulative[^1];
        int i = 0;
        while (i < cumulative.Length - 1 && cumulative[i] <= at)
            i++;
        return first + i;
    }

    /// <summary>The polyline [x0, y0, x1, y1, ...] at <paramref name="quality"/>, flat beyond its ends.</summary>
    public static double WeightAt(IReadOnlyList<double> knots, double quality)
    {
        if (quality <= knots[0])
            return knots[1];
        for (int i = 2; i < knots.Count; i += 2)
        {
            if (quality <= knots[i])
            {
                double t = (quality - knots[i - 2]) / (knots[i] - knots[i - 2]);
                return knots[i - 1] + t * (knots[i + 1] - knots[i - 1]);
            }
        }
        return knots[^1];
    }
}
