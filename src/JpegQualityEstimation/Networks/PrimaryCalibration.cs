using System.Globalization;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Networks;

// PrimaryCalibration: bias-corrected temperature scaling (Alexandari, Kundaje, Shrikumar 2020) of what a network for primary
// quantization says, by the steps q of the second table:
//   step block i   p'(j) ~ p(j)^a exp(b p(1)^2 [j = 1])   a = a0 + a1 ln q_i, b = b0 + b1 ln q_i
//   grid shift     s'(k) ~ s(k)^c                          c = c0 + c1 mean_i ln q_i
// a and c are inverse temperatures. Step 1 of every block is "no first compression to be seen"; p(1)^2 leaves a block alone that
// does not say so itself. q is taken within 1..LargestSecond, what the standard tables from quality 50 up have there.
// A window is answered for where the mean of its 15 step confidences, scaled, is at least LeastConfidence.

/// <summary>How the probabilities of a network for primary quantization are scaled, and from where on it answers. Immutable.</summary>
sealed class PrimaryCalibration
{
    /// <summary>Numbers of the step blocks and of the grid shift.</summary>
    public const int StepNumbers = 4, ShiftNumbers = 2;

    /// <summary>Range of an inverse temperature.</summary>
    public const double Least = 0.1, Most = 10;

    /// <summary>Largest amount of a bias.</summary>
    public const double MostBias = 20;

    /// <summary>Second steps beyond it are taken for it.</summary>
    public const int LargestSecond = 24;

    /// <summary>Probabilities as the network gives them, an answer wherever the pixels hold one.</summary>
    public static PrimaryCalibration None { get; } = new([1, 0, 0, 0], [1, 0], 0);

    readonly double[] steps, shift;

    /// <param name="steps">a0, a1, b0, b1.</param>
    /// <param name="shift">c0, c1.</param>
    /// <param name="leastConfidence">0..1.</param>
    /// <exception cref="ArgumentException">They do not stay in range for every second step.</exception>
    public PrimaryCalibration(double[] steps, double[] shift, double leastConfidence = 0)
    {
        if (!AreSteps(steps) || !IsShift(shift) || !(leastConfidence is >= 0 and <= 1))
            throw new ArgumentException("a calibration that leaves its range");
        (this.steps, this.shift, LeastConfidence) = (steps, shift, leastConfidence);
    }

    /// <summary>a0, a1, b0, b1.</summary>
    public IReadOnlyList<double> Steps => steps;

    /// <summary>c0, c1.</summary>
    public IReadOnlyList<double> Shift => shift;

    /// <summary>Least mean confidence of a window that is answered for; 0: any.</summary>
    public double LeastConfidence { get; }

    /// <summary>Whether a and b are in range for every second step.</summary>
    public static bool AreSteps(ReadOnlySpan<double> numbers) =>
        numbers is [double a0, double a1, double b0, double b1] && IsWithin(a0, a1, Least, Most) && IsWithin(b0, b1, -MostBias, MostBias);

    /// <summary>Whether c is in range for every second step.</summary>
    public static bool IsShift(ReadOnlySpan<double> numbers) => numbers is [double c0, double c1] && IsWithin(c0, c1, Least, Most);

    /// <summary>Logarithm of a second step, taken within 1..LargestSecond.</summary>
    public static double LogStep(int step) => Math.Log(Math.Clamp(step, 1, LargestSecond));

    /// <summary>The same for one second table.</summary>
    /// <param name="secondZigZag">[15] or more steps.</param>
    public PrimaryScaling For(ReadOnlySpan<ushort> secondZigZag) => new(this, secondZigZag);

    /// <summary>What a file's metadata say; <see cref="None"/> where they are silent.</summary>
    /// <exception cref="WeightsFormatException">They say something that is no calibration.</exception>
    public static PrimaryCalibration Read(IReadOnlyDictionary<string, string> metadata, string file)
    {
        double[]? steps = CalibrationKeys.Read(metadata, CalibrationKeys.Steps, file, StepNumbers, -MostBias, MostBias);
        double[]? shift = CalibrationKeys.Read(metadata, CalibrationKeys.Shift, file, ShiftNumbers, -MostBias, MostBias);
        double[]? answer = CalibrationKeys.Read(metadata, CalibrationKeys.Answer, file, 1, 0, 1);
        if (steps is not null && !AreSteps(steps))
            throw Leaves(CalibrationKeys.Steps);
        if (shift is not null && !IsShift(shift))
            throw Leaves(CalibrationKeys.Shift);
        return steps is null && shift is null && answer is null ? None : new PrimaryCalibration(steps ?? [1, 0, 0, 0], shift ?? [1, 0], answer?[0] ?? 0);

        WeightsFormatException Leaves(string key) => new(file, -1, string.Create(
            CultureInfo.InvariantCulture,
            $"metadata '{key}': for a second step of 1..{LargestSecond} an inverse temperature leaves {Least}..{Most} or a bias {-MostBias}..{MostBias}"));
    }

    // A line over ln q lies between its ends; written so that what is no number is refused too.
    static bool IsWithin(double at1, double slope, double least, double most)
    {
        double end = at1 + slope * LogStep(LargestSecond);
        return at1 >= least && at1 <= most && end >= least && end <= most;
    }
}
