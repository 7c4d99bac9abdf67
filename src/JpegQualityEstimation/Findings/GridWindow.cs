using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Findings;

// GridWindow: one window's sums of residues and blocks at the 64 phases -> the phase that stands out from the others.
//   d[p] = (M N[p] - S[p]) / sqrt(N[p]), M the mean residue of a block of the other phases
//   z = d[best] / deviation of the others' d
// Where nothing is quantized phases are exchangeable, so that mean and deviation are the window's own; a deviation below
// Least is of content that has few values, and not believed. Equal bits everywhere: plain sums in one order.

/// <param name="Phase">8 * row + column of a block corner, modulo 8.</param>
/// <param name="Score">Its z; 0 where the window has too few blocks.</param>
/// <param name="Mean">Residue of a block of the other phases.</param>
/// <param name="Deviation">Of a block; 0 where the window has too few blocks.</param>
/// <param name="Best">Residue of a block of this phase.</param>
readonly record struct GridWindow(byte Phase, float Score, float Mean, float Deviation, float Best)
{
    /// <summary>Blocks of a phase, on the average, at least.</summary>
    public const int FewestBlocks = 4;

    // 0.0019048 * 64 is the variance of independent uniform phases; blocks of integers have a little less.
    const float Least = 0.3f;

    const int Phases = GridOrigin.Count;

    public bool IsKnown => Deviation > 0;

    /// <param name="residues">[64] sums.</param>
    /// <param name="blocks">[64] whole numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static GridWindow Of(ReadOnlySpan<float> residues, ReadOnlySpan<float> blocks)
    {
        float sum = 0, count = 0;
        for (int p = 0; p < Phases; p++)
        {
            sum += residues[p];
            count += blocks[p];
        }
        if (count < FewestBlocks * Phases)
            return default;
        float mean = sum / count, most = float.NegativeInfinity;
        int best = 0;
        for (int p = 0; p < Phases; p++)
        {
            if (blocks[p] == 0)
                continue;
            float d = (mean * blocks[p] - residues[p]) / MathF.Sqrt(blocks[p]);
            if (d > most)
                (best, most) = (p, d);
        }
        mean = (sum - residues[best]) / (count - blocks[best]);
        float squares = 0;
        int others = 0;
        for (int p = 0; p < Phases; p++)
        {
            if (p == best || blocks[p] == 0)
                continue;
            float d = mean * blocks[p] - residues[p];
            squares += d * d / blocks[p];
            others++;
        }
        float deviation = MathF.Max(Least, MathF.Sqrt(squares / Math.Max(1, others - 1)));
        float score = (mean * blocks[best] - residues[best]) / MathF.Sqrt(blocks[best]) / deviation;
        return new GridWindow((byte)best, score, mean, deviation, residues[best] / blocks[best]);
    }
}
