using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// CorrelateTwelve: weight gradient of a 1x1 convolution with twelve outputs over a band of rows (DenseBlockOps.WeightGradient1x1).
//   sums[c, k, lane] += sum over y, x = lane (mod lanes) of dOut[k][y][x] * in[c][y][x]
// Lanes are summed once, at the end (Reduce): a band adds into vectors. Twelve k by two channels stay in registers.
static unsafe class CorrelateTwelve<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int Outputs = DenseBlockOps.Group;

    public static void Rows(in PlaneRows input, int channels, in PlaneRows gradient, int width, int rows, float* sums)
    {
        int block = Outputs * TSimd.Count;
        for (int c = 0; c < channels; c += 2, sums += 2 * block)
        {
            float* first = input.Pixel + (long)c * input.ChannelStride;
            if (c + 1 == channels)
                OneChannel(gradient, first, input.RowStride, width, rows, sums);
            else if (TSimd.HasThirtyTwoRegisters)
                TwoChannels(gradient, first, input.ChannelStride, input.RowStride, width, rows, sums);
            else
            {
                OneChannel(gradient, first, input.RowStride, width, rows, sums);
                OneChannel(gradient, first + input.ChannelStride, input.RowStride, width, rows, sums + block);
            }
        }
    }

    /// <summary>weights[k, c] += sums over the lanes.</summary>
    public static void Reduce(float* sums, int channels, float* weights)
    {
        for (int c = 0; c < channels; c++)
            for (int k = 0; k < Outputs; k++, sums += TSimd.Count)
                weights[k * channels + c] += TSimd.Sum(TSimd.Load(sums));
    }

    static void TwoChannels(in PlaneRows gradient, float* input, long second, long rowStride, int width, int rows, float* sums)
    {
        TVector a0 = TSimd.Load(sums);
        TVector a1 = TSimd.Load(sums + TSimd.Count);
        TVector a2 = TSimd.Load(sums + 2 * TSimd.Count);
        TVector a3 = TSimd.Load(sums + 3 * TSimd.Count);
        TVector a4 = TSimd.Load(sums + 4 * TSimd.Count);
        TVector a5 = TSimd.Load(sums + 5 * TSimd.Count);
        TVector a6 = TSimd.Load(sums + 6 * TSimd.Count);
        TVector a7 = TSimd.Load(sums + 7 * TSimd.Count);
        TVector a8 = TSimd.Load(sums + 8 * TSimd.Count);
        TVector a9 = TSimd.Load(sums + 9 * TSimd.Count);
        TVector a10 = TSimd.Load(sums + 10 * TSimd.Count);
        TVector a11 = TSimd.Load(sums + 11 * TSimd.Count);
        TVector b0 = TSimd.Load(sums + 12 * TSimd.Count);
        TVector b1 = TSimd.Load(sums + 13 * TSimd.Count);
        TVector b2 = TSimd.Load(sums + 14 * TSimd.Count);
        TVector b3 = TSimd.Load(sums + 15 * TSimd.Count);
        TVector b4 = TSimd.Load(sums + 16 * TSimd.Count);
        TVector b5 = TSimd.Load(sums + 17 * TSimd.Count);
        TVector b6 = TSimd.Load(sums + 18 * TSimd.Count);
        TVector b7 = TSimd.Load(sums + 19 * TSimd.Count);
        TVector b8 = TSimd.Load(sums + 20 * TSimd.Count);
        TVector b9 = TSimd.Load(sums + 21 * TSimd.Count);
        TVector b10 = TSimd.Load(sums + 22 * TSimd.Count);
        TVector b11 = TSimd.Load(sums + 23 * TSimd.Count);
        long stride = gradient.ChannelStride;
        for (int y = 0; y < rows; y++, input += rowStride)
        {
            float* d = gradient.At(y);
            for (int x = 0; x < width; x += TSimd.Count, d += TSimd.Count)
            {
                TVector u = TSimd.Load(input + x);
                TVector v = TSimd.Load(input + x + second);
                TVector w = TSimd.Load(d);
                a0 = TSimd.MultiplyAdd(u, w, a0);
                b0 = TSimd.MultiplyAdd(v, w, b0);
                w = TSimd.Load(d + stride);
                a1 = TSimd.MultiplyAdd(u, w, a1);
                b1 = TSimd.MultiplyAdd(v, w, b1);
                w = TSimd.Load(d + 2 * stride);
                a2 = TSimd.MultiplyAdd(u, w, a2);
                b2 = TSimd.MultiplyAdd(v, w, b2);
                w = TSimd.Load(d + 3 * stride);
                a3 = TSimd.MultiplyAdd(u, w, a3);
                b3 = TSimd.MultiplyAdd(v, w, b3);
                w = TSimd.Load(d + 4 * stride);
                a4 = TSimd.MultiplyAdd(u, w, a4);
                b4 = TSimd.MultiplyAdd(v, w, b4);
                w = TSimd.Load(d + 5 * stride);
                a5 = TSimd.MultiplyAdd(u, w, a5);
                b5 = TSimd.MultiplyAdd(v, w, b5);
                w = TSimd.Load(d + 6 * stride);
                a6 = TSimd.MultiplyAdd(u, w, a6);
                b6 = TSimd.MultiplyAdd(v, w, b6);
                w = TSimd.Load(d + 7 * stride);
                a7 = TSimd.MultiplyAdd(u, w, a7);
                b7 = TSimd.MultiplyAdd(v, w, b7);
                w = TSimd.Load(d + 8 * stride);
                a8 = TSimd.MultiplyAdd(u, w, a8);
                b8 = TSimd.MultiplyAdd(v, w, b8);
                w = TSimd.Load(d + 9 * stride);
                a9 = TSimd.MultiplyAdd(u, w, a9);
                b9 = TSimd.MultiplyAdd(v, w, b9);
                w = TSimd.Load(d + 10 * stride);
                a10 = TSimd.MultiplyAdd(u, w, a10);
                b10 = TSimd.MultiplyAdd(v, w, b10);
                w = TSimd.Load(d + 11 * stride);
                a11 = TSimd.MultiplyAdd(u, w, a11);
                b11 = TSimd.MultiplyAdd(v, w, b11);
            }
        }
        TSimd.Store(sums, a0);
        TSimd.Store(sums + TSimd.Count, a1);
        TSimd.Store(sums + 2 * TSimd.Count, a2);
        TSimd.Store(sums + 3 * TSimd.Count, a3);
        TSimd.Store(sums + 4 * TSimd.Count, a4);
        TSimd.Store(sums + 5 * TSimd.Count, a5);
        TSimd.Store(sums + 6 * TSimd.Count, a6);
        TSimd.Store(sums + 7 * TSimd.Count, a7);
        TSimd.Store(sums + 8 * TSimd.Count, a8);
        TSimd.Store(sums + 9 * TSimd.Count, a9);
        TSimd.Store(sums + 10 * TSimd.Count, a10);
        TSimd.Store(sums + 11 * TSimd.Count, a11);
        TSimd.Store(sums + 12 * TSimd.Count, b0);
        TSimd.Store(sums + 13 * TSimd.Count, b1);
        TSimd.Store(sums + 14 * TSimd.Count, b2);
        TSimd.Store(sums + 15 * TSimd.Count, b3);
        TSimd.Store(sums + 16 * TSimd.Count, b4);
        TSimd.Store(sums + 17 * TSimd.Count, b5);
        TSimd.Store(sums + 18 * TSimd.Count, b6);
        TSimd.Store(sums + 19 * TSimd.Count, b7);
        TSimd.Store(sums + 20 * TSimd.Count, b8);
        TSimd.Store(sums + 21 * TSimd.Count, b9);
        TSimd.Store(sums + 22 * TSimd.Count, b10);
        TSimd.Store(sums + 23 * TSimd.Count, b11);
    }

    static void OneChannel(in PlaneRows gradient, float* input, long rowStride, int width, int rows, float* sums)
    {
        TVector a0 = TSimd.Load(sums);
        TVector a1 = TSimd.Load(sums + TSimd.Count);
        TVector a2 = TSimd.Load(sums + 2 * TSimd.Count);
        TVector a3 = TSimd.Load(sums + 3 * TSimd.Count);
        TVector a4 = TSimd.Load(sums + 4 * TSimd.Count);
        TVector a5 = TSimd.Load(sums + 5 * TSimd.Count);
        TVector a6 = TSimd.Load(sums + 6 * TSimd.Count);
        TVector a7 = TSimd.Load(sums + 7 * TSimd.Count);
        TVector a8 = TSimd.Load(sums + 8 * TSimd.Count);
        TVector a9 = TSimd.Load(sums + 9 * TSimd.Count);
        TVector a10 = TSimd.Load(sums + 10 * TSimd.Count);
        TVector a11 = TSimd.Load(sums + 11 * TSimd.Count);
        long stride = gradient.ChannelStride;
        for (int y = 0; y < rows; y++, input += rowStride)
        {
            float* d = gradient.At(y);
            for (int x = 0; x < width; x += TSimd.Count, d += TSimd.Count)
            {
                TVector u = TSimd.Load(input + x);
                a0 = TSimd.MultiplyAdd(u, TSimd.Load(d), a0);
                a1 = TSimd.MultiplyAdd(u, TSimd.Load(d + stride), a1);
                a2 = TSimd.MultiplyAdd(u, TSimd.Load(d + 2 * stride), a2);
                a3 = TSimd.MultiplyAdd(u, TSimd.Load(d + 3 * stride), a3);
                a4 = TSimd.MultiplyAdd(u, TSimd.Load(d + 4 * stride), a4);
                a5 = TSimd.MultiplyAdd(u, TSimd.Load(d + 5 * stride), a5);
                a6 = TSimd.MultiplyAdd(u, TSimd.Load(d + 6 * stride), a6);
                a7 = TSimd.MultiplyAdd(u, TSimd.Load(d + 7 * stride), a7);
                a8 = TSimd.MultiplyAdd(u, TSimd.Load(d + 8 * stride), a8);
                a9 = TSimd.MultiplyAdd(u, TSimd.Load(d + 9 * stride), a9);
                a10 = TSimd.MultiplyAdd(u, TSimd.Load(d + 10 * stride), a10);
                a11 = TSimd.MultiplyAdd(u, TSimd.Load(d + 11 * stride), a11);
            }
        }
        TSimd.Store(sums, a0);
        TSimd.Store(sums + TSimd.Count, a1);
        TSimd.Store(sums + 2 * TSimd.Count, a2);
        TSimd.Store(sums + 3 * TSimd.Count, a3);
        TSimd.Store(sums + 4 * TSimd.Count, a4);
        TSimd.Store(sums + 5 * TSimd.Count, a5);
        TSimd.Store(sums + 6 * TSimd.Count, a6);
        TSimd.Store(sums + 7 * TSimd.Count, a7);
        TSimd.Store(sums + 8 * TSimd.Count, a8);
        TSimd.Store(sums + 9 * TSimd.Count, a9);
        TSimd.Store(sums + 10 * TSimd.Count, a10);
        TSimd.Store(sums + 11 * TSimd.Count, a11);
    }
}
