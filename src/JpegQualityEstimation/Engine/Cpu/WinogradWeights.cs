using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu;

// WinogradWeights: G g Gt of [3,3,c,k] weights and the adjoint for their gradient, 64 x 64, vectors along k.
//   packed  [36][k / block][64 c][block], block as WinogradConv3x3 reads it
// Of 36 rows side by side the processor does not foresee the next lines: they are asked for.
static unsafe class WinogradWeights<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int Channels = 64;
    const int Plane = Channels * Channels;
    const int LineFloats = 16;
    const int LinesAhead = 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transform(float* weights, float* packed)
    {
        float* t = stackalloc float[18 * 16];
        int block = WinogradConv3x3<TVector, TSimd>.Block;
        for (int c = 0; c < Channels; c++)
        {
            for (int k = 0; k < Channels; k += TSimd.Count)
            {
                float* from = weights + c * Channels + k;
                for (int s = 0; s < 3; s++)
                {
                    TVector g0 = TSimd.Load(from + s * Plane), g1 = TSimd.Load(from + (3 + s) * Plane), g2 = TSimd.Load(from + (6 + s) * Plane);
                    Winograd4x4<TVector, TSimd>.Weight(ref g0, ref g1, ref g2, out TVector g3, out TVector g4, out TVector g5);
                    Store(t + s * 16, 48, g0, g1, g2, g3, g4, g5);
                }
                float* to = packed + k / block * Channels * block + c * block + k % block;
                for (int i = 0; i < 6; i++)
                {
                    float* row = t + i * 48;
                    TVector g0 = TSimd.Load(row), g1 = TSimd.Load(row + 16), g2 = TSimd.Load(row + 32);
                    Winograd4x4<TVector, TSimd>.Weight(ref g0, ref g1, ref g2, out TVector g3, out TVector g4, out TVector g5);
                    Store(to + i * 6 * Plane, Plane, g0, g1, g2, g3, g4, g5);
                    if (k % LineFloats == 0)
                        Ask(to + i * 6 * Plane, Plane);
                }
            }
        }
    }

    /// <summary>The same of F(6x6, 3x3): packed [64][k / block][64 c][block].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformLarge(float* weights, float* packed)
    {
        float* t = stackalloc float[24 * 16];
        int block = WinogradConv3x3<TVector, TSimd>.Block;
        for (int c = 0; c < Channels; c++)
        {
            for (int k = 0; k < Channels; k += TSimd.Count)
            {
                float* from = weights + c * Channels + k;
                for (int s = 0; s < 3; s++)
                    Large(TSimd.Load(from + s * Plane), TSimd.Load(from + (3 + s) * Plane), TSimd.Load(from + (6 + s) * Plane), t + s * 16, 48);
                float* to = packed + k / block * Channels * block + c * block + k % block;
                for (float* row = t; row < t + 8 * 48; row += 48, to += 8 * Plane)
                {
                    Large(TSimd.Load(row), TSimd.Load(row + 16), TSimd.Load(row + 32), to, Plane);
                    if (k % LineFloats == 0)
                    {
                        Ask(to, Plane);
                        Ask(to + 2 * Plane, Plane);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Large(TVector g0, TVector g1, TVector g2, float* to, int stride)
    {
        Winograd6x6<TVector, TSimd>.Weight(ref g0, ref g1, ref g2, out TVector g3, out TVector g4, out TVector g5, out TVector g6, out TVector g7);
        Store(to, stride, g0, g1, g2, g3, g4, g5);
        TSimd.Store(to + 6 * stride, g6);
        TSimd.Store(to + 7 * stride, g7);
    }

    /// <summary>dWeight[3,3,c,k] += Gt dU G.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddAdjoint(float* dU, float* dWeight)
    {
        float* t = stackalloc float[18 * 16];
        for (int at = 0; at < Plane; at += TSimd.Count)
        {
            for (int j = 0; j < 6; j++)
            {
                float* from = dU + j * Plane + at;
                if (at % LineFloats == 0)
                    Ask(from, 6 * Plane);
                TVector u0 = TSimd.Load(from), u1 = TSimd.Load(from + 6 * Plane), u2 = TSimd.Load(from + 12 * Plane);
                TVector u3 = TSimd.Load(from + 18 * Plane), u4 = TSimd.Load(from + 24 * Plane), u5 = TSimd.Load(from + 30 * Plane);
                Winograd4x4<TVector, TSimd>.WeightAdjoint(ref u0, ref u1, ref u2, u3, u4, u5);
                TSimd.Store(t + j * 16, u0);
                TSimd.Store(t + (6 + j) * 16, u1);
                TSimd.Store(t + (12 + j) * 16, u2);
            }
            float* to = dWeight + at;
            if (at % LineFloats == 0)
            {
                Ask(to, Plane);
                Ask(to + 3 * Plane, Plane);
            }
            // All nine are read before any is written: planes lie a multiple of 4 kB apart, and a load waits for the stores before
            // it that have its last twelve bits.
            Row(t, out TVector a0, out TVector a1, out TVector a2);
            Row(t + 96, out TVector b0, out TVector b1, out TVector b2);
            Row(t + 192, out TVector c0, out TVector c1, out TVector c2);
            a0 = TSimd.Add(TSimd.Load(to), a0);
            a1 = TSimd.Add(TSimd.Load(to + Plane), a1);
            a2 = TSimd.Add(TSimd.Load(to + 2 * Plane), a2);
            b0 = TSimd.Add(TSimd.Load(to + 3 * Plane), b0);
            b1 = TSimd.Add(TSimd.Load(to + 4 * Plane), b1);
            b2 = TSimd.Add(TSimd.Load(to + 5 * Plane), b2);
            c0 = TSimd.Add(TSimd.Load(to + 6 * Plane), c0);
            c1 = TSimd.Add(TSimd.Load(to + 7 * Plane), c1);
            c2 = TSimd.Add(TSimd.Load(to + 8 * Plane), c2);
            TSimd.Store(to, a0);
            TSimd.Store(to + Plane, a1);
            TSimd.Store(to + 2 * Plane, a2);
            TSimd.Store(to + 3 * Plane, b0);
            TSimd.Store(to + 4 * Plane, b1);
            TSimd.Store(to + 5 * Plane, b2);
            TSimd.Store(to + 6 * Plane, c0);
            TSimd.Store(to + 7 * Plane, c1);
            TSimd.Store(to + 8 * Plane, c2);
        }
    }

    // A row of u G.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Row(float* row, out TVector u0, out TVector u1, out TVector u2)
    {
        u0 = TSimd.Load(row);
        u1 = TSimd.Load(row + 16);
        u2 = TSimd.Load(row + 32);
        Winograd4x4<TVector, TSimd>.WeightAdjoint(ref u0, ref u1, ref u2, TSimd.Load(row + 48), TSimd.Load(row + 64), TSimd.Load(row + 80));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Ask(float* from, int stride)
    {
        if (!Sse.IsSupported)
            return;
        from += LinesAhead * LineFloats;
        Sse.Prefetch1(from);
        Sse.Prefetch1(from + stride);
        Sse.Prefetch1(from + 2 * stride);
        Sse.Prefetch1(from + 3 * stride);
        Sse.Prefetch1(from + 4 * stride);
        Sse.Prefetch1(from + 5 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(float* to, int stride, TVector v0, TVector v1, TVector v2, TVector v3, TVector v4, TVector v5)
    {
        TSimd.Store(to, v0);
        TSimd.Store(to + stride, v1);
        TSimd.Store(to + 2 * stride, v2);
        TSimd.Store(to + 3 * stride, v3);
        TSimd.Store(to + 4 * stride, v4);
        TSimd.Store(to + 5 * stride, v5);
    }
}
