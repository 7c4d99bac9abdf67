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
        float* basis = plan.Pointer;
        for (int u = 0; u < 8; u++)
        {
            SlidingDctPlan.Column column = plan.Columns[u];
            if (!column.IsNeeded)
                continue;
            for (int x = 0; x < positions; x += TSimd.Count)
            {
                int at = u * pitch + x;
                Mirror(rows[0] + at, rows[7] + at, out TVector s0, out TVector d0);
                Mirror(rows[1] + at, rows[6] + at, out TVector s1, out TVector d1);
                Mirror(rows[2] + at, rows[5] + at, out TVector s2, out TVector d2);
                Mirror(rows[3] + at, rows[4] + at, out TVector s3, out TVector d3);
                foreach (SlidingDctPlan.Term term in column.Even)
                    TPhase.StoreIndexes(Combine(basis + 4 * term.Vertical, s0, s1, s2, s3), scale, indexes + term.ZigZagIndex * plane + x);
                foreach (SlidingDctPlan.Term term in column.Odd)
                    TPhase.StoreIndexes(Combine(basis + 4 * term.Vertical, d0, d1, d2, d3), scale, indexes + term.ZigZagIndex * plane + x);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Mirror(float* near, float* far, out TVector sum, out TVector difference)
    {
        TVector a = TSimd.Load(near);
        TVector b = TSimd.Load(far);
        sum = TSimd.Add(a, b);
        difference = TSimd.MultiplyAdd(b, TSimd.Broadcast(-1), a);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Combine(float* basis, TVector a, TVector b, TVector c, TVector d)
    {
        TVector sum = TSimd.Multiply(a, TSimd.Broadcast(basis[0]));
        sum = TSimd.MultiplyAdd(b, TSimd.Broadcast(basis[1]), sum);
        sum = TSimd.MultiplyAdd(c, TSimd.Broadcast(basis[2]), sum);
        return TSimd.MultiplyAdd(d, TSimd.Broadcast(basis[3]), sum);
    }
}
