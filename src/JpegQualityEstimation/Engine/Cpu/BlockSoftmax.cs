using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu;

// BlockSoftmax: a softmax over each block of outputs (Tondi 2021, section 3.1).
//   f[i,j] = exp(z[i,j] - max_i) / sum_j exp(z[i,j] - max_i);  dz[i,j] = f[i,j] (df[i,j] - sum_j f[i,j] df[i,j])
// z, f, df, dz [226] in the order of PrimaryBlocks; forward and backward may run in place. The sums are doubles in rising
// order: the same bits everywhere that Math.Exp gives the same.
static class BlockSoftmax
{
    /// <summary>Probabilities of the steps of each block.</summary>
    public static void Forward(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        Check(logits.Length, probabilities.Length);
        for (int i = 0; i < PrimaryBlocks.Count; i++)
            Forward(logits, probabilities, i);
    }

    /// <summary>The gradient by the logits, from that by the probabilities.</summary>
    public static void Backward(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> dProbabilities, Span<float> dLogits)
    {
        Check(probabilities.Length, dProbabilities.Length);
        Check(probabilities.Length, dLogits.Length);
        for (int i = 0; i < PrimaryBlocks.Count; i++)
        {
            int at = PrimaryBlocks.Offsets[i], end = at + PrimaryBlocks.Sizes[i];
            double dot = 0;
            for (int j = at; j < end; j++)
                dot += (double)probabilities[j] * dProbabilities[j];
            for (int j = at; j < end; j++)
                dLogits[j] = (float)(probabilities[j] * (dProbabilities[j] - dot));
        }
    }

    static void Forward(ReadOnlySpan<float> logits, Span<float> probabilities, int block)
    {
        int size = PrimaryBlocks.Sizes[block], at = PrimaryBlocks.Offsets[block];
        Span<double> weights = stackalloc double[size];
        double sum = Exponentials(logits.Slice(at, size), weights, out _);
        for (int j = 0; j < size; j++)
            probabilities[at + j] = (float)(weights[j] / sum);
    }

    /// <summary>exp(z - largest) of one block; answers their sum.</summary>
    public static double Exponentials(ReadOnlySpan<float> logits, Span<double> weights, out float largest)
    {
        largest = logits[0];
        foreach (float z in logits)
            largest = MathF.Max(largest, z);
        double sum = 0;
        for (int j = 0; j < logits.Length; j++)
            sum += weights[j] = Math.Exp((double)logits[j] - largest);
        return sum;
    }

    static void Check(int length, int other)
    {
        if (length != PrimaryBlocks.Outputs || other != PrimaryBlocks.Outputs)
            throw new ArgumentException($"block softmax works on {PrimaryBlocks.Outputs} outputs, not {length} and {other}");
    }
}
