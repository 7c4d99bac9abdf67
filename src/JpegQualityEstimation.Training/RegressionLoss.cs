using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

// RegressionLoss: the head of Niu, Tondi, Zhao, Barni 2020, which Tondi 2021 compares with: 15 outputs, each an estimate of
// its step that is rounded in the end.
//   loss = 1/15 sum_i (z_i - q_i)^2;  dz_i = 2/15 (z_i - q_i)
// The squared difference is what Tondi 2021, section 1, says that network minimises; the loss of rounded outputs is the
// MSE that both papers report. Stateless, thread-safe.

sealed class RegressionLoss : IBlockLoss
{
    /// <summary>The same as a device takes it.</summary>
    public static BlockLossTerms Terms => new(0, 0, 1, 0, Regression: true);

    /// <summary>The step that an output means: the nearest whole number, at least 1.</summary>
    public static int Step(float output) => (int)Math.Clamp(MathF.Round(output, MidpointRounding.AwayFromZero), 1, ushort.MaxValue);

    public double Apply(ReadOnlySpan<float> logits, ReadOnlySpan<byte> steps, Span<float> dLogits)
    {
        if (logits.Length != PrimaryBlocks.Count || dLogits.Length != PrimaryBlocks.Count || steps.Length != PrimaryBlocks.Count)
            throw new ArgumentException($"a regression of [{PrimaryBlocks.Count}] steps, given {logits.Length}, {dLogits.Length} and {steps.Length} steps");
        double loss = 0;
        for (int i = 0; i < PrimaryBlocks.Count; i++)
        {
            double error = (double)logits[i] - steps[i];
            loss += error * error / PrimaryBlocks.Count;
            dLogits[i] = (float)(2 * error / PrimaryBlocks.Count);
        }
        return loss;
    }
}
