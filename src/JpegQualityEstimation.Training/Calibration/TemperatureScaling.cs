using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Calibration;

// TemperatureScaling: the temperatures that make the truth most probable on windows that are answered for, and the figures
// of what is stated with them. One temperature for all blocks, unless 15 are clearly better on pictures they were not fitted
// on: two folds by picture, each measured with temperatures of the other.
//   NLL(T) = mean of -ln softmax(z / T)[truth], convex in 1/T: golden section in ln T over the range that a file may name.
static class TemperatureScaling
{
    /// <summary>Share of the likelihood's logarithm that 15 temperatures must gain over one.</summary>
    public const double ClearGain = 0.01;

    const int Iterations = 40;

    /// <summary>One temperature or 15.</summary>
    public static double[] FitSteps(IReadOnlyList<WindowReadings> readings)
    {
        int[] all = [.. Enumerable.Range(0, PrimaryBlocks.Count)];
        double one = 0, many = 0;
        for (int fold = 0; fold < 2; fold++)
        {
            double shared = Fit(readings, 1 - fold, all);
            foreach (int block in all)
            {
                double own = Fit(readings, 1 - fold, [block]);
                one += Likelihood(readings, fold, [block], shared).Sum;
                many += Likelihood(readings, fold, [block], own).Sum;
            }
        }
        return many < one * (1 - ClearGain) ? [.. all.Select(block => Fit(readings, null, [block]))] : [Fit(readings, null, all)];
    }

    public static double FitShift(IReadOnlyList<WindowReadings> readings) => Minimize(t =>
    {
        double sum = 0;
        foreach ((WindowReadings reading, int window) in WithPhase(readings))
            sum -= Math.Log(Math.Max(Scaled(reading.Phase(window), t, reading.TruePhase(window)), CalibrationFigures.LeastProbability));
        return sum;
    });

    /// <summary>What is stated of each step: one answer a window and block.</summary>
    public static CalibrationFigures Steps(IReadOnlyList<WindowReadings> readings, PrimaryCalibration calibration)
    {
        var answers = new List<StatedProbability>();
        double sum = 0;
        int count = 0;
        foreach (WindowReadings reading in readings)
        {
            for (int window = 0; window < reading.Count; window++)
            {
                for (int i = 0; i < PrimaryBlocks.Count && reading.Determined[window]; i++)
                {
                    ReadOnlySpan<float> z = reading.Logits(window, i);
                    int best = PrimaryBlocks.ArgMax(z), truth = reading.Step(window, i) - 1;
                    double log = LogSum(z, calibration.Steps[i]);
                    answers.Add(new StatedProbability(Math.Exp(z[best] / calibration.Steps[i] - log), best == truth));
                    if (truth < 0)
                        continue;
                    sum += log - z[truth] / calibration.Steps[i];
                    count++;
                }
            }
        }
        return CalibrationFigures.Of(answers, count == 0 ? 0 : sum / count);
    }

    /// <summary>What is stated of the grid shift: one answer a window that has one; null without any.</summary>
    public static CalibrationFigures? Shift(IReadOnlyList<WindowReadings> readings, PrimaryCalibration calibration)
    {
        var answers = new List<StatedProbability>();
        double sum = 0;
        foreach ((WindowReadings reading, int window) in WithPhase(readings))
        {
            ReadOnlySpan<float> phase = reading.Phase(window);
            int best = PrimaryBlocks.ArgMax(phase), truth = reading.TruePhase(window);
            answers.Add(new StatedProbability(Scaled(phase, calibration.Shift, best), best == truth));
            sum -= Math.Log(Math.Max(Scaled(phase, calibration.Shift, truth), CalibrationFigures.LeastProbability));
        }
        return answers.Count == 0 ? null : CalibrationFigures.Of(answers, sum / answers.Count);
    }

    static double Fit(IReadOnlyList<WindowReadings> readings, int? fold, int[] blocks) => Minimize(t => Likelihood(readings, fold, blocks, t).Sum);

    static (double Sum, int Count) Likelihood(IReadOnlyList<WindowReadings> readings, int? fold, int[] blocks, double t)
    {
        double sum = 0;
        int count = 0;
        foreach (WindowReadings reading in readings)
        {
            for (int window = 0; window < reading.Count; window++)
            {
                if (!reading.Determined[window] || fold is int f && reading.Pictures[window] % 2 != f)
                    continue;
                foreach (int i in blocks)
                {
                    if (reading.Step(window, i) is not (> 0 and int step))
                        continue;
                    ReadOnlySpan<float> z = reading.Logits(window, i);
                    sum += LogSum(z, t) - z[step - 1] / t;
                    count++;
                }
            }
        }
        return (sum, count);
    }

    static IEnumerable<(WindowReadings Reading, int Window)> WithPhase(IReadOnlyList<WindowReadings> readings) =>
        from reading in readings
        where reading.GivesPhase
        from window in Enumerable.Range(0, reading.Count)
        where reading.Determined[window] && reading.TruePhase(window) >= 0
        select (reading, window);

    static double LogSum(ReadOnlySpan<float> z, double t)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (float value in z)
            largest = Math.Max(largest, value);
        foreach (float value in z)
            sum += Math.Exp((value - largest) / t);
        return largest / t + Math.Log(sum);
    }

    static double Scaled(ReadOnlySpan<float> probabilities, double t, int index)
    {
        Span<float> scaled = stackalloc float[64];
        probabilities.CopyTo(scaled);
        PrimaryCalibration.Power(scaled, 1 / t);
        return scaled[index];
    }

    internal static double Minimize(Func<double, double> loss)
    {
        double golden = (Math.Sqrt(5) - 1) / 2, a = Math.Log(PrimaryCalibration.Least), b = Math.Log(PrimaryCalibration.Most);
        double c = b - golden * (b - a), d = a + golden * (b - a), atC = loss(Math.Exp(c)), atD = loss(Math.Exp(d));
        for (int i = 0; i < Iterations; i++)
        {
            if (atC <= atD)
            {
                (b, d, atD) = (d, c, atC);
                c = b - golden * (b - a);
                atC = loss(Math.Exp(c));
            }
            else
            {
                (a, c, atC) = (c, d, atD);
                d = a + golden * (b - a);
                atD = loss(Math.Exp(d));
            }
        }
        return Math.Exp((a + b) / 2);
    }
}
