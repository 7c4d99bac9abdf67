using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

/// <summary>What one window, or a whole picture, says of its first quantization table. Immutable.</summary>
public sealed class PrimaryQuantEstimate
{
    readonly short[] steps;
    readonly float[] stepConfidence;
    readonly float[]? probabilities;

    internal PrimaryQuantEstimate(
        short[] steps, float[] stepConfidence, float confidence, int qualityFactor, bool determined, GridShift? gridShift, float[]? probabilities)
    {
        this.steps = steps;
        this.stepConfidence = stepConfidence;
        this.probabilities = probabilities;
        Confidence = confidence;
        QualityFactor = qualityFactor;
        Determined = determined;
        GridShift = gridShift;
    }

    /// <summary>Steps that are estimated: the first 15 of the zig-zag order.</summary>
    public const int StepCount = PrimaryBlocks.Count;

    /// <summary>
    /// Whether there is an answer: false where more than half of the pixels are clipped or hardly a block has texture; steps,
    /// confidences and quality factor are then 0 and the grid shift null. False too, for a single window, where
    /// <see cref="Confidence"/> is below what the model's file asks for; all else then is what is most probable all the same.
    /// </summary>
    public bool Determined { get; }

    /// <summary>The 15 most probable steps, zig-zag order, 1 to <see cref="LargestStep"/>.</summary>
    public ReadOnlySpan<short> Steps => steps;

    /// <summary>Probability of each of <see cref="Steps"/>, 0..1.</summary>
    public ReadOnlySpan<float> StepConfidence => stepConfidence;

    /// <summary>Mean of <see cref="StepConfidence"/>, 0..1.</summary>
    public float Confidence { get; }

    /// <summary>
    /// The quality factor 51..100 whose standard luminance table is most probable: the largest sum over the 15 blocks of
    /// log p(step), steps limited to <see cref="LargestStep"/>. Of equal ones the highest: 98 to 100 share their first 15
    /// steps (all 1, as after a single compression) and are called 100; 51 and below are called 51.
    /// </summary>
    public int QualityFactor { get; }

    /// <summary>How the first grid lies; null where the model does not say or nothing is determined.</summary>
    public GridShift? GridShift { get; }

    /// <summary>Whether <see cref="Probability"/> can be asked.</summary>
    public bool HasProbabilities => probabilities is not null;

    /// <summary>Largest step that coefficient <paramref name="coefficient"/> can be given: the standard table's at quality 50.</summary>
    /// <param name="coefficient">0..14, zig-zag.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such coefficient.</exception>
    public static int LargestStep(int coefficient)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)coefficient, (uint)(StepCount - 1), nameof(coefficient));
        return PrimaryBlocks.Sizes[coefficient];
    }

    /// <summary>Probability that a coefficient's first step was <paramref name="step"/>, by the model alone, undetermined or not.</summary>
    /// <param name="coefficient">0..14, zig-zag.</param>
    /// <param name="step">From 1; above <see cref="LargestStep"/> the answer is 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such coefficient, or a step below 1.</exception>
    /// <exception cref="InvalidOperationException">It comes from a map that was told not to keep probabilities.</exception>
    public float Probability(int coefficient, int step)
    {
        int largest = LargestStep(coefficient);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        if (probabilities is null)
            throw new InvalidOperationException($"the map keeps no probabilities; {nameof(PrimaryMapOptions)}.{nameof(PrimaryMapOptions.KeepProbabilities)} does");
        return step > largest ? 0 : probabilities[PrimaryBlocks.Offsets[coefficient] + step - 1];
    }
}
