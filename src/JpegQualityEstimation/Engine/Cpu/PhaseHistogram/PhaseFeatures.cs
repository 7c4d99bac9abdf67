using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

/// <summary>Sizes of the features and tallies of one coefficient.</summary>
readonly record struct FeatureShape(int Bins, int Periods)
{
    /// <summary>Counts of a phase, and some that stay 0.</summary>
    public int CountRow => Bins + 31 & ~31;

    /// <summary>Sums of a phase, and some that nobody reads.</summary>
    public int SumRow => Periods + 15 & ~15;

    public int Features => Bins + Periods;

    /// <summary>Features and a vector's slack.</summary>
    public int Padded => Features + 16;

    /// <summary>Floats that <see cref="PhaseFeatures{TVector, TSimd, TPhase}"/> needs beside its input and output.</summary>
    public int ScratchLength => 2 * (CountRow + SumRow + Padded);
}

/// <summary>What a count and a sum of one phase are multiplied with, [2,64]: a division takes as long as a phase's roots.</summary>
static class PhaseShares
{
    public const int Length = 2 * PhaseEvidenceOptions.Phases;

    public static float OfCount(int positions) => 1f / positions;

    public static float OfSum(int positions) => 1f / ((float)PhaseTables.CombScale * positions);
}

// PhaseFeatures: the tallies of one coefficient as the network reads them.
//   share[p,b] = counts[p,b] / blocks[p];   m[p,q] = sums[p,q] / (CombScale * blocks[p]);   _all: over all phases
//   overall  [F]      sqrt(share_all[b]), m_all[q]
//   evidence [64, F]  4 (sqrt(share[p,b]) - sqrt(share_all[b])), 4 (m[p,q] - m_all[q])
// Lanes never meet: equal bits in every width.
static unsafe class PhaseFeatures<TVector, TSimd, TPhase>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
    where TPhase : struct, IPhaseSimd<TVector>
{
    const float Contrast = 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(FeatureShape shape, int* counts, int* sums, int positions, float* shares, float* scratch, float* evidence, float* overall)
    {
        int features = shape.Features;
        int* totalCounts = (int*)scratch;
        int* totalSums = totalCounts + shape.CountRow;
        float* offset = scratch + shape.CountRow + shape.SumRow;
        float* row = offset + shape.Padded;
        Total(counts, shape.CountRow, totalCounts);
        Total(sums, shape.SumRow, totalSums);

        new Span<float>(offset, shape.Padded).Clear();
        Row(shape, totalCounts, totalSums, PhaseShares.OfCount(positions), PhaseShares.OfSum(positions), 1, offset, row);
        new Span<float>(row, features).CopyTo(new Span<float>(overall, features));
        for (int i = 0; i < features; i += TSimd.Count)
            TSimd.Store(offset + i, TSimd.Multiply(TSimd.Load(row + i), TSimd.Broadcast(-Contrast)));
        if (TPhase.IsLine && shape.Bins == 2 * TSimd.Count && 2 * shape.Periods == 3 * TSimd.Count)
        {
            Lines(shape, counts, sums, shares, offset, evidence);
            return;
        }
        for (int p = 0; p < PhaseEvidenceOptions.Phases; p++)
        {
            // Vectors write past the phase, into those that follow; the last ones have nothing to write into.
            bool whole = (PhaseEvidenceOptions.Phases - p) * features >= shape.Padded;
            float* output = whole ? evidence + p * features : row;
            Row(shape, counts + p * shape.CountRow, sums + p * shape.SumRow, shares[p], shares[PhaseEvidenceOptions.Phases + p], Contrast, offset, output);
            if (!whole)
                new Span<float>(row, features).CopyTo(new Span<float>(evidence + p * features, features));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Row(FeatureShape shape, int* counts, int* sums, float countShare, float sumShare, float gain, float* offset, float* output)
    {
        TVector scale = TSimd.Broadcast(gain);
        TVector share = TSimd.Broadcast(countShare);
        for (int i = 0; i < shape.Bins; i += TSimd.Count)
            TSimd.Store(output + i, Root(counts + i, share, scale, TSimd.Load(offset + i)));
        TVector mean = TSimd.Broadcast(sumShare);
        offset += shape.Bins;
        output += shape.Bins;
        for (int i = 0; i < shape.Periods; i += TSimd.Count)
            TSimd.Store(output + i, Mean(sums + i, mean, scale, TSimd.Load(offset + i)));
    }

    // Rows of three lines and a half: two of them are seven lines, so that nothing is stored across two.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Lines(FeatureShape shape, int* counts, int* sums, float* shares, float* offset, float* evidence)
    {
        int n = TSimd.Count;
        TVector scale = TSimd.Broadcast(Contrast);
        TVector first = TSimd.Load(offset), second = TSimd.Load(offset + n), third = TSimd.Load(offset + 2 * n), fourth = TSimd.Load(offset + 3 * n);
        for (int p = 0; p < PhaseEvidenceOptions.Phases; p += 2, evidence += 7 * n)
        {
            TVector share = TSimd.Broadcast(shares[p]), mean = TSimd.Broadcast(shares[PhaseEvidenceOptions.Phases + p]);
            TSimd.Store(evidence, Root(counts, share, scale, first));
            TSimd.Store(evidence + n, Root(counts + n, share, scale, second));
            TSimd.Store(evidence + 2 * n, Mean(sums, mean, scale, third));
            TVector rest = Mean(sums + n, mean, scale, fourth);
            counts += shape.CountRow;
            sums += shape.SumRow;
            share = TSimd.Broadcast(shares[p + 1]);
            mean = TSimd.Broadcast(shares[PhaseEvidenceOptions.Phases + p + 1]);
            TVector a = Root(counts, share, scale, first), b = Root(counts + n, share, scale, second), c = Mean(sums, mean, scale, third);
            TSimd.Store(evidence + 3 * n, TPhase.Lower(rest, a));
            TSimd.Store(evidence + 4 * n, TPhase.UpperLower(a, b));
            TSimd.Store(evidence + 5 * n, TPhase.UpperLower(b, c));
            TSimd.Store(evidence + 6 * n, TPhase.UpperLower(c, Mean(sums + n, mean, scale, fourth)));
            counts += shape.CountRow;
            sums += shape.SumRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Root(int* counts, TVector share, TVector scale, TVector offset) =>
        TSimd.MultiplyAdd(TPhase.SquareRoot(TSimd.Multiply(TPhase.LoadIntegers(counts), share)), scale, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Mean(int* sums, TVector mean, TVector scale, TVector offset) =>
        TSimd.MultiplyAdd(TSimd.Multiply(TPhase.LoadIntegers(sums), mean), scale, offset);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Total(int* tallies, int length, int* total)
    {
        for (int i = 0; i < length; i += TSimd.Count)
            TPhase.TotalIntegers(tallies + i, length, PhaseEvidenceOptions.Phases, total + i);
    }
}
