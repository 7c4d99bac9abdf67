using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

// PrimaryPosterior: from block probabilities [226] (PrimaryBlocks) to answers.
//   step of block i        argmax_j p[i,j] + 1, of equal ones the smallest
//   quality factor         argmax over QF 50..100 of sum_i log p[i, min(standard step, size)], of equal ones the highest
//   grid shift             argmax over the 64 shifts, of equal ones the first
// Logarithms are taken of max(p, Floor), so that one certain error does not outvote everything else.
static class PrimaryPosterior
{
    public const float Floor = 1e-6f;
    const int LowestQuality = 50, HighestQuality = 100;

    // [51,15]: index into the 226 outputs of the standard table's step.
    static readonly byte[] StandardOutputs = Standard();

    /// <summary>Logits to block probabilities, in place; zeros and false where they are not numbers.</summary>
    public static bool Probabilities(Span<float> logits)
    {
        BlockSoftmax.Forward(logits, logits);
        foreach (float p in logits)
        {
            if (float.IsFinite(p))
                continue;
            logits.Clear();
            return false;
        }
        return true;
    }

    public static void Logarithms(ReadOnlySpan<float> probabilities, Span<double> logarithms)
    {
        for (int j = 0; j < probabilities.Length; j++)
            logarithms[j] = Math.Log(Math.Max(probabilities[j], Floor));
    }

    /// <summary>Steps and their probabilities [15]; answers the mean of the latter.</summary>
    public static float Steps(ReadOnlySpan<float> probabilities, Span<short> steps, Span<float> confidence)
    {
        float sum = 0;
        for (int i = 0; i < PrimaryBlocks.Count; i++)
        {
            ReadOnlySpan<float> block = probabilities.Slice(PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]);
            int best = PrimaryBlocks.ArgMax(block);
            steps[i] = (short)(best + 1);
            sum += confidence[i] = block[best];
        }
        return sum / PrimaryBlocks.Count;
    }

    public static int QualityFactor(ReadOnlySpan<double> logarithms)
    {
        int best = HighestQuality;
        double most = double.NegativeInfinity;
        for (int quality = HighestQuality; quality >= LowestQuality; quality--)
        {
            double sum = 0;
            foreach (byte output in StandardOutputs.AsSpan((quality - LowestQuality) * PrimaryBlocks.Count, PrimaryBlocks.Count))
                sum += logarithms[output];
            if (sum > most)
                (best, most) = (quality, sum);
        }
        return best;
    }

    // sum_i log max(p[i, standard step], Floor) of each quality factor 50..100, of probabilities [226].
    public static void Qualities(ReadOnlySpan<float> probabilities, Span<double> sums)
    {
        Span<double> logarithms = stackalloc double[PrimaryBlocks.Outputs];
        Logarithms(probabilities, logarithms);
        for (int q = 0; q < sums.Length; q++)
        {
            sums[q] = 0;
            foreach (byte output in StandardOutputs.AsSpan(q * PrimaryBlocks.Count, PrimaryBlocks.Count))
                sums[q] += logarithms[output];
        }
    }

    public static GridShift Shift(ReadOnlySpan<float> shifts)
    {
        int best = PrimaryBlocks.ArgMax(shifts);
        return new GridShift(best / 8, best % 8, shifts[best]);
    }

    // phase [64], how far the first grid's block corners lie below and right of the second's -> [64] rows and columns cut off.
    public static void ShiftsOf(ReadOnlySpan<float> phase, Span<float> shifts)
    {
        for (int p = 0; p < 64; p++)
            shifts[(-(p / 8) & 7) * 8 + (-p & 7)] = phase[p];
    }

    static byte[] Standard()
    {
        var outputs = new byte[(HighestQuality - LowestQuality + 1) * PrimaryBlocks.Count];
        for (int quality = LowestQuality; quality <= HighestQuality; quality++)
        {
            ushort[] table = QuantTable.StandardLuminance(quality).ZigZagOrder();
            for (int i = 0; i < PrimaryBlocks.Count; i++)
                outputs[(quality - LowestQuality) * PrimaryBlocks.Count + i] =
                    (byte)(PrimaryBlocks.Offsets[i] + Math.Min(table[i], PrimaryBlocks.Sizes[i]) - 1);
        }
        return outputs;
    }
}
