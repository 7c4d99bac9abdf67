using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// ConvolveTwelve: a 1x1 convolution with twelve outputs, vectors along x (DenseBlockOps.Convolve1x1).
//   out[k][y][x] = sum over c of in[c][y][x] * w[c,k]
// Twelve outputs by two vectors stay in registers over all terms; the two vectors are neighbours of one row, or, where
// planes are one vector wide, of two rows. The terms of one output are always added in the order of the channels, so neither the
// block nor the vector width changes a bit of the result. With sixteen registers: twelve outputs by one vector.
static unsafe class ConvolveTwelve<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int Outputs = DenseBlockOps.Group;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(in PlaneRows input, int channels, float* weights, in PlaneRows output, int width, int rows, bool add)
    {
        int lanes = TSimd.Count;
        int pairs = TSimd.HasThirtyTwoRegisters ? width / (2 * lanes) * 2 * lanes : 0;
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < pairs; x += 2 * lanes)
                TwoVectors(input.At(y) + x, lanes, channels, input.ChannelStride, weights, output.At(y) + x, lanes, output.ChannelStride, add);
        for (int x = pairs; x < width; x += lanes)
        {
            int y = 0;
            for (; TSimd.HasThirtyTwoRegisters && y + 2 <= rows; y += 2)
                TwoVectors(input.At(y) + x, input.RowStride, channels, input.ChannelStride, weights, output.At(y) + x, output.RowStride, output.ChannelStride, add);
            for (; y < rows; y++)
                OneVector(input.At(y) + x, channels, input.ChannelStride, weights, output.At(y) + x, output.ChannelStride, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Finish(float* output, long second, TVector a, TVector b)
    {
        TSimd.Store(output, a);
        TSimd.Store(output + second, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TwoVectors(float* input, long second, int channels, int channelStride, float* weights, float* output, long outputSecond, int outputStride, bool add)
    {
        TVector a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11;
        TVector b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = a10 = a11 = TSimd.Zero;
        b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = b8 = b9 = b10 = b11 = TSimd.Zero;
        if (add)
        {
            float* from = output;
            a0 = TSimd.Load(from);
            b0 = TSimd.Load(from + outputSecond);
            from += outputStride;
            a1 = TSimd.Load(from);
            b1 = TSimd.Load(from + outputSecond);
            from += outputStride;
            a2 = TSimd.Load(from);
            b2 = TSimd.Load(from + outputSecond);
            from += outputStride;
            a3 = TSimd.Load(from);
            b3 = TSimd.Load(from + outputSecond);
            from += outputStride;
            a4 = TSimd.Load(from);
            b4 = TSimd.Load(from + outputSecond);
            from += outputStride;
            a5 = TSimd.Load(from);
            b5 = TSimd.Load(from + outputSecond);
            from += outputStride;
            a6 = TSimd.Load(from);
            b6 = TSimd.Load(from + outputSecond);
            from += outputStride;
            a7 = TSimd.Load(from);
            b7 = TSimd.Load(from + outputSecond);
            from += outputStride;
            a8 = TSimd.Load(from);
            b8 = TSimd.Load(from + outputSecond);
            from += outputStride;
            a9 = TSimd.Load(from);
            b9 = TSimd.Load(from + outputSecond);
            from += outputStride;
            a10 = TSimd.Load(from);
            b10 = TSimd.Load(from + outputSecond);
            from += outputStride;
            a11 = TSimd.Load(from);
            b11 = TSimd.Load(from + outputSecond);
        }
        for (float* end = input + (long)channels * channelStride; input < end; input += channelStride, weights += Outputs)
        {
            TVector u = TSimd.Load(input);
            TVector v = TSimd.Load(input + second);
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
        Finish(output, outputSecond, a0, b0);
        Finish(output + outputStride, outputSecond, a1, b1);
        Finish(output + 2 * outputStride, outputSecond, a2, b2);
        Finish(output + 3 * outputStride, outputSecond, a3, b3);
        Finish(output + 4 * outputStride, outputSecond, a4, b4);
        Finish(output + 5 * outputStride, outputSecond, a5, b5);
        Finish(output + 6 * outputStride, outputSecond, a6, b6);
        Finish(output + 7 * outputStride, outputSecond, a7, b7);
        Finish(output + 8 * outputStride, outputSecond, a8, b8);
        Finish(output + 9 * outputStride, outputSecond, a9, b9);
        Finish(output + 10 * outputStride, outputSecond, a10, b10);
        Finish(output + 11 * outputStride, outputSecond, a11, b11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void OneVector(float* input, int channels, int channelStride, float* weights, float* output, int outputStride, bool add)
    {
        TVector a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = a10 = a11 = TSimd.Zero;
        if (add)
        {
            float* from = output;
            a0 = TSimd.Load(from);
            from += outputStride;
            a1 = TSimd.Load(from);
            from += outputStride;
            a2 = TSimd.Load(from);
            from += outputStride;
            a3 = TSimd.Load(from);
            from += outputStride;
            a4 = TSimd.Load(from);
            from += outputStride;
            a5 = TSimd.Load(from);
            from += outputStride;
            a6 = TSimd.Load(from);
            from += outputStride;
            a7 = TSimd.Load(from);
            from += outputStride;
            a8 = TSimd.Load(from);
            from += outputStride;
            a9 = TSimd.Load(from);
            from += outputStride;
            a10 = TSimd.Load(from);
            from += outputStride;
            a11 = TSimd.Load(from);
        }
        for (float* end = input + (long)channels * channelStride; input < end; input += channelStride, weights += Outputs)
        {
            TVector u = TSimd.Load(input);
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
        TSimd.Store(output, a0);
        TSimd.Store(output + outputStride, a1);
        TSimd.Store(output + 2 * outputStride, a2);
        TSimd.Store(output + 3 * outputStride, a3);
        TSimd.Store(output + 4 * outputStride, a4);
        TSimd.Store(output + 5 * outputStride, a5);
        TSimd.Store(output + 6 * outputStride, a6);
        TSimd.Store(output + 7 * outputStride, a7);
        TSimd.Store(output + 8 * outputStride, a8);
        TSimd.Store(output + 9 * outputStride, a9);
        TSimd.Store(output + 10 * outputStride, a10);
        TSimd.Store(output + 11 * outputStride, a11);
    }
}
