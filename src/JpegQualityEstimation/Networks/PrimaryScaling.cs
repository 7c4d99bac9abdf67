namespace JpegQualityEstimation.Networks;

// PrimaryScaling: a PrimaryCalibration for one second table. Takes probabilities as the network gives them, whether they come
// from its outputs or were kept: the same values give the same bits. Doubles inside; against the largest, so that none is lost that
// a float can say; what is 0 stays 0, and a block without a positive probability stays as it is. Where nothing is to be scaled
// no bit changes.

/// <summary>Scales the probabilities of windows that one second table was told for. Immutable.</summary>
sealed class PrimaryScaling
{
    const int MostOutputs = 64;

    /// <summary>Scales nothing.</summary>
    public static PrimaryScaling None { get; } = PrimaryCalibration.None.For(new ushort[PrimaryBlocks.Count]);

    readonly double[] exponents = new double[PrimaryBlocks.Count], biases = new double[PrimaryBlocks.Count];
    readonly double shiftExponent;

    public PrimaryScaling(PrimaryCalibration calibration, ReadOnlySpan<ushort> secondZigZag)
    {
        double mean = 0;
        for (int i = 0; i < PrimaryBlocks.Count; i++)
        {
            double log = PrimaryCalibration.LogStep(secondZigZag[i]);
            mean += log / PrimaryBlocks.Count;
            exponents[i] = calibration.Steps[0] + calibration.Steps[1] * log;
            biases[i] = calibration.Steps[2] + calibration.Steps[3] * log;
        }
        shiftExponent = calibration.Shift[0] + calibration.Shift[1] * mean;
        LeastConfidence = (float)calibration.LeastConfidence;
        IsNone = shiftExponent == 1 && exponents.All(a => a == 1) && biases.All(b => b == 0);
    }

    /// <summary>Whether nothing is scaled.</summary>
    public bool IsNone { get; }

    /// <summary>Least mean confidence of a window that is answered for.</summary>
    public float LeastConfidence { get; }

    /// <summary>Scales the probabilities [226] of all blocks, in place.</summary>
    public void ScaleSteps(Span<float> probabilities)
    {
        for (int i = 0; i < PrimaryBlocks.Count; i++)
            ScaleBlock(i, probabilities.Slice(PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]));
    }

    /// <summary>Scales the probabilities of block i, in place.</summary>
    public void ScaleBlock(int i, Span<float> block) => Scale(block, exponents[i], biases[i] * block[0] * block[0]);

    /// <summary>Scales the probabilities of the grid shift [64], in place.</summary>
    public void ScaleShifts(Span<float> shifts) => Scale(shifts, shiftExponent, 0);

    // p^exponent, the first times e^bias, normalised.
    static void Scale(Span<float> probabilities, double exponent, double bias)
    {
        if (exponent == 1 && bias == 0)
            return;
        Span<double> logs = stackalloc double[MostOutputs];
        double largest = double.NegativeInfinity, sum = 0;
        for (int j = 0; j < probabilities.Length; j++)
        {
            logs[j] = exponent * Math.Log(probabilities[j]) + (j == 0 ? bias : 0);
            largest = Math.Max(largest, logs[j]);
        }
        if (!double.IsFinite(largest))
            return;
        for (int j = 0; j < probabilities.Length; j++)
            sum += logs[j] = Math.Exp(logs[j] - largest);
        for (int j = 0; j < probabilities.Length; j++)
            probabilities[j] = (float)(logs[j] / sum);
    }
}
