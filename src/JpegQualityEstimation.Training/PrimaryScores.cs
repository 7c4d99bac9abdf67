using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

// PrimaryScores: how right the outputs of a batch are (Tondi 2021, section 3.2).
//   accuracy = share of the 15 n steps that are equal; squared error = mean of (estimate - step)^2
static class PrimaryScores
{
    /// <param name="outputs">[n,226] or, of a regression head, [n,15].</param>
    /// <param name="steps">[n,15] from 1.</param>
    public static (double Accuracy, double SquaredError) Of(ReadOnlySpan<float> outputs, ReadOnlySpan<byte> steps)
    {
        int count = steps.Length / PrimaryBlocks.Count, width = outputs.Length / count;
        Span<byte> estimate = stackalloc byte[PrimaryBlocks.Count];
        long right = 0, squares = 0;
        for (int n = 0; n < count; n++)
        {
            ReadOnlySpan<float> own = outputs.Slice(n * width, width);
            bool rounded = width == PrimaryBlocks.Count;
            if (!rounded)
                PrimaryBlocks.Decode(own, estimate);
            for (int k = 0; k < PrimaryBlocks.Count; k++)
            {
                long error = (rounded ? RegressionLoss.Step(own[k]) : estimate[k]) - steps[n * PrimaryBlocks.Count + k];
                right += error == 0 ? 1 : 0;
                squares += error * error;
            }
        }
        return ((double)right / steps.Length, (double)squares / steps.Length);
    }

    /// <summary>Share of the windows with a first grid whose most probable phase is the true one; 0 where none has.</summary>
    /// <param name="posterior">[n,64].</param>
    /// <param name="phases">[n], 0..63 or no phase.</param>
    public static double PhaseFound(ReadOnlySpan<float> posterior, ReadOnlySpan<byte> phases)
    {
        int found = 0, known = 0;
        for (int n = 0; n < phases.Length; n++)
        {
            if (phases[n] == DoubleJpegGenerator.NoPhase)
                continue;
            known++;
            ReadOnlySpan<float> own = posterior.Slice(64 * n, 64);
            int best = 0;
            for (int p = 1; p < 64; p++)
            {
                if (own[p] > own[best])
                    best = p;
            }
            found += best == phases[n] ? 1 : 0;
        }
        return known == 0 ? 0 : (double)found / known;
    }
}
