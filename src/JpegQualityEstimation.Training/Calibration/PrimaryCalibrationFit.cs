using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Training.Calibration;

// PrimaryCalibrationFit: a calibration fitted to windows whose pixels hold enough (WindowEvidence), all alike.
//   steps    ScalingFit with bias, one answer a window and block whose truth an output stands for, ln q of the block
//   shift    ScalingFit without, one answer a window that has a first grid, mean ln q of the 15 steps
//   answer   the least of 0, 0.05 .. 0.8 with which, at each second quality from LeastQuality up, RightShare of the steps of the windows
//            answered for are right; Photoshop's tables, of one second quality only, are left out
static class PrimaryCalibrationFit
{
    public const double RightShare = 0.8;
    public const int LeastQuality = 80;

    // ln of the least positive float: what a probability of 0 is taken for.
    const float LeastLogarithm = -103.3f;

    /// <summary>Least confidences that are tried.</summary>
    public static IReadOnlyList<double> Thresholds { get; } = [.. Enumerable.Range(0, 17).Select(i => i / 20.0)];

    public static PrimaryCalibration Fit(IReadOnlyList<WindowReadings> readings)
    {
        double[] steps = new ScalingFit(StepAnswers(readings), PrimaryCalibration.StepNumbers).Minimize(t => PrimaryCalibration.AreSteps(t));
        double[] shift = new ScalingFit(ShiftAnswers(readings), PrimaryCalibration.ShiftNumbers).Minimize(t => PrimaryCalibration.IsShift(t));
        return Rounded(steps, shift, FitAnswer(readings, Rounded(steps, shift, 0)));
    }

    /// <summary>What is left undetermined from a least confidence on, of windows whose pixels hold enough.</summary>
    public static UndeterminedFigures Answered(string name, IEnumerable<WindowReadings> readings, PrimaryCalibration calibration, double least)
    {
        var all = new List<(bool Answered, double Error)>();
        foreach (WindowReadings reading in readings)
        {
            PrimaryScaling scaling = calibration.For(reading.Told);
            foreach (int window in reading.Legible)
            {
                (double confidence, double right) = reading.Answer(window, scaling);
                all.Add((confidence >= least, 1 - right));
            }
        }
        return UndeterminedFigures.Of(name, all);
    }

    /// <summary>Windows of standard tables and of one compression, by second quality.</summary>
    public static IEnumerable<IGrouping<int, WindowReadings>> ByQuality(IEnumerable<WindowReadings> readings) =>
        readings.Where(reading => reading.Scenario.First != FirstCompression.Photoshop).GroupBy(reading => reading.Scenario.SecondQuality);

    static double FitAnswer(IReadOnlyList<WindowReadings> readings, PrimaryCalibration calibration)
    {
        List<WindowReadings[]> groups = [.. ByQuality(readings).Where(group => group.Key >= LeastQuality).Select(group => group.ToArray())];
        foreach (double least in Thresholds)
            if (groups.TrueForAll(group => Answered("", group, calibration, least).ErrorAnswered is not { } error || error <= 1 - RightShare))
                return least;
        return Thresholds[^1];
    }

    // As a file will say it, so that what is measured is what is read back.
    static PrimaryCalibration Rounded(double[] steps, double[] shift, double answer)
    {
        var metadata = new Dictionary<string, string>
        {
            [CalibrationKeys.Steps] = CalibrationKeys.Write(steps), [CalibrationKeys.Shift] = CalibrationKeys.Write(shift), [CalibrationKeys.Answer] = CalibrationKeys.Write(answer),
        };
        return PrimaryCalibration.Read(metadata, "fitted");
    }

    static List<ScaledAnswer> StepAnswers(IReadOnlyList<WindowReadings> readings)
    {
        var answers = new List<ScaledAnswer>();
        foreach (WindowReadings reading in readings)
        {
            foreach (int window in reading.Legible)
            {
                ReadOnlyMemory<float> logarithms = Logarithms(reading.Probabilities(window));
                for (int i = 0; i < PrimaryBlocks.Count; i++)
                    if (reading.Step(window, i) is > 0 and int step)
                        answers.Add(new(logarithms.Slice(PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]), step - 1, PrimaryCalibration.LogStep(reading.Told[i])));
            }
        }
        return answers;
    }

    static List<ScaledAnswer> ShiftAnswers(IReadOnlyList<WindowReadings> readings)
    {
        var answers = new List<ScaledAnswer>();
        foreach (WindowReadings reading in readings)
        {
            double mean = 0;
            for (int i = 0; i < PrimaryBlocks.Count; i++)
                mean += PrimaryCalibration.LogStep(reading.Told[i]) / PrimaryBlocks.Count;
            foreach (int window in reading.WithPhase)
                answers.Add(new(Logarithms(reading.Phase(window)), reading.TruePhase(window), mean));
        }
        return answers;
    }

    static float[] Logarithms(ReadOnlySpan<float> probabilities)
    {
        var logarithms = new float[probabilities.Length];
        for (int j = 0; j < logarithms.Length; j++)
            logarithms[j] = probabilities[j] > 0 ? MathF.Log(probabilities[j]) : LeastLogarithm;
        return logarithms;
    }
}
