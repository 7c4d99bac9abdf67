using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// BatchNormRows: the elementwise passes of batch norm and ReLU over bands of rows, contracts in DenseBlockOps.
static unsafe class BatchNormRows<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    public static void Activate(in PlaneRows input, int channels, float* scale, float* shift, in PlaneRows output, int width, int rows)
    {
        for (int y = 0; y < rows; y++)
        {
            float* from = input.At(y);
            float* to = output.At(y);
            for (int c = 0; c < channels; c++, from += input.ChannelStride, to += output.ChannelStride)
            {
                TVector a = TSimd.Broadcast(scale[c]);
                TVector b = TSimd.Broadcast(shift[c]);
                for (int x = 0; x < width; x += TSimd.Count)
                    TSimd.Store(to + x, TSimd.ClampNegative(TSimd.MultiplyAdd(TSimd.Load(from + x), a, b)));
            }
        }
    }

    public static void Gradient(in PlaneRows dOut, float factor, in PlaneRows x, in PlaneRows dX, int channels, in NormPointers norm, int width, int rows)
    {
        TVector share = TSimd.Broadcast(factor);
        for (int c = 0; c < channels; c++)
        {
            TVector sum = TSimd.Load(norm.Sums + c * TSimd.Count);
            TVector product = TSimd.Load(norm.Products + c * TSimd.Count);
            TVector scale = TSimd.Broadcast(norm.Scale[c]);
            TVector shift = TSimd.Broadcast(norm.Shift[c]);
            TVector gamma = TSimd.Broadcast(norm.Gamma[c]);
            TVector centre = TSimd.Broadcast(-norm.Mean[c]);
            for (int y = 0; y < rows; y++)
            {
                float* g = dOut.At(y) + (long)c * dOut.ChannelStride;
                float* value = x.At(y) + (long)c * x.ChannelStride;
                float* to = dX.At(y) + (long)c * dX.ChannelStride;
                for (int i = 0; i < width; i += TSimd.Count)
                {
                    TVector v = TSimd.Load(value + i);
                    TVector d = TSimd.Gate(TSimd.Multiply(TSimd.Load(g + i), share), TSimd.MultiplyAdd(v, scale, shift));
                    sum = TSimd.Add(sum, d);
                    product = TSimd.MultiplyAdd(d, TSimd.Add(v, centre), product);
                    TSimd.Store(to + i, TSimd.MultiplyAdd(d, gamma, TSimd.Load(to + i)));
                }
            }
            TSimd.Store(norm.Sums + c * TSimd.Count, sum);
            TSimd.Store(norm.Products + c * TSimd.Count, product);
        }
    }

    public static void Combine(in PlaneRows first, float* a, in PlaneRows second, float* b, float* constant, in PlaneRows output,
        int channels, int width, int rows)
    {
        for (int y = 0; y < rows; y++)
            for (int c = 0; c < channels; c++)
            {
                float* p = first.At(y) + (long)c * first.ChannelStride;
                float* q = second.At(y) + (long)c * second.ChannelStride;
                float* to = output.At(y) + (long)c * output.ChannelStride;
                TVector u = TSimd.Broadcast(a[c]);
                TVector v = TSimd.Broadcast(b[c]);
                TVector w = TSimd.Broadcast(constant[c]);
                for (int x = 0; x < width; x += TSimd.Count)
                    TSimd.Store(to + x, TSimd.MultiplyAdd(TSimd.Load(p + x), u, TSimd.MultiplyAdd(TSimd.Load(q + x), v, w)));
            }
    }

    public static void Sum(in PlaneRows x, int channels, int width, int rows, float* sum)
    {
        for (int c = 0; c < channels; c++)
        {
            TVector total = TSimd.Zero;
            for (int y = 0; y < rows; y++)
            {
                float* from = x.At(y) + (long)c * x.ChannelStride;
                for (int i = 0; i < width; i += TSimd.Count)
                    total = TSimd.Add(total, TSimd.Load(from + i));
            }
            sum[c] += TSimd.Sum(total);
        }
    }

    public static void SumActivated(in PlaneRows x, int channels, float* scale, float* shift, int width, int rows, float* sum)
    {
        for (int c = 0; c < channels; c++)
        {
            TVector a = TSimd.Broadcast(scale[c]);
            TVector b = TSimd.Broadcast(shift[c]);
            TVector total = TSimd.Zero;
            float* from = x.At(0) + (long)c * x.ChannelStride;
            for (int y = 0; y < rows; y++, from += x.RowStride)
                for (int i = 0; i < width; i += TSimd.Count)
                    total = TSimd.Add(total, TSimd.ClampNegative(TSimd.MultiplyAdd(TSimd.Load(from + i), a, b)));
            sum[c] = TSimd.Sum(total);
        }
    }

    public static void SumSquares(in PlaneRows x, int channels, float* mean, int width, int rows, float* sum)
    {
        for (int c = 0; c < channels; c++)
        {
            TVector total = TSimd.Zero;
            TVector centre = TSimd.Broadcast(-mean[c]);
            for (int y = 0; y < rows; y++)
            {
                float* from = x.At(y) + (long)c * x.ChannelStride;
                for (int i = 0; i < width; i += TSimd.Count)
                {
                    TVector d = TSimd.Add(TSimd.Load(from + i), centre);
                    total = TSimd.MultiplyAdd(d, d, total);
                }
            }
            sum[c] += TSimd.Sum(total);
        }
    }
}
