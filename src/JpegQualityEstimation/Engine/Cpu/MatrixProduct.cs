using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu;

// MatrixProduct: out[i,j] = e( initial[i,j] + sum over t of a[i,t] * b[t,j] ), contract in MatrixProductArguments.
// A block of 8 (4 where there are 16 registers) rows by one to three vectors of columns stays in registers over all
// terms; b is read as it lies, so a product with few columns needs no packing, and either stride of a may be 1, so
// that a transposed left factor is the same kernel. The terms of one output are always added in the order of t after
// the initial value: neither the block nor the vector width changes a bit of the result.
// Where a product moves more than it multiplies, what it moves is asked for: with four rows each b is read for itself, with few terms
// the sums are read and written.
static unsafe class MatrixProduct<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int LineBytes = 64;

    // Of b with four rows.
    const int TermsAhead = 64;

    // Of the output where there are at most so many terms.
    const int RowsAhead = 16;
    const int FewTerms = 32;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TEpilogue>(in MatrixProductArguments m)
        where TEpilogue : struct, IMatrixEpilogue
    {
        int vectors = m.Columns / TSimd.Count;
        for (int j = 0; j < vectors;)
        {
            int left = vectors - j;
            int block = left == 4 ? 2 : Math.Min(left, 3);
            if (block == 3)
                Strip<Three, TEpilogue>(m, j * TSimd.Count);
            else if (block == 2)
                Strip<Two, TEpilogue>(m, j * TSimd.Count);
            else
                Strip<One, TEpilogue>(m, j * TSimd.Count);
            j += block;
        }
    }

    static void Strip<TColumns, TEpilogue>(in MatrixProductArguments m, int column)
        where TColumns : struct, IConstant
        where TEpilogue : struct, IMatrixEpilogue
    {
        int i = 0;
        if (TSimd.HasThirtyTwoRegisters)
        {
            for (; i <= m.Rows - 8; i += 8)
                Block<Eight, TColumns, TEpilogue>.Run(m, i, column);
        }
        for (; i <= m.Rows - 4; i += 4)
            Block<Four, TColumns, TEpilogue>.Run(m, i, column);
        for (; i < m.Rows; i++)
            Block<One, TColumns, TEpilogue>.Run(m, i, column);
    }

    static class Block<TRows, TColumns, TEpilogue>
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
        where TEpilogue : struct, IMatrixEpilogue
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run(in MatrixProductArguments m, int row, int column)
        {
            // Where nothing is expected, a line that is read anyway. A call further down would push sums out of registers.
            byte* ahead = (byte*)m.B;
            nint aheadStep = 0;
            if (TRows.Value > 1 && m.Ahead is { } expected)
                ahead = expected.Take(m.Terms, ahead, out aheadStep);
            else if (TRows.Value == 4 && TSimd.HasThirtyTwoRegisters)
            {
                ahead = (byte*)(m.B + column + TermsAhead * m.BTerm);
                aheadStep = m.BTerm * sizeof(float);
            }
            if (TRows.Value == 8 && m.Terms <= FewTerms && Sse.IsSupported)
            {
                float* next = m.Output + (row + RowsAhead) * m.OutputRow + column;
                for (int i = 0; i < 8; i++, next += m.OutputRow)
                {
                    Sse.Prefetch1(next);
                    if (TColumns.Value > 1)
                        Sse.Prefetch1(next + TSimd.Count);
                    if (TColumns.Value > 2)
                        Sse.Prefetch1(next + 2 * TSimd.Count);
                }
            }
            TVector a0, a1, a2, a3, a4, a5, a6, a7;
            TVector b0, b1, b2, b3, b4, b5, b6, b7;
            TVector c0, c1, c2, c3, c4, c5, c6, c7;
            a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = TSimd.Zero;
            b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = TSimd.Zero;
            c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = TSimd.Zero;
            nint aRow = m.ARow, aTerm = m.ATerm, bTerm = m.BTerm, twice = 2 * aRow;
            float* initial = m.Initial + row * m.InitialRow + column;
            nint initialRow = m.InitialRow;
            Start(initial + 0 * initialRow, ref a0, ref b0, ref c0);
            if (initialRow == 0)
            {
                // Moves of registers take no time; loads share the first-level cache with the stores of the block before.
                a1 = a2 = a3 = a4 = a5 = a6 = a7 = a0;
                b1 = b2 = b3 = b4 = b5 = b6 = b7 = b0;
                c1 = c2 = c3 = c4 = c5 = c6 = c7 = c0;
            }
            else
            {
                if (TRows.Value > 1)
                {
                    Start(initial + 1 * initialRow, ref a1, ref b1, ref c1);
                    Start(initial + 2 * initialRow, ref a2, ref b2, ref c2);
                    Start(initial + 3 * initialRow, ref a3, ref b3, ref c3);
                }
                if (TRows.Value > 4)
                {
                    Start(initial + 4 * initialRow, ref a4, ref b4, ref c4);
                    Start(initial + 5 * initialRow, ref a5, ref b5, ref c5);
                    Start(initial + 6 * initialRow, ref a6, ref b6, ref c6);
                    Start(initial + 7 * initialRow, ref a7, ref b7, ref c7);
                }
            }
            float* p0 = m.A + row * aRow;
            float* p3 = p0 + 3 * aRow;
            float* p6 = p3 + 3 * aRow;
            float* q = m.B + column;
            for (int t = m.Terms; t > 0; t--)
            {
                TVector u = TSimd.Load(q);
                TVector v = TColumns.Value > 1 ? TSimd.Load(q + TSimd.Count) : u;
                TVector w = TColumns.Value > 2 ? TSimd.Load(q + 2 * TSimd.Count) : u;
                Step(p0[0], u, v, w, ref a0, ref b0, ref c0);
                if (TRows.Value > 1)
                {
                    Step(p0[aRow], u, v, w, ref a1, ref b1, ref c1);
                    Step(p0[twice], u, v, w, ref a2, ref b2, ref c2);
                    Step(p3[0], u, v, w, ref a3, ref b3, ref c3);
                }
                if (TRows.Value > 4)
                {
                    Step(p3[aRow], u, v, w, ref a4, ref b4, ref c4);
                    Step(p3[twice], u, v, w, ref a5, ref b5, ref c5);
                    Step(p6[0], u, v, w, ref a6, ref b6, ref c6);
                    Step(p6[aRow], u, v, w, ref a7, ref b7, ref c7);
                }
                if (TRows.Value > 1 && Sse.IsSupported)
                {
                    if (TRows.Value == 4 && TSimd.HasThirtyTwoRegisters)
                    {
                        Sse.Prefetch0(ahead);
                        if (TColumns.Value > 1)
                            Sse.Prefetch0(ahead + LineBytes);
                        if (TColumns.Value > 2)
                            Sse.Prefetch0(ahead + 2 * LineBytes);
                    }
                    else
                        Sse.Prefetch1(ahead);
                    ahead += aheadStep;
                }
                p0 += aTerm;
                p3 += aTerm;
                p6 += aTerm;
                q += bTerm;
            }
            nint outputRow = m.OutputRow;
            float* output = m.Output + row * outputRow + column;
            float* gate = m.Gate + row * outputRow + column;
            Finish(output + 0 * outputRow, gate + 0 * outputRow, a0, b0, c0);
            if (TRows.Value > 1)
            {
                Finish(output + 1 * outputRow, gate + 1 * outputRow, a1, b1, c1);
                Finish(output + 2 * outputRow, gate + 2 * outputRow, a2, b2, c2);
                Finish(output + 3 * outputRow, gate + 3 * outputRow, a3, b3, c3);
            }
            if (TRows.Value > 4)
            {
                Finish(output + 4 * outputRow, gate + 4 * outputRow, a4, b4, c4);
                Finish(output + 5 * outputRow, gate + 5 * outputRow, a5, b5, c5);
                Finish(output + 6 * outputRow, gate + 6 * outputRow, a6, b6, c6);
                Finish(output + 7 * outputRow, gate + 7 * outputRow, a7, b7, c7);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Start(float* initial, ref TVector a, ref TVector b, ref TVector c)
        {
            a = TSimd.Load(initial);
            if (TColumns.Value > 1)
                b = TSimd.Load(initial + TSimd.Count);
            if (TColumns.Value > 2)
                c = TSimd.Load(initial + 2 * TSimd.Count);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Step(float value, TVector u, TVector v, TVector w, ref TVector a, ref TVector b, ref TVector c)
        {
            TVector i = TSimd.Broadcast(value);
            a = TSimd.MultiplyAdd(i, u, a);
            if (TColumns.Value > 1)
                b = TSimd.MultiplyAdd(i, v, b);
            if (TColumns.Value > 2)
                c = TSimd.MultiplyAdd(i, w, c);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Finish(float* output, float* gate, TVector a, TVector b, TVector c)
        {
            Store(output, gate, a);
            if (TColumns.Value > 1)
                Store(output + TSimd.Count, gate + TSimd.Count, b);
            if (TColumns.Value > 2)
                Store(output + 2 * TSimd.Count, gate + 2 * TSimd.Count, c);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Store(float* output, float* gate, TVector value)
        {
            if (TEpilogue.Kind == MatrixEpilogue.Rectify)
                value = TSimd.ClampNegative(value);
            else if (TEpilogue.Kind == MatrixEpilogue.Gate)
                value = TSimd.Gate(value, TSimd.Load(gate));
            TSimd.Store(output, value);
        }
    }
}
