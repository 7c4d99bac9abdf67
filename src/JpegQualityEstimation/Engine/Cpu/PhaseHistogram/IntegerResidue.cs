using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// IntegerResidue: how far the 64 coefficients of the 8x8 block at every position are from integers:
//   residue = sum of f(r), r = x - round(x), f(r) = r^2 - 2 r^4
// f is the least polynomial in r^2 that is level at r = 1/2; it stands for -cos(2 pi r), the score of a weak comb. Uniform
// r: mean 7/120, variance 0.0019048.
//   Level       row = (luma - 128) / 8, so that both passes together give x
//   Sum         rows y .. y + 7 of partial transforms [8, pitch] (SlidingDct8x8.Horizontal) -> residue [positions]
// Lanes run along x and never meet: equal bits in every width. Whole vectors are read and written.

/// <summary>Distances from integers, in one vector width.</summary>
abstract unsafe class IntegerResidueOps
{
    public abstract void Level(float* luma, int width, float* row);

    public abstract void Horizontal(float* row, SlidingDctPlan plan, int positions, float* transforms, int pitch);

    public abstract void Sum(float** rows, int pitch, SlidingDctPlan plan, int positions, float* residue);

    public static IntegerResidueOps For(CpuKernelSet set) => set switch
    {
        CpuKernelSet.Vector512 => new CpuIntegerResidueOps<Vector512<float>, Simd512, PhaseSimd512>(),
        CpuKernelSet.Vector256 => new CpuIntegerResidueOps<Vector256<float>, Simd256, PhaseSimd256>(),
        CpuKernelSet.Vector128 => new CpuIntegerResidueOps<Vector128<float>, Simd128, PhaseSimd128>(),
        _ => new CpuIntegerResidueOps<float, SimdScalar, PhaseSimdScalar>(),
    };
}

sealed unsafe class CpuIntegerResidueOps<TVector, TSimd, TPhase> : IntegerResidueOps
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
    where TPhase : struct, IPhaseSimd<TVector>
{
    public override void Level(float* luma, int width, float* row) => IntegerResidue<TVector, TSimd>.Level(luma, width, row);

    public override void Horizontal(float* row, SlidingDctPlan plan, int positions, float* transforms, int pitch) =>
        SlidingDct8x8<TVector, TSimd, TPhase>.Horizontal(row, plan, positions, transforms, pitch);

    public override void Sum(float** rows, int pitch, SlidingDctPlan plan, int positions, float* residue) =>
        IntegerResidue<TVector, TSimd>.Sum(rows, pitch, plan, positions, residue);
}

static unsafe class IntegerResidue<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    // 1.5 * 2^23: what is added to it is rounded to the nearest integer, of two equally near ones the even.
    const float Rounder = 12582912;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Level(float* luma, int width, float* row)
    {
        TVector middle = TSimd.Broadcast(-16), eighth = TSimd.Broadcast(0.125f);
        for (int x = 0; x < width; x += TSimd.Count)
            TSimd.Store(row + x, TSimd.MultiplyAdd(TSimd.Load(luma + x), eighth, middle));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(float** rows, int pitch, SlidingDctPlan plan, int positions, float* residue)
    {
        float* basis = plan.Pointer;
        for (int u = 0; u < 8; u++)
        {
            for (int x = 0; x < positions; x += TSimd.Count)
            {
                int at = u * pitch + x;
                Mirror(rows[0] + at, rows[7] + at, out TVector s0, out TVector d0);
                Mirror(rows[1] + at, rows[6] + at, out TVector s1, out TVector d1);
                Mirror(rows[2] + at, rows[5] + at, out TVector s2, out TVector d2);
                Mirror(rows[3] + at, rows[4] + at, out TVector s3, out TVector d3);
                TVector r0 = Rest(basis, s0, s1, s2, s3);
                TVector r1 = Rest(basis + 4, d0, d1, d2, d3);
                TVector r2 = Rest(basis + 8, s0, s1, s2, s3);
                TVector r3 = Rest(basis + 12, d0, d1, d2, d3);
                TVector q0 = TSimd.Multiply(r0, r0), q1 = TSimd.Multiply(r1, r1), q2 = TSimd.Multiply(r2, r2), q3 = TSimd.Multiply(r3, r3);
                TVector even = TSimd.Add(q0, q2), odd = TSimd.Add(q1, q3);
                TVector evenFourths = TSimd.MultiplyAdd(q2, q2, TSimd.Multiply(q0, q0));
                TVector oddFourths = TSimd.MultiplyAdd(q3, q3, TSimd.Multiply(q1, q1));
                r0 = Rest(basis + 16, s0, s1, s2, s3);
                r1 = Rest(basis + 20, d0, d1, d2, d3);
                r2 = Rest(basis + 24, s0, s1, s2, s3);
                r3 = Rest(basis + 28, d0, d1, d2, d3);
                q0 = TSimd.Multiply(r0, r0);
                q1 = TSimd.Multiply(r1, r1);
                q2 = TSimd.Multiply(r2, r2);
                q3 = TSimd.Multiply(r3, r3);
                even = TSimd.Add(even, TSimd.Add(q0, q2));
                odd = TSimd.Add(odd, TSimd.Add(q1, q3));
                evenFourths = TSimd.MultiplyAdd(q2, q2, TSimd.MultiplyAdd(q0, q0, evenFourths));
                oddFourths = TSimd.MultiplyAdd(q3, q3, TSimd.MultiplyAdd(q1, q1, oddFourths));
                TVector sum = TSimd.MultiplyAdd(TSimd.Add(evenFourths, oddFourths), TSimd.Broadcast(-2), TSimd.Add(even, odd));
                TSimd.Store(residue + x, u == 0 ? sum : TSimd.Add(TSimd.Load(residue + x), sum));
            }
        }
    }

    // x - round(x) of one coefficient.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Rest(float* basis, TVector a, TVector b, TVector c, TVector d)
    {
        TVector x = TSimd.Multiply(a, TSimd.Broadcast(basis[0]));
        x = TSimd.MultiplyAdd(b, TSimd.Broadcast(basis[1]), x);
        x = TSimd.MultiplyAdd(c, TSimd.Broadcast(basis[2]), x);
        x = TSimd.MultiplyAdd(d, TSimd.Broadcast(basis[3]), x);
        TVector rounder = TSimd.Broadcast(Rounder);
        return TSimd.Subtract(x, TSimd.Subtract(TSimd.Add(x, rounder), rounder));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Mirror(float* near, float* far, out TVector sum, out TVector difference)
    {
        TVector a = TSimd.Load(near);
        TVector b = TSimd.Load(far);
        sum = TSimd.Add(a, b);
        difference = TSimd.Subtract(a, b);
    }
}
