namespace JpegQualityEstimation.Training.Evaluation;

// PrimarySums: what is counted over the windows of one model, scenario and first compression. Whole numbers only, so
// that sums are the same in every order.
//   accuracy = hits / (15 windows), MSE = squares / (15 windows): the averages of section 3.2 of the paper.
//   standard error of the accuracy = sqrt(variance of the windows' accuracies / windows), as if windows were independent.

sealed class PrimarySums
{
    public const int Steps = 15;

    readonly long[] hits = new long[Steps], squares = new long[Steps], ones = new long[Steps];
    long windows, exact, phases, phasesFound, rightSquares;

    /// <summary>Counts a window.</summary>
    /// <param name="read">The 15 steps that a model read.</param>
    /// <param name="truth">The 15 true steps.</param>
    /// <param name="phaseFound">Whether the true phase scored highest; null where no phase was told or none is true.</param>
    public void Add(ReadOnlySpan<int> read, ReadOnlySpan<int> truth, bool? phaseFound)
    {
        windows++;
        int right = 0;
        for (int i = 0; i < Steps; i++)
        {
            int error = read[i] - truth[i];
            right += error == 0 ? 1 : 0;
            hits[i] += error == 0 ? 1 : 0;
            squares[i] += (long)error * error;
            ones[i] += read[i] == 1 ? 1 : 0;
        }
        exact += right == Steps ? 1 : 0;
        rightSquares += right * right;
        if (phaseFound is bool found)
        {
            phases++;
            phasesFound += found ? 1 : 0;
        }
    }

    public void Add(PrimarySums other)
    {
        windows += other.windows;
        exact += other.exact;
        rightSquares += other.rightSquares;
        phases += other.phases;
        phasesFound += other.phasesFound;
        for (int i = 0; i < Steps; i++)
        {
            hits[i] += other.hits[i];
            squares[i] += other.squares[i];
            ones[i] += other.ones[i];
        }
    }

    /// <summary>The averages; null without windows.</summary>
    public PrimaryFigures? Figures()
    {
        if (windows == 0)
            return null;
        double all = windows, steps = all * Steps, accuracy = hits.Sum() / steps;
        double variance = Math.Max(0, rightSquares / (steps * Steps) - accuracy * accuracy);
        return new PrimaryFigures(
            windows, accuracy, Math.Sqrt(variance / all), squares.Sum() / steps, exact / all, ones.Sum() / steps, phases == 0 ? null : phasesFound / (double)phases,
            Array.ConvertAll(hits, sum => sum / all), Array.ConvertAll(squares, sum => sum / all));
    }

    public static PrimaryFigures? Figures(IEnumerable<PrimarySums> parts)
    {
        var sum = new PrimarySums();
        foreach (PrimarySums part in parts)
            sum.Add(part);
        return sum.Figures();
    }
}
