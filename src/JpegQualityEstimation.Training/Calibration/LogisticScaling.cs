using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Calibration;

// LogisticScaling: FlagCalibration of readings that say enough for a verdict, those with the grid of a last compression and those without
// each on their own.
//   with      the share of JPEGs, (N+ + 1) / (N + 2), at least one half
//   without   P(was JPEG) = 1 / (1 + exp(-(a x + b))) of the mean flag x weighted by reliability. Platt 1999: targets (N+ + 1) / (N+ + 2)
//             and 1 / (N- + 2), so that separable data give finite numbers; the cross-entropy is convex and is minimised by
//             Newton's steps, halved where they do not help.
static class LogisticScaling
{
    const int Iterations = 100;

    /// <exception cref="InvalidDataException">The flag does not rise with compression.</exception>
    public static FlagCalibration Fit(IReadOnlyList<FlagReading> readings)
    {
        FlagReading[] answered = [.. readings.Where(reading => reading.IsAnswered)], grid = [.. answered.Where(reading => reading.HasGrid)];
        (double X, bool Jpeg)[] rest = [.. answered.Where(reading => !reading.HasGrid).Select(r => (r.Summary.ReliableCompressed, r.Quality > 0))];
        double positive = rest.Count(sample => sample.Jpeg), negative = rest.Length - positive;
        FlagCalibration fitted = Fit([.. rest.Select(s => s.X)], [.. rest.Select(s => s.Jpeg ? (positive + 1) / (positive + 2) : 1 / (negative + 2))]);
        if (!(fitted.Slope > 0))
            throw new InvalidDataException("the flag does not rise with compression: there is nothing to calibrate");
        return new FlagCalibration(
            Math.Min(fitted.Slope, FlagCalibration.Most), Math.Clamp(fitted.Offset, -FlagCalibration.Most, FlagCalibration.Most),
            grid.Length == 0 ? null : Math.Max(0.5, (grid.Count(reading => reading.Quality > 0) + 1.0) / (grid.Length + 2)));
    }

    internal static FlagCalibration Fit(double[] x, double[] targets)
    {
        (double a, double b) = (1, 0);
        double loss = Loss(x, targets, a, b);
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            double ga = 0, gb = 0, haa = 1e-9, hab = 0, hbb = 1e-9;
            for (int i = 0; i < x.Length; i++)
            {
                double p = new FlagCalibration(a, b).Probability(x[i]), w = p * (1 - p), d = p - targets[i];
                (ga, gb, haa, hab, hbb) = (ga + d * x[i], gb + d, haa + w * x[i] * x[i], hab + w * x[i], hbb + w);
            }
            double determinant = haa * hbb - hab * hab, da = (hbb * ga - hab * gb) / determinant, db = (haa * gb - hab * ga) / determinant;
            double step = 1, next;
            while ((next = Loss(x, targets, a - step * da, b - step * db)) > loss && step > 1e-9)
                step /= 2;
            if (!(next < loss))
                break;
            (a, b, loss) = (a - step * da, b - step * db, next);
        }
        return new FlagCalibration(a, b);
    }

    /// <summary>What is stated of being JPEG: the flag itself without a calibration.</summary>
    public static CalibrationFigures Figures(IEnumerable<FlagReading> readings, FlagCalibration? calibration)
    {
        var answers = new List<StatedProbability>();
        double sum = 0;
        foreach (FlagReading reading in readings.Where(reading => reading.IsAnswered))
        {
            double p = calibration?.Probability(reading.Summary.ReliableCompressed, reading.HasGrid) ?? reading.Summary.ReliableCompressed;
            answers.Add(new StatedProbability(p, reading.Quality > 0));
            sum -= Math.Log(Math.Max(reading.Quality > 0 ? p : 1 - p, CalibrationFigures.LeastProbability));
        }
        return CalibrationFigures.Of(answers, answers.Count == 0 ? 0 : sum / answers.Count);
    }

    // -t ln p - (1 - t) ln(1 - p) without a cancellation.
    static double Loss(double[] x, double[] targets, double a, double b)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double z = a * x[i] + b;
            sum += Math.Max(z, 0) - targets[i] * z + Math.Log(1 + Math.Exp(-Math.Abs(z)));
        }
        return sum;
    }
}
