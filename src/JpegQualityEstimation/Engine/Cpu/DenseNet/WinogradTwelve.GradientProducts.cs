using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// The products of the gradients, frequency by frequency. Weights: two channels by twelve outputs stay in registers over all tiles, and
// lanes are summed at the end. Inputs: the twelve transformed gradients of two vectors of tiles stay in registers over a block of channels
// (with sixteen registers: one channel and one vector).
static unsafe partial class WinogradTwelve<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    // sums[c][36][12] += sum over tiles of inputs[36][c][tiles] * gradients[36][12][tiles]
    static void CorrelateTiles(float* inputs, int channels, float* gradients, int lanes, float* sums, MemoryAhead ahead)
    {
        const int Channel = Frequencies * Outputs;
        for (int f = 0; f < Frequencies; f++, inputs += WinogradTwelveScratch.InputStride, gradients += TileGradientScratch.Stride, sums += Outputs)
        {
            for (int c = 0; c < channels; c += 2)
            {
                float* first = inputs + c * lanes;
                float* to = sums + c * Channel;
                if (c + 1 < channels && TSimd.HasThirtyTwoRegisters)
                {
                    CorrelateTwo(first, first + lanes, gradients, lanes, to, to + Channel);
                    continue;
                }
                CorrelateOne(first, gradients, lanes, to);
                if (c + 1 < channels)
                    CorrelateOne(first + lanes, gradients, lanes, to + Channel);
            }
            ahead.Step();
        }
    }

    // to[36][c][tiles] = sum over k of packed[36][all][12] * gradients[36][12][tiles], for channels of all
    static void SpreadTiles(float* gradients, float* packed, int all, int channels, int lanes, float* to, MemoryAhead ahead)
    {
        for (int f = 0; f < Frequencies; f++, to += WinogradTwelveScratch.InputStride, gradients += TileGradientScratch.Stride, packed += all * Outputs)
        {
            int x = 0;
            for (; TSimd.HasThirtyTwoRegisters && x <= lanes - 2 * TSimd.Count; x += 2 * TSimd.Count)
                SpreadTwo(gradients + x, packed, channels, lanes, to + x);
            for (; x < lanes; x += TSimd.Count)
                SpreadOne(gradients + x, packed, channels, lanes, to + x);
            ahead.Step();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void CorrelateTwo(float* first, float* second, float* gradients, int lanes, float* sums, float* next)
    {
        TVector a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11;
        TVector b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = a10 = a11 = TSimd.Zero;
        b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = b8 = b9 = b10 = b11 = TSimd.Zero;
        for (int x = 0; x < lanes; x += TSimd.Count, gradients += TSimd.Count)
        {
            TVector u = TSimd.Load(first + x);
            TVector v = TSimd.Load(second + x);
            TVector d = TSimd.Load(gradients);
            a0 = TSimd.MultiplyAdd(u, d, a0);
            b0 = TSimd.MultiplyAdd(v, d, b0);
            d = Get(gradients, lanes, 1);
            a1 = TSimd.MultiplyAdd(u, d, a1);
            b1 = TSimd.MultiplyAdd(v, d, b1);
            d = Get(gradients, lanes, 2);
            a2 = TSimd.MultiplyAdd(u, d, a2);
            b2 = TSimd.MultiplyAdd(v, d, b2);
            d = Get(gradients, lanes, 3);
            a3 = TSimd.MultiplyAdd(u, d, a3);
            b3 = TSimd.MultiplyAdd(v, d, b3);
            d = Get(gradients, lanes, 4);
            a4 = TSimd.MultiplyAdd(u, d, a4);
            b4 = TSimd.MultiplyAdd(v, d, b4);
            d = Get(gradients, lanes, 5);
            a5 = TSimd.MultiplyAdd(u, d, a5);
            b5 = TSimd.MultiplyAdd(v, d, b5);
            d = Get(gradients, lanes, 6);
            a6 = TSimd.MultiplyAdd(u, d, a6);
            b6 = TSimd.MultiplyAdd(v, d, b6);
            d = Get(gradients, lanes, 7);
            a7 = TSimd.MultiplyAdd(u, d, a7);
            b7 = TSimd.MultiplyAdd(v, d, b7);
            d = Get(gradients, lanes, 8);
            a8 = TSimd.MultiplyAdd(u, d, a8);
            b8 = TSimd.MultiplyAdd(v, d, b8);
            d = Get(gradients, lanes, 9);
            a9 = TSimd.MultiplyAdd(u, d, a9);
            b9 = TSimd.MultiplyAdd(v, d, b9);
            d = Get(gradients, lanes, 10);
            a10 = TSimd.MultiplyAdd(u, d, a10);
            b10 = TSimd.MultiplyAdd(v, d, b10);
            d = Get(gradients, lanes, 11);
            a11 = TSimd.MultiplyAdd(u, d, a11);
            b11 = TSimd.MultiplyAdd(v, d, b11);
        }
        AddSums(sums, a0, a1, a2, a3);
        AddSums(sums + 4, a4, a5, a6, a7);
        AddSums(sums + 8, a8, a9, a10, a11);
        AddSums(next, b0, b1, b2, b3);
        AddSums(next + 4, b4, b5, b6, b7);
        AddSums(next + 8, b8, b9, b10, b11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void CorrelateOne(float* inputs, float* gradients, int lanes, float* sums)
    {
        TVector a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = a10 = a11 = TSimd.Zero;
        for (int x = 0; x < lanes; x += TSimd.Count, gradients += TSimd.Count)
        {
            TVector u = TSimd.Load(inputs + x);
            a0 = TSimd.MultiplyAdd(u, Get(gradients, lanes, 0), a0);
            a1 = TSimd.MultiplyAdd(u, Get(gradients, lanes, 1), a1);
            a2 = TSimd.MultiplyAdd(u, Get(gradients, lanes, 2), a2);
            a3 = TSimd.MultiplyAdd(u, Get(gradients, lanes, 3), a3);
            a4 = TSimd.MultiplyAdd(u, Get(gradients, lanes, 4), a4);
            a5 = TSimd.MultiplyAdd(u, Get(gradients, lanes, 5), a5);
            a6 = TSimd.MultiplyAdd(u, Get(gradients, lanes, 6), a6);
            a7 = TSimd.MultiplyAdd(u, Get(gradients, lanes, 7), a7);
            a8 = TSimd.MultiplyAdd(u, Get(gradients, lanes, 8), a8);
            a9 = TSimd.MultiplyAdd(u, Get(gradients, lanes, 9), a9);
            a10 = TSimd.MultiplyAdd(u, Get(gradients, lanes, 10), a10);
            a11 = TSimd.MultiplyAdd(u, Get(gradients, lanes, 11), a11);
        }
        AddSums(sums, a0, a1, a2, a3);
        AddSums(sums + 4, a4, a5, a6, a7);
        AddSums(sums + 8, a8, a9, a10, a11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void SpreadTwo(float* gradients, float* weights, int channels, int lanes, float* to)
    {
        float* next = gradients + TSimd.Count;
        TVector a0 = Get(gradients, lanes, 0), b0 = Get(next, lanes, 0);
        TVector a1 = Get(gradients, lanes, 1), b1 = Get(next, lanes, 1);
        TVector a2 = Get(gradients, lanes, 2), b2 = Get(next, lanes, 2);
        TVector a3 = Get(gradients, lanes, 3), b3 = Get(next, lanes, 3);
        TVector a4 = Get(gradients, lanes, 4), b4 = Get(next, lanes, 4);
        TVector a5 = Get(gradients, lanes, 5), b5 = Get(next, lanes, 5);
        TVector a6 = Get(gradients, lanes, 6), b6 = Get(next, lanes, 6);
        TVector a7 = Get(gradients, lanes, 7), b7 = Get(next, lanes, 7);
        TVector a8 = Get(gradients, lanes, 8), b8 = Get(next, lanes, 8);
        TVector a9 = Get(gradients, lanes, 9), b9 = Get(next, lanes, 9);
        TVector a10 = Get(gradients, lanes, 10), b10 = Get(next, lanes, 10);
        TVector a11 = Get(gradients, lanes, 11), b11 = Get(next, lanes, 11);
        for (float* end = weights + channels * Outputs; weights < end; weights += Outputs, to += lanes)
        {
            TVector w = TSimd.Broadcast(weights[0]);
            TVector u = TSimd.Multiply(a0, w);
            TVector v = TSimd.Multiply(b0, w);
            w = TSimd.Broadcast(weights[1]);
            u = TSimd.MultiplyAdd(a1, w, u);
            v = TSimd.MultiplyAdd(b1, w, v);
            w = TSimd.Broadcast(weights[2]);
            u = TSimd.MultiplyAdd(a2, w, u);
            v = TSimd.MultiplyAdd(b2, w, v);
            w = TSimd.Broadcast(weights[3]);
            u = TSimd.MultiplyAdd(a3, w, u);
            v = TSimd.MultiplyAdd(b3, w, v);
            w = TSimd.Broadcast(weights[4]);
            u = TSimd.MultiplyAdd(a4, w, u);
            v = TSimd.MultiplyAdd(b4, w, v);
            w = TSimd.Broadcast(weights[5]);
            u = TSimd.MultiplyAdd(a5, w, u);
            v = TSimd.MultiplyAdd(b5, w, v);
            w = TSimd.Broadcast(weights[6]);
            u = TSimd.MultiplyAdd(a6, w, u);
            v = TSimd.MultiplyAdd(b6, w, v);
            w = TSimd.Broadcast(weights[7]);
            u = TSimd.MultiplyAdd(a7, w, u);
            v = TSimd.MultiplyAdd(b7, w, v);
            w = TSimd.Broadcast(weights[8]);
            u = TSimd.MultiplyAdd(a8, w, u);
            v = TSimd.MultiplyAdd(b8, w, v);
            w = TSimd.Broadcast(weights[9]);
            u = TSimd.MultiplyAdd(a9, w, u);
            v = TSimd.MultiplyAdd(b9, w, v);
            w = TSimd.Broadcast(weights[10]);
            u = TSimd.MultiplyAdd(a10, w, u);
            v = TSimd.MultiplyAdd(b10, w, v);
            w = TSimd.Broadcast(weights[11]);
            u = TSimd.MultiplyAdd(a11, w, u);
            v = TSimd.MultiplyAdd(b11, w, v);
            TSimd.Store(to, u);
            TSimd.Store(to + TSimd.Count, v);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void SpreadOne(float* gradients, float* weights, int channels, int lanes, float* to)
    {
        TVector a0 = Get(gradients, lanes, 0);
        TVector a1 = Get(gradients, lanes, 1);
        TVector a2 = Get(gradients, lanes, 2);
        TVector a3 = Get(gradients, lanes, 3);
        TVector a4 = Get(gradients, lanes, 4);
        TVector a5 = Get(gradients, lanes, 5);
        TVector a6 = Get(gradients, lanes, 6);
        TVector a7 = Get(gradients, lanes, 7);
        TVector a8 = Get(gradients, lanes, 8);
        TVector a9 = Get(gradients, lanes, 9);
        TVector a10 = Get(gradients, lanes, 10);
        TVector a11 = Get(gradients, lanes, 11);
        for (float* end = weights + channels * Outputs; weights < end; weights += Outputs, to += lanes)
        {
            TVector u = TSimd.Multiply(a0, TSimd.Broadcast(weights[0]));
            u = TSimd.MultiplyAdd(a1, TSimd.Broadcast(weights[1]), u);
            u = TSimd.MultiplyAdd(a2, TSimd.Broadcast(weights[2]), u);
            u = TSimd.MultiplyAdd(a3, TSimd.Broadcast(weights[3]), u);
            u = TSimd.MultiplyAdd(a4, TSimd.Broadcast(weights[4]), u);
            u = TSimd.MultiplyAdd(a5, TSimd.Broadcast(weights[5]), u);
            u = TSimd.MultiplyAdd(a6, TSimd.Broadcast(weights[6]), u);
            u = TSimd.MultiplyAdd(a7, TSimd.Broadcast(weights[7]), u);
            u = TSimd.MultiplyAdd(a8, TSimd.Broadcast(weights[8]), u);
            u = TSimd.MultiplyAdd(a9, TSimd.Broadcast(weights[9]), u);
            u = TSimd.MultiplyAdd(a10, TSimd.Broadcast(weights[10]), u);
            u = TSimd.MultiplyAdd(a11, TSimd.Broadcast(weights[11]), u);
            TSimd.Store(to, u);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void AddSums(float* sums, TVector a, TVector b, TVector c, TVector d) =>
        (Vector128.Load(sums) + TSimd.SumFour(a, b, c, d)).Store(sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Get(float* gradients, int lanes, int k) => TSimd.Load(gradients + k * lanes);
}
