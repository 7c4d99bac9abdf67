using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

// PrimaryLoss: the losses of Tondi 2021 over the block softmax f of one window, q the true steps.
//   cross-entropy (Eq. 1)  1/15 sum_i -log f[i,q_i]
//   combined (Eq. 5)       c * Eq. 1 + (1-c) sum_ij f[i,j] |j - q_i|^power; power 1 in the paper, 2 in its authors' later code
//   smooth (section 3.2)   Eq. 1 with soft targets t[i,j] ~ exp(-|j - q_i| / tau), normalised in each block: a near miss
//                          costs less than a far one (the paper names the idea and no formula)
// All are  a/15 sum_ij -t[i,j] log f[i,j] + b sum_ij f[i,j] d[i,j]  with gradient a/15 (f - t) + b f (d - f.d).
// logits, dLogits [226], steps [15] from 1. Computed in double; stateless, thread-safe.

sealed class PrimaryLoss : IBlockLoss
{
    readonly double crossEntropy;
    readonly double distance;
    readonly int power;
    readonly double tau;

    PrimaryLoss(double crossEntropy, double distance, int power, double tau) =>
        (this.crossEntropy, this.distance, this.power, this.tau) = (crossEntropy, distance, power, tau);

    /// <summary>Eq. 1: mean cross-entropy of the 15 blocks.</summary>
    public static PrimaryLoss CrossEntropy() => new(1, 0, 1, 0);

    /// <summary>Eq. 5: c of Eq. 1 and 1 - c of the expected distance, summed over the blocks.</summary>
    public static PrimaryLoss Combined(double c, int power = 1)
    {
        if (!(c is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(c), c, "outside 0..1");
        if (power is not (1 or 2))
            throw new ArgumentOutOfRangeException(nameof(power), power, "neither 1 nor 2");
        return new(c, 1 - c, power, 0);
    }

    /// <summary>Cross-entropy with targets that fall off with the distance from the true step.</summary>
    public static PrimaryLoss Smooth(double tau)
    {
        if (!(tau > 0))
            throw new ArgumentOutOfRangeException(nameof(tau), tau, "not above 0");
        return new(1, 0, 1, tau);
    }

    /// <summary>The same as a device takes it.</summary>
    public BlockLossTerms Terms => new(crossEntropy, distance, power, tau, Regression: false);

    public double Apply(ReadOnlySpan<float> logits, ReadOnlySpan<byte> steps, Span<float> dLogits)
    {
        if (logits.Length != PrimaryBlocks.Outputs || dLogits.Length != PrimaryBlocks.Outputs || steps.Length != PrimaryBlocks.Count)
            throw new ArgumentException($"a loss of [{PrimaryBlocks.Outputs}] outputs, given {logits.Length}, {dLogits.Length} and {steps.Length} steps");
        Span<double> weights = stackalloc double[32];
        double loss = 0;
        for (int i = 0; i < PrimaryBlocks.Count; i++)
        {
            int at = PrimaryBlocks.Offsets[i], size = PrimaryBlocks.Sizes[i];
            loss += Block(logits.Slice(at, size), steps[i], weights[..size], dLogits.Slice(at, size));
        }
        return loss;
    }

    double Block(ReadOnlySpan<float> logits, int step, Span<double> f, Span<float> dLogits)
    {
        if (step < 1 || step > logits.Length)
            throw new ArgumentOutOfRangeException(nameof(step), step, $"a true step outside 1..{logits.Length}");
        double sum = BlockSoftmax.Exponentials(logits, f, out float largest);
        double logSum = Math.Log(sum), share = crossEntropy / PrimaryBlocks.Count;
        double targets = 0;
        for (int j = 1; j <= logits.Length; j++)
            targets += Target(j, step);
        double expected = 0, entropy = 0;
        for (int j = 1; j <= logits.Length; j++)
        {
            expected += (f[j - 1] /= sum) * Distance(j, step);
            entropy -= Target(j, step) / targets * ((double)logits[j - 1] - largest - logSum);
        }
        for (int j = 1; j <= logits.Length; j++)
        {
            double slope = share * (f[j - 1] - Target(j, step) / targets) + distance * f[j - 1] * (Distance(j, step) - expected);
            dLogits[j - 1] = (float)slope;
        }
        return share * entropy + distance * expected;
    }

    double Target(int j, int step) => tau > 0 ? Math.Exp(-Math.Abs(j - step) / tau) : j == step ? 1 : 0;

    int Distance(int j, int step) => power == 1 ? Math.Abs(j - step) : (j - step) * (j - step);
}
