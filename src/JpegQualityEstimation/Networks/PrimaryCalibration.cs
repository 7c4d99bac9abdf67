using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Networks;

// PrimaryCalibration: temperature scaling (Guo, Pleiss, Sun, Weinberger 2017) of what a network for primary quantization says.
//   step block i   softmax(z / T_i), that is p^(1/T_i) normalised
//   grid shift     p^(1/T) normalised, [64]
// The order of probabilities does not change. With all T = 1 nothing is computed and no bit changes.

/// <summary>Temperatures of the 15 step blocks and of the grid shift. Immutable.</summary>
sealed class PrimaryCalibration
{
    /// <summary>Range of a temperature that a file may name.</summary>
    public const double Least = 0.1, Most = 10;

    /// <summary>Probabilities as the network gives them.</summary>
    public static PrimaryCalibration None { get; } = new([1], 1);

    readonly double[] steps;

    /// <param name="steps">One temperature, or 15.</param>
    /// <param name="shift">Temperature of the grid shift.</param>
    public PrimaryCalibration(double[] steps, double shift)
    {
        if (steps.Length is not (1 or PrimaryBlocks.Count))
            throw new ArgumentException($"{steps.Length} temperatures for {PrimaryBlocks.Count} blocks", nameof(steps));
        Given = steps;
        this.steps = steps.Length == 1 ? [.. Enumerable.Repeat(steps[0], PrimaryBlocks.Count)] : steps;
        Shift = shift;
        ScalesSteps = this.steps.Any(t => t != 1);
    }

    /// <summary>Temperatures of the blocks, [15].</summary>
    public ReadOnlySpan<double> Steps => steps;

    /// <summary>The same as the file says it, [1] or [15].</summary>
    public IReadOnlyList<double> Given { get; }

    /// <summary>Temperature of the grid shift.</summary>
    public double Shift { get; }

    /// <summary>Whether any step block changes.</summary>
    public bool ScalesSteps { get; }

    /// <summary>Whether nothing changes.</summary>
    public bool IsNone => !ScalesSteps && Shift == 1;

    /// <summary>What a file's metadata say; <see cref="None"/> where they are silent.</summary>
    /// <exception cref="WeightsFormatException">They say something that is no temperature.</exception>
    public static PrimaryCalibration Read(IReadOnlyDictionary<string, string> metadata, string file)
    {
        double[]? steps = CalibrationKeys.Read(metadata, CalibrationKeys.Steps, file, [1, PrimaryBlocks.Count], Least, Most);
        double[]? shift = CalibrationKeys.Read(metadata, CalibrationKeys.Shift, file, [1], Least, Most);
        return steps is null && shift is null ? None : new PrimaryCalibration(steps ?? [1], shift?[0] ?? 1);
    }

    /// <summary>Divides logits [226] by the temperatures of their blocks, in place.</summary>
    public void ScaleLogits(Span<float> logits)
    {
        if (!ScalesSteps)
            return;
        for (int i = 0; i < PrimaryBlocks.Count; i++)
            foreach (ref float z in logits.Slice(PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]))
                z = (float)(z / steps[i]);
    }

    /// <summary>Scales the probabilities of the grid shift [64], in place.</summary>
    public void ScaleShifts(Span<float> shifts) => Power(shifts, 1 / Shift);

    /// <summary>Probabilities [226] of the blocks as they were before scaling, in place; what has become 0 stays 0.</summary>
    public void UnscaleSteps(Span<float> probabilities)
    {
        for (int i = 0; i < PrimaryBlocks.Count; i++)
            Power(probabilities.Slice(PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]), steps[i]);
    }

    /// <summary>Probabilities of the grid shift [64] as they were before scaling, in place.</summary>
    public void UnscaleShifts(Span<float> shifts) => Power(shifts, Shift);

    // p^exponent, normalised. Against the largest, so that none of them is lost that a float can say; nothing changes where
    // there is no positive probability.
    internal static void Power(Span<float> probabilities, double exponent)
    {
        if (exponent == 1)
            return;
        double largest = 0, sum = 0;
        foreach (float p in probabilities)
            largest = Math.Max(largest, p);
        if (!(largest > 0 && double.IsFinite(largest)))
            return;
        Span<double> powers = stackalloc double[64];
        for (int j = 0; j < probabilities.Length; j++)
            sum += powers[j] = Math.Pow(probabilities[j] / largest, exponent);
        for (int j = 0; j < probabilities.Length; j++)
            probabilities[j] = (float)(powers[j] / sum);
    }
}
