using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// Contract of the steps from luma rows to phase features; each is described where it is implemented. All of them give
// equal bits in every vector width.

/// <summary>Sliding DCT, tallies and features, in one vector width.</summary>
abstract unsafe class PhaseEvidenceOps
{
    /// <summary>row[width] = luma - 128.</summary>
    public abstract void Level(float* luma, int width, float* row);

    /// <summary>row[positions + 7] to the partial transforms [8, pitch].</summary>
    public abstract void Horizontal(float* row, SlidingDctPlan plan, int positions, float* transforms, int pitch);

    /// <summary>Eight rows of partial transforms to one row of table indexes [coefficients, plane].</summary>
    public abstract void Vertical(float** rows, int pitch, SlidingDctPlan plan, int positions, in CodeScale scale, ushort* indexes, int plane);

    /// <summary>Adds the entering positions to the tallies of one coefficient and takes the leaving ones out; fresh: to tallies of nothing.</summary>
    public abstract void Tally(in PositionTile entering, in PositionTile leaving, bool fresh, ushort* indexes, int pitch, PhaseTables tables, in FeatureShape shape, int* counts, int* sums);

    /// <summary>Tallies of one coefficient to evidence [64, F] and overall [F]; of so many positions, those of each phase as <see cref="PhaseShares"/>.</summary>
    public abstract void Features(FeatureShape shape, int* counts, int* sums, int positions, float* shares, float* scratch, float* evidence, float* overall);

    public static PhaseEvidenceOps For(CpuKernelSet set) => set switch
    {
        CpuKernelSet.Vector512 => new CpuPhaseEvidenceOps<Vector512<float>, Simd512, PhaseSimd512, Vector512<byte>, TallyLanes512>(),
        CpuKernelSet.Vector256 => new CpuPhaseEvidenceOps<Vector256<float>, Simd256, PhaseSimd256, Vector256<byte>, TallyLanes256>(),
        CpuKernelSet.Vector128 => new CpuPhaseEvidenceOps<Vector128<float>, Simd128, PhaseSimd128, Vector128<byte>, TallyLanes128>(),
        _ => new CpuPhaseEvidenceOps<float, SimdScalar, PhaseSimdScalar, Vector128<byte>, TallyLanes128>(),
    };
}

sealed unsafe class CpuPhaseEvidenceOps<TVector, TSimd, TPhase, TBytes, TLanes> : PhaseEvidenceOps
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
    where TPhase : struct, IPhaseSimd<TVector>
    where TBytes : struct
    where TLanes : struct, ITallyLanes<TBytes>
{
    public override void Level(float* luma, int width, float* row) =>
        SlidingDct8x8<TVector, TSimd, TPhase>.Level(luma, width, row);

    public override void Horizontal(float* row, SlidingDctPlan plan, int positions, float* transforms, int pitch) =>
        SlidingDct8x8<TVector, TSimd, TPhase>.Horizontal(row, plan, positions, transforms, pitch);

    public override void Vertical(float** rows, int pitch, SlidingDctPlan plan, int positions, in CodeScale scale, ushort* indexes, int plane) =>
        SlidingDct8x8<TVector, TSimd, TPhase>.Vertical(rows, pitch, plan, positions, scale, indexes, plane);

    public override void Tally(in PositionTile entering, in PositionTile leaving, bool fresh, ushort* indexes, int pitch, PhaseTables tables, in FeatureShape shape, int* counts, int* sums) =>
        PhaseTally<TBytes, TLanes>.Change(entering, leaving, fresh, indexes, pitch, tables, shape, counts, sums);

    public override void Features(FeatureShape shape, int* counts, int* sums, int positions, float* shares, float* scratch, float* evidence, float* overall) =>
        PhaseFeatures<TVector, TSimd, TPhase>.Compute(shape, counts, sums, positions, shares, scratch, evidence, overall);
}
