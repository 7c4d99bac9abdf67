using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// ProductOfTwelve: a matrix [12, channels] by [channels, width]: a frequency of WinogradTwelve, or a 1x1 convolution (DenseBlockOps.Convolve1x1).
//   out[k][x] = (add: what is there, else 0) + sum over c of in[c][x] * w[c][k]
// Twelve outputs by two vectors stay in registers over all terms (with sixteen registers: by one vector), which are added in the order
// of the channels, so that neither the block nor the vector width changes a bit. Filters come from the third-level cache or from memory, in
// pieces too short for the processor to foresee the next: those that will be read next, ahead floats on, are fetched meanwhile.
static unsafe class ProductOfTwelve<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int Outputs = DenseBlockOps.Group;

    public static void Run(float* inputs, int stride, int channels, float* weights, float* outputs, int outputStride, int width, bool add, long ahead = 0)
    {
        int x = 0;
        for (; TSimd.HasThirtyTwoRegisters && x <= width - 2 * TSimd.Count; x += 2 * TSimd.Count)
            Two(inputs + x, stride, channels, weights, outputs + x, outputStride, add, x == 0 ? ahead : 0);
        for (; x < width; x += TSimd.Count)
            One(inputs + x, stride, channels, weights, outputs + x, outputStride, add, x == 0 ? ahead : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Two(float* inputs, int stride, int channels, float* weights, float* outputs, int outputStride, bool add, long ahead)
    {
        TVector a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11;
        TVector b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = a10 = a11 = TSimd.Zero;
        b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = b8 = b9 = b10 = b11 = TSimd.Zero;
        if (add)
        {
            a0 = Get(outputs, outputStride, 0);
            b0 = Get(outputs + TSimd.Count, outputStride, 0);
            a1 = Get(outputs, outputStride, 1);
            b1 = Get(outputs + TSimd.Count, outputStride, 1);
            a2 = Get(outputs, outputStride, 2);
            b2 = Get(outputs + TSimd.Count, outputStride, 2);
            a3 = Get(outputs, outputStride, 3);
            b3 = Get(outputs + TSimd.Count, outputStride, 3);
            a4 = Get(outputs, outputStride, 4);
            b4 = Get(outputs + TSimd.Count, outputStride, 4);
            a5 = Get(outputs, outputStride, 5);
            b5 = Get(outputs + TSimd.Count, outputStride, 5);
            a6 = Get(outputs, outputStride, 6);
            b6 = Get(outputs + TSimd.Count, outputStride, 6);
            a7 = Get(outputs, outputStride, 7);
            b7 = Get(outputs + TSimd.Count, outputStride, 7);
            a8 = Get(outputs, outputStride, 8);
            b8 = Get(outputs + TSimd.Count, outputStride, 8);
            a9 = Get(outputs, outputStride, 9);
            b9 = Get(outputs + TSimd.Count, outputStride, 9);
            a10 = Get(outputs, outputStride, 10);
            b10 = Get(outputs + TSimd.Count, outputStride, 10);
            a11 = Get(outputs, outputStride, 11);
            b11 = Get(outputs + TSimd.Count, outputStride, 11);
        }
        for (float* end = weights + channels * Outputs; weights < end; weights += Outputs, inputs += stride)
        {
            WinogradTwelve<TVector, TSimd>.Prefetch(weights + ahead);
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
        Put(outputs, outputStride, 0, a0);
        Put(outputs + TSimd.Count, outputStride, 0, b0);
        Put(outputs, outputStride, 1, a1);
        Put(outputs + TSimd.Count, outputStride, 1, b1);
        Put(outputs, outputStride, 2, a2);
        Put(outputs + TSimd.Count, outputStride, 2, b2);
        Put(outputs, outputStride, 3, a3);
        Put(outputs + TSimd.Count, outputStride, 3, b3);
        Put(outputs, outputStride, 4, a4);
        Put(outputs + TSimd.Count, outputStride, 4, b4);
        Put(outputs, outputStride, 5, a5);
        Put(outputs + TSimd.Count, outputStride, 5, b5);
        Put(outputs, outputStride, 6, a6);
        Put(outputs + TSimd.Count, outputStride, 6, b6);
        Put(outputs, outputStride, 7, a7);
        Put(outputs + TSimd.Count, outputStride, 7, b7);
        Put(outputs, outputStride, 8, a8);
        Put(outputs + TSimd.Count, outputStride, 8, b8);
        Put(outputs, outputStride, 9, a9);
        Put(outputs + TSimd.Count, outputStride, 9, b9);
        Put(outputs, outputStride, 10, a10);
        Put(outputs + TSimd.Count, outputStride, 10, b10);
        Put(outputs, outputStride, 11, a11);
        Put(outputs + TSimd.Count, outputStride, 11, b11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void One(float* inputs, int stride, int channels, float* weights, float* outputs, int outputStride, bool add, long ahead)
    {
        TVector a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = a10 = a11 = TSimd.Zero;
        if (add)
        {
            a0 = Get(outputs, outputStride, 0);
            a1 = Get(outputs, outputStride, 1);
            a2 = Get(outputs, outputStride, 2);
            a3 = Get(outputs, outputStride, 3);
            a4 = Get(outputs, outputStride, 4);
            a5 = Get(outputs, outputStride, 5);
            a6 = Get(outputs, outputStride, 6);
            a7 = Get(outputs, outputStride, 7);
            a8 = Get(outputs, outputStride, 8);
            a9 = Get(outputs, outputStride, 9);
            a10 = Get(outputs, outputStride, 10);
            a11 = Get(outputs, outputStride, 11);
        }
        for (float* end = weights + channels * Outputs; weights < end; weights += Outputs, inputs += stride)
        {
            WinogradTwelve<TVector, TSimd>.Prefetch(weights + ahead);
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
        Put(outputs, outputStride, 0, a0);
        Put(outputs, outputStride, 1, a1);
        Put(outputs, outputStride, 2, a2);
        Put(outputs, outputStride, 3, a3);
        Put(outputs, outputStride, 4, a4);
        Put(outputs, outputStride, 5, a5);
        Put(outputs, outputStride, 6, a6);
        Put(outputs, outputStride, 7, a7);
        Put(outputs, outputStride, 8, a8);
        Put(outputs, outputStride, 9, a9);
        Put(outputs, outputStride, 10, a10);
        Put(outputs, outputStride, 11, a11);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Get(float* outputs, int stride, int k) => TSimd.Load(outputs + k * stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put(float* outputs, int stride, int k, TVector value) => TSimd.Store(outputs + k * stride, value);
}
