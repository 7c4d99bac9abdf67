namespace JpegQualityEstimation.Training.Calibration;

// CalibrationFigures: how far stated probabilities are those that come true.
//   ECE           sum_b (n_b / n) |accuracy_b - confidence_b| over the bins b (Guo, Pleiss, Sun, Weinberger 2017, eq. 3)
//   equal bins    15, confidence in ((b-1)/15, b/15]; 0 belongs to the first
//   adaptive      15 bins of equal counts in rising order of confidence
// Sums are doubles in the order of the samples (adaptive: in that of confidences, equal ones in that of samples).

/// <summary>One answer: the probability that was stated for it, and whether it was right.</summary>
readonly record struct StatedProbability(double Confidence, bool Right);

/// <summary>Answers of similar confidence.</summary>
/// <param name="Count">Answers.</param>
/// <param name="Confidence">Mean stated probability, 0..1; 0 where there are none.</param>
/// <param name="Accuracy">Share that is right, 0..1; 0 where there are none.</param>
public sealed record CalibrationBin(int Count, double Confidence, double Accuracy);

/// <summary>How far stated probabilities are those that come true.</summary>
/// <param name="Count">Answers.</param>
/// <param name="Confidence">Mean stated probability.</param>
/// <param name="Accuracy">Share that is right.</param>
/// <param name="NegativeLogLikelihood">Mean of -ln of the probability of the truth, at least 1e-12, nats.</param>
/// <param name="Error">Expected calibration error over 15 equal bins, 0..1.</param>
/// <param name="AdaptiveError">The same over 15 bins of equal counts.</param>
/// <param name="Bins">The 15 equal bins.</param>
public sealed record CalibrationFigures(
    int Count, double Confidence, double Accuracy, double NegativeLogLikelihood, double Error, double AdaptiveError, IReadOnlyList<CalibrationBin> Bins)
{
    /// <summary>Number of bins.</summary>
    public const int BinCount = 15;

    internal const double LeastProbability = 1e-12;

    internal static CalibrationFigures Of(IReadOnlyList<StatedProbability> answers, double negativeLogLikelihood)
    {
        var bins = new List<StatedProbability>[BinCount];
        for (int b = 0; b < BinCount; b++)
            bins[b] = [];
        foreach (StatedProbability answer in answers)
            bins[Math.Clamp((int)Math.Ceiling(answer.Confidence * BinCount) - 1, 0, BinCount - 1)].Add(answer);
        StatedProbability[] rising = [.. answers.OrderBy(answer => answer.Confidence)];
        var equal = bins.Select(Bin).ToList();
        var adaptive = Enumerable.Range(0, BinCount).Select(b => Bin(rising[(int)((long)rising.Length * b / BinCount)..(int)((long)rising.Length * (b + 1) / BinCount)])).ToList();
        CalibrationBin all = Bin(answers);
        return new CalibrationFigures(all.Count, all.Confidence, all.Accuracy, negativeLogLikelihood, ErrorOf(equal), ErrorOf(adaptive), equal);
    }

    static CalibrationBin Bin(IReadOnlyList<StatedProbability> answers) => answers.Count == 0 ? new CalibrationBin(0, 0, 0)
        : new CalibrationBin(answers.Count, answers.Sum(answer => answer.Confidence) / answers.Count, (double)answers.Count(answer => answer.Right) / answers.Count);

    static double ErrorOf(List<CalibrationBin> bins)
    {
        double count = bins.Sum(bin => bin.Count);
        return count == 0 ? 0 : bins.Sum(bin => bin.Count / count * Math.Abs(bin.Accuracy - bin.Confidence));
    }
}

/// <summary>One stated quantity as the network gives it and as the model's calibration has it.</summary>
/// <param name="Name">On what.</param>
/// <param name="Before">As the network gives it.</param>
/// <param name="After">Calibrated.</param>
public sealed record CalibrationPair(string Name, CalibrationFigures Before, CalibrationFigures After);
