using System.Numerics;
using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Findings;

// ResidueRows: columns of a picture, sample rows in from the top; once eight are in, each gives a row of block positions:
// how far the coefficients of the block are from integers (IntegerResidue), and 1 where it counts (BlockTexture), else 0.
// Equal bits in every vector width. Not thread-safe.
sealed unsafe class ResidueRows
{
    /// <summary>Positions of a row, at most.</summary>
    public const int MaxPositions = 512;

    // A vector of slack behind the samples.
    const int Pitch = MaxPositions + 64;

    static readonly SlidingDctPlan plan = new(64);
    static readonly IntegerResidueOps ops = IntegerResidueOps.For(CpuKernelSets.Chosen);

    readonly BlockTexture texture = new(MaxPositions);
    readonly AlignedFloats samples = new(Pitch);
    readonly AlignedFloats ring = new(8L * 8 * Pitch);
    readonly AlignedFloats residues = new(Pitch);
    readonly AlignedFloats counts = new(Pitch);

    /// <summary>Of the last row of positions; up to seven more values are zeros.</summary>
    public float* Residues => residues.Pointer;

    /// <summary>Of the last row of positions: 1 or 0; up to seven more values are zeros.</summary>
    public float* Counts => counts.Pointer;

    /// <summary>Takes in columns x .. x + positions + 6 of a row; rows come one after another, the n-th (from 0) with this n.</summary>
    /// <returns>Whether there is a row of positions: that of sample rows y - 7 .. y.</returns>
    public bool Row(PixelView picture, int n, int y, int x, int positions)
    {
        int width = positions + 7;
        texture.Row(picture, n, y, x, samples.Span[..width]);
        ops.Level(samples.Pointer, width, samples.Pointer);
        ops.Horizontal(samples.Pointer, plan, positions, ring.Pointer + (n & 7) * 8 * Pitch, Pitch);
        if (n < 7)
            return false;
        float** rows = stackalloc float*[8];
        for (int i = 0; i < 8; i++)
            rows[i] = ring.Pointer + ((n + 1 + i) & 7) * 8 * Pitch;
        ops.Sum(rows, Pitch, plan, positions, residues.Pointer);
        texture.Count(n, positions);
        ToFloats(texture.Usable(positions));
        for (int i = positions; i < positions + 7; i++)
            residues.Pointer[i] = counts.Pointer[i] = 0;
        GC.KeepAlive(this);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ToFloats(ReadOnlySpan<short> usable)
    {
        int i = 0;
        float* to = counts.Pointer;
        for (; i <= usable.Length - Vector<short>.Count; i += Vector<short>.Count)
        {
            Vector.Widen(new Vector<short>(usable[i..]), out Vector<int> low, out Vector<int> high);
            Vector.Store(Vector.ConvertToSingle(low), to + i);
            Vector.Store(Vector.ConvertToSingle(high), to + i + Vector<int>.Count);
        }
        for (; i < usable.Length; i++)
            to[i] = usable[i];
    }
}
