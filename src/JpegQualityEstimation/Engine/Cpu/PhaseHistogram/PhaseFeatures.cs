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

// PhaseFeatures: the tallies of one coefficient as the network reads them.
//   share[p,b] = counts[p,b] / blocks[p];   m[p,q] = sums[p,q] / (CombScale * blocks[p]);   _all: over all phases
//   overall  [F]      sqrt(share_all[b]), m_all[q]
//   evidence [64, F]  4 (sqrt(share[p,b]) - sqrt(share_all[b])), 4 (m[p,q] - m_all[q])
// Lanes never meet: equal bits in every width. Of a phase with few blocks, as those of 64x64 windows, the shares are few numbers,
// whose roots are kept.
static unsafe class PhaseFeatures<TVector, TSimd, TPhase>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
    where TPhase : struct, IPhaseSimd<TVector>
{
    const float Contrast = 4;
    const int Few = 64;

    static readonly AlignedFloats Roots = FewRoots();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(FeatureShape shape, int* counts, int* sums, int* blocks, float* scratch, float* evidence, float* overall)
    {
        int features = shape.Features;
        int* totalCounts = (int*)scratch;
        int* totalSums = totalCounts + shape.CountRow;
        float* offset = scratch + shape.CountRow + shape.SumRow;
        float* row = offset + shape.Padded;
        Total(counts, shape.CountRow, totalCounts);
        Total(sums, shape.SumRow, totalSums);
        int positions = 0;
        for (int p = 0; p < PhaseEvidenceOptions.Phases; p++)
            positions += blocks[p];

        new Span<float>(offset, shape.Padded).Clear();
        Row(shape, totalCounts, totalSums, positions, 1, offset, row, null);
        new Span<float>(row, features).CopyTo(new Span<float>(overall, features));
        for (int i = 0; i < features; i++)
            offset[i] = -Contrast * row[i];
        float* roots = Roots.Pointer;
        bool pairs = TPhase.PairsRows(shape) && ((nint)evidence & 63) == 0;
        for (int p = 0; p < PhaseEvidenceOptions.Phases; p++)
        {
            if (pairs && (p & 1) == 0 && blocks[p] < Few && blocks[p + 1] < Few)
            {
                Pair(counts + p * shape.CountRow, sums + p * shape.SumRow, blocks[p], blocks[p + 1], roots, offset, evidence + p * features);
                p++;
                continue;
            }
            // Vectors write past the phase, into those that follow; the last ones have nothing to write into.
            bool whole = (PhaseEvidenceOptions.Phases - p) * features >= shape.Padded;
            float* output = whole ? evidence + p * features : row;
            Row(shape, counts + p * shape.CountRow, sums + p * shape.SumRow, blocks[p], Contrast, offset, output,
                blocks[p] < Few ? roots + blocks[p] * Few : null);
            if (!whole)
                new Span<float>(row, features).CopyTo(new Span<float>(evidence + p * features, features));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Row(FeatureShape shape, int* counts, int* sums, int blocks, float gain, float* offset, float* output, float* roots)
    {
        TVector scale = TSimd.Broadcast(gain);
        TVector share = TSimd.Broadcast(1f / blocks);
        for (int i = 0; i < shape.Bins; i += TSimd.Count)
        {
            TVector root = roots != null
                ? TPhase.RootShare(counts + i, share, roots)
                : TPhase.SquareRoot(TSimd.Multiply(TPhase.LoadIntegers(counts + i), share));
            TSimd.Store(output + i, TSimd.MultiplyAdd(root, scale, TSimd.Load(offset + i)));
        }
        TVector mean = TSimd.Broadcast(1f / ((float)PhaseTables.CombScale * blocks));
        offset += shape.Bins;
        output += shape.Bins;
        for (int i = 0; i < shape.Periods; i += TSimd.Count)
        {
            TVector m = TSimd.Multiply(TPhase.LoadIntegers(sums + i), mean);
            TSimd.Store(output + i, TSimd.MultiplyAdd(m, scale, TSimd.Load(offset + i)));
        }
    }

    // Two rows of 32 bins and 24 periods, which together are whole lines of memory: a store across two lines costs as much as ten others.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Pair(int* counts, int* sums, int blocks, int nextBlocks, float* roots, float* offset, float* output)
    {
        Four(counts, sums, blocks, roots, offset, out TVector a0, out TVector a1, out TVector a2, out TVector a3);
        Four(counts + 32, sums + 32, nextBlocks, roots, offset, out TVector b0, out TVector b1, out TVector b2, out TVector b3);
        TSimd.Store(output, a0);
        TSimd.Store(output + 16, a1);
        TSimd.Store(output + 32, a2);
        TSimd.Store(output + 48, TPhase.Halves(a3, false, b0, false));
        TSimd.Store(output + 64, TPhase.Halves(b0, true, b1, false));
        TSimd.Store(output + 80, TPhase.Halves(b1, true, b2, false));
        TSimd.Store(output + 96, TPhase.Halves(b2, true, b3, false));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Four(int* counts, int* sums, int blocks, float* roots, float* offset, out TVector bins, out TVector nextBins, out TVector periods, out TVector nextPeriods)
    {
        TVector scale = TSimd.Broadcast(Contrast), share = TSimd.Broadcast(1f / blocks);
        TVector mean = TSimd.Broadcast(1f / ((float)PhaseTables.CombScale * blocks));
        roots += blocks * Few;
        bins = TSimd.MultiplyAdd(TPhase.RootShare(counts, share, roots), scale, TSimd.Load(offset));
        nextBins = TSimd.MultiplyAdd(TPhase.RootShare(counts + 16, share, roots), scale, TSimd.Load(offset + 16));
        periods = TSimd.MultiplyAdd(TSimd.Multiply(TPhase.LoadIntegers(sums), mean), scale, TSimd.Load(offset + 32));
        nextPeriods = TSimd.MultiplyAdd(TSimd.Multiply(TPhase.LoadIntegers(sums + 16), mean), scale, TSimd.Load(offset + 48));
    }

    // [blocks, count]
    static AlignedFloats FewRoots()
    {
        var roots = new AlignedFloats(Few * Few);
        for (int blocks = 1; blocks < Few; blocks++)
            for (int count = 0; count < Few; count++)
                roots.Span[blocks * Few + count] = MathF.Sqrt(count * (1f / blocks));
        return roots;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Total(int* tallies, int length, int* total)
    {
        for (int i = 0; i < length; i += TSimd.Count)
            TPhase.TotalIntegers(tallies + i, length, PhaseEvidenceOptions.Phases, total + i);
    }
}
