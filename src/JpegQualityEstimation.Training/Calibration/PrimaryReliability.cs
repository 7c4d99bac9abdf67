using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Calibration;

// PrimaryReliability: figures of what a network states of windows whose pixels hold enough, scaled as the library scales it.
static class PrimaryReliability
{
    /// <summary>What is stated of each step: one answer a window and block.</summary>
    public static CalibrationFigures Steps(IReadOnlyList<WindowReadings> readings, PrimaryCalibration calibration)
    {
        var answers = new List<StatedProbability>();
        var probabilities = new float[PrimaryBlocks.Outputs];
        double sum = 0;
        int count = 0;
        foreach (WindowReadings reading in readings)
        {
            PrimaryScaling scaling = calibration.For(reading.Told);
            foreach (int window in reading.Legible)
            {
                reading.Probabilities(window).CopyTo(probabilities);
                scaling.ScaleSteps(probabilities);
                for (int i = 0; i < PrimaryBlocks.Count; i++)
                {
                    ReadOnlySpan<float> block = probabilities.AsSpan(PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]);
                    int best = PrimaryBlocks.ArgMax(block), truth = reading.Step(window, i) - 1;
                    answers.Add(new StatedProbability(block[best], best == truth));
                    if (truth < 0)
                        continue;
                    sum -= Math.Log(Math.Max(block[truth], CalibrationFigures.LeastProbability));
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
        var phase = new float[64];
        double sum = 0;
        foreach (WindowReadings reading in readings)
        {
            PrimaryScaling scaling = calibration.For(reading.Told);
            foreach (int window in reading.WithPhase)
            {
                reading.Phase(window).CopyTo(phase);
                scaling.ScaleShifts(phase);
                int best = PrimaryBlocks.ArgMax(phase), truth = reading.TruePhase(window);
                answers.Add(new StatedProbability(phase[best], best == truth));
                sum -= Math.Log(Math.Max(phase[truth], CalibrationFigures.LeastProbability));
            }
        }
        return answers.Count == 0 ? null : CalibrationFigures.Of(answers, sum / answers.Count);
    }
}
