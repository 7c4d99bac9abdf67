using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// SlidingDct8x8: 8 x orthonormal DCT-II of the 8x8 block that starts at every position, as rows of PhaseTables.
//   Horizontal  row [positions + 7] -> transforms [8, pitch]: the 8 partial transforms of one sample row
//   Vertical    rows y .. y + 7 of these -> indexes [coefficients, plane] at this row of positions
// Lanes run along x and never meet: equal bits in every width. Whole vectors are read and written: rows carry a
// vector of slack. DCT: ITU-T T.81 A.3.3.
static unsafe class SlidingDct8x8<TVector, TSimd, TPhase>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
    where TPhase : struct, IPhaseSimd<TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Level(float* luma, int width, float* row)
    {
        TVector middle = TSimd.Broadcast(-128);
        int x = 0;
        for (; x <= width - TSimd.Count; x += TSimd.Count)
            TSimd.Store(row + x, TSimd.Add(TSimd.Load(luma + x), middle));
        for (; x < width; x++)
            row[x] = luma[x] - 128;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Horizontal(float* row, SlidingDctPlan plan, int positions, float* transforms, int pitch)
    {
        float* basis = plan.Pointer;
        SlidingDctPlan.Column[] columns = plan.Columns;
        for (int x = 0; x < positions; x += TSimd.Count)
        {
            Mirror(row + x, row + x + 7, out TVector s0, out TVector d0);
            Mirror(row + x + 1, row + x + 6, out TVector s1, out TVector d1);
            Mirror(row + x + 2, row + x + 5, out TVector s2, out TVector d2);
            Mirror(row + x + 3, row + x + 4, out TVector s3, out TVector d3);
            for (int u = 0; u < 8; u += 2)
                if (columns[u].IsNeeded)
                    TSimd.Store(transforms + u * pitch + x, Combine(basis + 4 * u, s0, s1, s2, s3));
            for (int u = 1; u < 8; u += 2)
                if (columns[u].IsNeeded)
                    TSimd.Store(transforms + u * pitch + x, Combine(basis + 4 * u, d0, d1, d2, d3));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Vertical(float** rows, int pitch, SlidingDctPlan plan, int positions, in CodeScale scale, ushort* indexes, int plane)
    {
        for (int u = 0; u < 8; u++)
        {
            SlidingDctPlan.Column column = plan.Columns[u];
            Terms<None>(rows, u * pitch, plan.Pointer, column.Even, positions, scale, indexes, plane);
            Terms<One>(rows, u * pitch, plan.Pointer, column.Odd, positions, scale, indexes, plane);
        }
    }

    static void Terms<TOdd>(float** rows, int at, float* basis, SlidingDctPlan.Term[] terms, int positions, in CodeScale scale, ushort* indexes, int plane)
        where TOdd : struct, IConstant
    {
        if (terms.Length == 4)
            Terms<Four, TOdd>(rows, at, basis, terms, positions, scale, indexes, plane);
        else if (terms.Length == 3)
            Terms<Three, TOdd>(rows, at, basis, terms, positions, scale, indexes, plane);
        else if (terms.Length == 2)
            Terms<Two, TOdd>(rows, at, basis, terms, positions, scale, indexes, plane);
        else if (terms.Length == 1)
            Terms<One, TOdd>(rows, at, basis, terms, positions, scale, indexes, plane);
    }

    // The coefficients of one horizontal frequency and parity, their basis in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Terms<TCount, TOdd>(float** rows, int at, float* basis, SlidingDctPlan.Term[] terms, int positions, in CodeScale scale, ushort* indexes, int plane)
        where TCount : struct, IConstant
        where TOdd : struct, IConstant
    {
        TVector binScale = TSimd.Broadcast(scale.BinScale), lastBin = TSimd.Broadcast(scale.LastBin);
        Basis(basis, terms, 0, out TVector a0, out TVector a1, out TVector a2, out TVector a3);
        Basis(basis, terms, Math.Min(1, TCount.Value - 1), out TVector b0, out TVector b1, out TVector b2, out TVector b3);
        Basis(basis, terms, Math.Min(2, TCount.Value - 1), out TVector c0, out TVector c1, out TVector c2, out TVector c3);
        Basis(basis, terms, TCount.Value - 1, out TVector d0, out TVector d1, out TVector d2, out TVector d3);
        ushort* a = indexes + terms[0].ZigZagIndex * plane;
        ushort* b = indexes + terms[Math.Min(1, TCount.Value - 1)].ZigZagIndex * plane;
        ushort* c = indexes + terms[Math.Min(2, TCount.Value - 1)].ZigZagIndex * plane;
        ushort* d = indexes + terms[TCount.Value - 1].ZigZagIndex * plane;
        float* r0 = rows[0] + at, r1 = rows[1] + at, r2 = rows[2] + at, r3 = rows[3] + at;
        float* r4 = rows[4] + at, r5 = rows[5] + at, r6 = rows[6] + at, r7 = rows[7] + at;
        for (nint x = 0; x < positions; x += TSimd.Count)
        {
            TVector m0 = Mirrored<TOdd>(r0 + x, r7 + x), m1 = Mirrored<TOdd>(r1 + x, r6 + x);
            TVector m2 = Mirrored<TOdd>(r2 + x, r5 + x), m3 = Mirrored<TOdd>(r3 + x, r4 + x);
            TPhase.StoreIndexes(Combine(a0, a1, a2, a3, m0, m1, m2, m3), binScale, lastBin, a + x);
            if (TCount.Value > 1)
                TPhase.StoreIndexes(Combine(b0, b1, b2, b3, m0, m1, m2, m3), binScale, lastBin, b + x);
            if (TCount.Value > 2)
                TPhase.StoreIndexes(Combine(c0, c1, c2, c3, m0, m1, m2, m3), binScale, lastBin, c + x);
            if (TCount.Value > 3)
                TPhase.StoreIndexes(Combine(d0, d1, d2, d3, m0, m1, m2, m3), binScale, lastBin, d + x);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Basis(float* basis, SlidingDctPlan.Term[] terms, int term, out TVector first, out TVector second, out TVector third, out TVector fourth)
    {
        basis += 4 * terms[term].Vertical;
        (first, second, third, fourth) = (TSimd.Broadcast(basis[0]), TSimd.Broadcast(basis[1]), TSimd.Broadcast(basis[2]), TSimd.Broadcast(basis[3]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Mirrored<TOdd>(float* near, float* far)
        where TOdd : struct, IConstant =>
        TOdd.Value == 0 ? TSimd.Add(TSimd.Load(near), TSimd.Load(far)) : TSimd.Subtract(TSimd.Load(near), TSimd.Load(far));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Mirror(float* near, float* far, out TVector sum, out TVector difference)
    {
        TVector a = TSimd.Load(near);
        TVector b = TSimd.Load(far);
        sum = TSimd.Add(a, b);
        difference = TSimd.Subtract(a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Combine(float* basis, TVector a, TVector b, TVector c, TVector d) =>
        Combine(TSimd.Broadcast(basis[0]), TSimd.Broadcast(basis[1]), TSimd.Broadcast(basis[2]), TSimd.Broadcast(basis[3]), a, b, c, d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Combine(TVector first, TVector second, TVector third, TVector fourth, TVector a, TVector b, TVector c, TVector d)
    {
        TVector sum = TSimd.Multiply(a, first);
        sum = TSimd.MultiplyAdd(b, second, sum);
        sum = TSimd.MultiplyAdd(c, third, sum);
        return TSimd.MultiplyAdd(d, fourth, sum);
    }
}
