using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// The products of one frequency, a matrix [12, channels] by [channels, lanes]: twelve outputs by two vectors stay in
// registers over a block of channels (with sixteen registers: by one vector). Filters come from the third-level cache or from memory, in
// pieces too short for the processor to foresee the next: those of the next frequency, ahead floats on, are fetched meanwhile.
static unsafe partial class WinogradTwelve<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    static void Multiply(float* inputs, int channels, float* weights, float* products, int lanes, bool add, long ahead)
    {
        int x = 0;
        for (; TSimd.HasThirtyTwoRegisters && x <= lanes - 2 * TSimd.Count; x += 2 * TSimd.Count)
            MultiplyTwo(inputs + x, channels, weights, products + x, lanes, add, x == 0 ? ahead : 0);
        for (; x < lanes; x += TSimd.Count)
            MultiplyOne(inputs + x, channels, weights, products + x, lanes, add, x == 0 ? ahead : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void MultiplyTwo(float* inputs, int channels, float* weights, float* products, int lanes, bool add, long ahead)
    {
        TVector a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11;
        TVector b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = a10 = a11 = TSimd.Zero;
        b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = b8 = b9 = b10 = b11 = TSimd.Zero;
        if (add)
        {
            a0 = Get(products, lanes, 0);
            b0 = Get(products + TSimd.Count, lanes, 0);
            a1 = Get(products, lanes, 1);
            b1 = Get(products + TSimd.Count, lanes, 1);
            a2 = Get(products, lanes, 2);
            b2 = Get(products + TSimd.Count, lanes, 2);
            a3 = Get(products, lanes, 3);
            b3 = Get(products + TSimd.Count, lanes, 3);
            a4 = Get(products, lanes, 4);
            b4 = Get(products + TSimd.Count, lanes, 4);
            a5 = Get(products, lanes, 5);
            b5 = Get(products + TSimd.Count, lanes, 5);
            a6 = Get(products, lanes, 6);
            b6 = Get(products + TSimd.Count, lanes, 6);
            a7 = Get(products, lanes, 7);
            b7 = Get(products + TSimd.Count, lanes, 7);
            a8 = Get(products, lanes, 8);
            b8 = Get(products + TSimd.Count, lanes, 8);
            a9 = Get(products, lanes, 9);
            b9 = Get(products + TSimd.Count, lanes, 9);
            a10 = Get(products, lanes, 10);
            b10 = Get(products + TSimd.Count, lanes, 10);
            a11 = Get(products, lanes, 11);
            b11 = Get(products + TSimd.Count, lanes, 11);
        }
        for (float* end = weights + channels * Outputs; weights < end; weights += Outputs, inputs += lanes)
        {
            Prefetch(weights + ahead);
            TVector u = TSimd.Load(inputs);
            TVector v = TSimd.Load(inputs + TSimd.Count);
            TVector w = TSimd.Broadcast(weights[0]);
            a0 = TSimd.MultiplyAdd(u, w, a0);
            b0 = TSimd.MultiplyAdd(v, w, b0);
            w = TSimd.Broadcast(weights[1]);
            a1 = TSimd.MultiplyAdd(u, w, a1);
            b1 = TSimd.MultiplyAdd(v, w, b1);
            w = TSimd.Broadcast(weights[2]);
            a2 = TSimd.MultiplyAdd(u, w, a2);
            b2 = TSimd.MultiplyAdd(v, w, b2);
            w = TSimd.Broadcast(weights[3]);
            a3 = TSimd.MultiplyAdd(u, w, a3);
            b3 = TSimd.MultiplyAdd(v, w, b3);
            w = TSimd.Broadcast(weights[4]);
            a4 = TSimd.MultiplyAdd(u, w, a4);
            b4 = TSimd.MultiplyAdd(v, w, b4);
            w = TSimd.Broadcast(weights[5]);
            a5 = TSimd.MultiplyAdd(u, w, a5);
            b5 = TSimd.MultiplyAdd(v, w, b5);
            w = TSimd.Broadcast(weights[6]);
            a6 = TSimd.MultiplyAdd(u, w, a6);
            b6 = TSimd.MultiplyAdd(v, w, b6);
            w = TSimd.Broadcast(weights[7]);
            a7 = TSimd.MultiplyAdd(u, w, a7);
            b7 = TSimd.MultiplyAdd(v, w, b7);
            w = TSimd.Broadcast(weights[8]);
            a8 = TSimd.MultiplyAdd(u, w, a8);
            b8 = TSimd.MultiplyAdd(v, w, b8);
            w = TSimd.Broadcast(weights[9]);
            a9 = TSimd.MultiplyAdd(u, w, a9);
            b9 = TSimd.MultiplyAdd(v, w, b9);
            w = TSimd.Broadcast(weights[10]);
            a10 = TSimd.MultiplyAdd(u, w, a10);
            b10 = TSimd.MultiplyAdd(v, w, b10);
            w = TSimd.Broadcast(weights[11]);
            a11 = TSimd.MultiplyAdd(u, w, a11);
            b11 = TSimd.MultiplyAdd(v, w, b11);
        }
        Put(products, lanes, 0, a0);
        Put(products + TSimd.Count, lanes, 0, b0);
        Put(products, lanes, 1, a1);
        Put(products + TSimd.Count, lanes, 1, b1);
        Put(products, lanes, 2, a2);
        Put(products + TSimd.Count, lanes, 2, b2);
        Put(products, lanes, 3, a3);
        Put(products + TSimd.Count, lanes, 3, b3);
        Put(products, lanes, 4, a4);
        Put(products + TSimd.Count, lanes, 4, b4);
        Put(products, lanes, 5, a5);
        Put(products + TSimd.Count, lanes, 5, b5);
        Put(products, lanes, 6, a6);
        Put(products + TSimd.Count, lanes, 6, b6);
        Put(products, lanes, 7, a7);
        Put(products + TSimd.Count, lanes, 7, b7);
        Put(products, lanes, 8, a8);
        Put(products + TSimd.Count, lanes, 8, b8);
        Put(products, lanes, 9, a9);
        Put(products + TSimd.Count, lanes, 9, b9);
        Put(products, lanes, 10, a10);
        Put(products + TSimd.Count, lanes, 10, b10);
        Put(products, lanes, 11, a11);
        Put(products + TSimd.Count, lanes, 11, b11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void MultiplyOne(float* inputs, int channels, float* weights, float* products, int lanes, bool add, long ahead)
    {
        TVector a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = a10 = a11 = TSimd.Zero;
        if (add)
        {
            a0 = Get(products, lanes, 0);
            a1 = Get(products, lanes, 1);
            a2 = Get(products, lanes, 2);
            a3 = Get(products, lanes, 3);
            a4 = Get(products, lanes, 4);
            a5 = Get(products, lanes, 5);
            a6 = Get(products, lanes, 6);
            a7 = Get(products, lanes, 7);
            a8 = Get(products, lanes, 8);
            a9 = Get(products, lanes, 9);
            a10 = Get(products, lanes, 10);
            a11 = Get(products, lanes, 11);
        }
        for (float* end = weights + channels * Outputs; weights < end; weights += Outputs, inputs += lanes)
        {
            Prefetch(weights + ahead);
            TVector u = TSimd.Load(inputs);
            a0 = TSimd.MultiplyAdd(u, TSimd.Broadcast(weights[0]), a0);
            a1 = TSimd.MultiplyAdd(u, TSimd.Broadcast(weights[1]), a1);
            a2 = TSimd.MultiplyAdd(u, TSimd.Broadcast(weights[2]), a2);
            a3 = TSimd.MultiplyAdd(u, TSimd.Broadcast(weights[3]), a3);
            a4 = TSimd.MultiplyAdd(u, TSimd.Broadcast(weights[4]), a4);
            a5 = TSimd.MultiplyAdd(u, TSimd.Broadcast(weights[5]), a5);
            a6 = TSimd.MultiplyAdd(u, TSimd.Broadcast(weights[6]), a6);
            a7 = TSimd.MultiplyAdd(u, TSimd.Broadcast(weights[7]), a7);
            a8 = TSimd.MultiplyAdd(u, TSimd.Broadcast(weights[8]), a8);
            a9 = TSimd.MultiplyAdd(u, TSimd.Broadcast(weights[9]), a9);
            a10 = TSimd.MultiplyAdd(u, TSimd.Broadcast(weights[10]), a10);
            a11 = TSimd.MultiplyAdd(u, TSimd.Broadcast(weights[11]), a11);
        }
        Put(products, lanes, 0, a0);
        Put(products, lanes, 1, a1);
        Put(products, lanes, 2, a2);
        Put(products, lanes, 3, a3);
        Put(products, lanes, 4, a4);
        Put(products, lanes, 5, a5);
        Put(products, lanes, 6, a6);
        Put(products, lanes, 7, a7);
        Put(products, lanes, 8, a8);
        Put(products, lanes, 9, a9);
        Put(products, lanes, 10, a10);
        Put(products, lanes, 11, a11);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Get(float* products, int lanes, int k) => TSimd.Load(products + k * lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put(float* products, int lanes, int k, TVector value) => TSimd.Store(products + k * lanes, value);
}
