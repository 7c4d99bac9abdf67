using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu;

// The gradient of the transformed weights: outer products of a group's tiles; 16 (8) accumulators stay in registers.
static unsafe partial class WinogradConv3x3<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    // dU[f][c][k] (+)= sum over tiles of inputs[f][t][c] * gradients[f][t][k]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Accumulate(int count, float* dU, WinogradScratch scratch)
    {
        bool adds = !scratch.Replaces;
        scratch.Replaces = false;
        for (int f = 0; f < 36; f++)
        {
            float* inputs = scratch.Inputs + f * WinogradScratch.FrequencyStride;
            float* gradients = scratch.Gradients + f * WinogradScratch.FrequencyStride;
            float* to = dU + f * Channels * Channels;
            for (int k = 0; k < Channels; k += 2 * TSimd.Count)
            {
                if (TSimd.HasThirtyTwoRegisters)
                {
                    for (int c = 0; c < Channels; c += 8)
                        Outer8(inputs + c, gradients + k, count, adds, to + c * Channels + k);
                }
                else
                {
                    for (int c = 0; c < Channels; c += 4)
                        Outer4(inputs + c, gradients + k, count, adds, to + c * Channels + k);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Outer8(float* inputs, float* gradients, int count, bool adds, float* to)
    {
        TVector a0, a1, a2, a3, a4, a5, a6, a7;
        TVector b0, b1, b2, b3, b4, b5, b6, b7;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = TSimd.Zero;
        b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = TSimd.Zero;
        if (adds)
        {
            a0 = Get(to, 0);
            b0 = GetNext(to, 0);
            a1 = Get(to, 1);
            b1 = GetNext(to, 1);
            a2 = Get(to, 2);
            b2 = GetNext(to, 2);
            a3 = Get(to, 3);
            b3 = GetNext(to, 3);
            a4 = Get(to, 4);
            b4 = GetNext(to, 4);
            a5 = Get(to, 5);
            b5 = GetNext(to, 5);
            a6 = Get(to, 6);
            b6 = GetNext(to, 6);
            a7 = Get(to, 7);
            b7 = GetNext(to, 7);
        }
        for (float* end = inputs + count * Channels; inputs < end; inputs += Channels, gradients += Channels)
        {
            TVector u = TSimd.Load(gradients);
            TVector v = TSimd.Load(gradients + TSimd.Count);
            TVector i = TSimd.Broadcast(inputs[0]);
            a0 = TSimd.MultiplyAdd(i, u, a0);
            b0 = TSimd.MultiplyAdd(i, v, b0);
            i = TSimd.Broadcast(inputs[1]);
            a1 = TSimd.MultiplyAdd(i, u, a1);
            b1 = TSimd.MultiplyAdd(i, v, b1);
            i = TSimd.Broadcast(inputs[2]);
            a2 = TSimd.MultiplyAdd(i, u, a2);
            b2 = TSimd.MultiplyAdd(i, v, b2);
            i = TSimd.Broadcast(inputs[3]);
            a3 = TSimd.MultiplyAdd(i, u, a3);
            b3 = TSimd.MultiplyAdd(i, v, b3);
            i = TSimd.Broadcast(inputs[4]);
            a4 = TSimd.MultiplyAdd(i, u, a4);
            b4 = TSimd.MultiplyAdd(i, v, b4);
            i = TSimd.Broadcast(inputs[5]);
            a5 = TSimd.MultiplyAdd(i, u, a5);
            b5 = TSimd.MultiplyAdd(i, v, b5);
            i = TSimd.Broadcast(inputs[6]);
            a6 = TSimd.MultiplyAdd(i, u, a6);
            b6 = TSimd.MultiplyAdd(i, v, b6);
            i = TSimd.Broadcast(inputs[7]);
            a7 = TSimd.MultiplyAdd(i, u, a7);
            b7 = TSimd.MultiplyAdd(i, v, b7);
        }
        Put(to, 0, a0, b0);
        Put(to, 1, a1, b1);
        Put(to, 2, a2, b2);
        Put(to, 3, a3, b3);
        Put(to, 4, a4, b4);
        Put(to, 5, a5, b5);
        Put(to, 6, a6, b6);
        Put(to, 7, a7, b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Outer4(float* inputs, float* gradients, int count, bool adds, float* to)
    {
        TVector a0, a1, a2, a3;
        TVector b0, b1, b2, b3;
        a0 = a1 = a2 = a3 = TSimd.Zero;
        b0 = b1 = b2 = b3 = TSimd.Zero;
        if (adds)
        {
            a0 = Get(to, 0);
            b0 = GetNext(to, 0);
            a1 = Get(to, 1);
            b1 = GetNext(to, 1);
            a2 = Get(to, 2);
            b2 = GetNext(to, 2);
            a3 = Get(to, 3);
            b3 = GetNext(to, 3);
        }
        for (float* end = inputs + count * Channels; inputs < end; inputs += Channels, gradients += Channels)
        {
            TVector u = TSimd.Load(gradients);
            TVector v = TSimd.Load(gradients + TSimd.Count);
            TVector i = TSimd.Broadcast(inputs[0]);
            a0 = TSimd.MultiplyAdd(i, u, a0);
            b0 = TSimd.MultiplyAdd(i, v, b0);
            i = TSimd.Broadcast(inputs[1]);
            a1 = TSimd.MultiplyAdd(i, u, a1);
            b1 = TSimd.MultiplyAdd(i, v, b1);
            i = TSimd.Broadcast(inputs[2]);
            a2 = TSimd.MultiplyAdd(i, u, a2);
            b2 = TSimd.MultiplyAdd(i, v, b2);
            i = TSimd.Broadcast(inputs[3]);
            a3 = TSimd.MultiplyAdd(i, u, a3);
            b3 = TSimd.MultiplyAdd(i, v, b3);
        }
        Put(to, 0, a0, b0);
        Put(to, 1, a1, b1);
        Put(to, 2, a2, b2);
        Put(to, 3, a3, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Get(float* from, int row) => TSimd.Load(from + row * Channels);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector GetNext(float* from, int row) => TSimd.Load(from + row * Channels + TSimd.Count);
}
