using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Tests.Engine.PhaseHistogram;

/// <summary>The sum of the blocks' cross-entropies.</summary>
sealed class CrossEntropyLoss : IBlockLoss
{
    public double Apply(ReadOnlySpan<float> logits, ReadOnlySpan<byte> steps, Span<float> dLogits)
    {
        double[] exact = new double[logits.Length];
        for (int i = 0; i < exact.Length; i++)
            exact[i] = logits[i];
        for (int c = 0; c < PrimaryBlocks.Count; c++)
        {
            int offset = PrimaryBlocks.Offsets[c], size = PrimaryBlocks.Sizes[c];
            double sum = exact.Skip(offset).Take(size).Sum(Math.Exp);
            for (int j = 0; j < size; j++)
                dLogits[offset + j] = (float)(Math.Exp(exact[offset + j]) / sum - (j == steps[c] - 1 ? 1 : 0));
        }
        return Of(exact, steps);
    }

    public static double Of(double[] logits, ReadOnlySpan<byte> steps)
    {
        double loss = 0;
        for (int c = 0; c < PrimaryBlocks.Count; c++)
            loss += Math.Log(logits.Skip(PrimaryBlocks.Offsets[c]).Take(PrimaryBlocks.Sizes[c]).Sum(Math.Exp)) - logits[PrimaryBlocks.Offsets[c] + steps[c] - 1];
        return loss;
    }
}
