using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu;

// Conv3x3ToTwo: one row of the last layer, 64 channels to 2, no activation.
//   out[x,k] = bias[k] + sum over r,s,c of row[r][x + (s-1)*dilation, c] * w[k,r,s,c]
// weights  [2, 3, 3, 64];  out [width, 2].
// Vectors run along the channels; the order of the sum depends on the vector width, never on tile or thread.
static unsafe class Conv3x3ToTwo<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int Channels = 64;
    const int Plane = 9 * Channels;

    /// <summary>Pixels from those at work to those that are asked for.</summary>
    const int Ahead = 10;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(in RowTriple rows, int dilation, float* weights, float bias0, float bias1, float* output, int width)
    {
        if (width < 4)
        {
            for (int x = 0; x < width; x++)
                Block1(rows, x, dilation, weights, bias0, bias1, output + 2 * x);
            return;
        }
        for (int x = 0; ;)
        {
            Block4(rows, x, dilation, weights, bias0, bias1, output + 2 * x);
            if (x == width - 4)
                break;
            x = Math.Min(x + 4, width - 4);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Block4(in RowTriple rows, int x, int dilation, float* weights, float bias0, float bias1, float* output)
    {
        TVector a0, a1, a2, a3, b0, b1, b2, b3;
        a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = TSimd.Zero;
        for (int tap = 0; tap < 9; tap++)
        {
            int r = tap / 3;
            float* row = rows[r];
            float* p = row + (x + (tap - 3 * r - 1) * dilation) * Channels;
            for (float* end = p + Channels; p < end; p += TSimd.Count, weights += TSimd.Count)
            {
                TVector u = TSimd.Load(weights);
                TVector v = TSimd.Load(weights + Plane);
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(p + Ahead * Channels);
                    Sse.Prefetch0(p + (Ahead + 1) * Channels);
                }
                TVector i = TSimd.Load(p);
                a0 = TSimd.MultiplyAdd(i, u, a0);
                b0 = TSimd.MultiplyAdd(i, v, b0);
                i = TSimd.Load(p + Channels);
                a1 = TSimd.MultiplyAdd(i, u, a1);
                b1 = TSimd.MultiplyAdd(i, v, b1);
                i = TSimd.Load(p + 2 * Channels);
                a2 = TSimd.MultiplyAdd(i, u, a2);
                b2 = TSimd.MultiplyAdd(i, v, b2);
                i = TSimd.Load(p + 3 * Channels);
                a3 = TSimd.MultiplyAdd(i, u, a3);
                b3 = TSimd.MultiplyAdd(i, v, b3);
            }
        }
        output[0] = TSimd.Sum(a0) + bias0;
        output[1] = TSimd.Sum(b0) + bias1;
        output[2] = TSimd.Sum(a1) + bias0;
        output[3] = TSimd.Sum(b1) + bias1;
        output[4] = TSimd.Sum(a2) + bias0;
        output[5] = TSimd.Sum(b2) + bias1;
        output[6] = TSimd.Sum(a3) + bias0;
        output[7] = TSimd.Sum(b3) + bias1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Block1(in RowTriple rows, int x, int dilation, float* weights, float bias0, float bias1, float* output)
    {
        TVector a = TSimd.Zero;
        TVector b = TSimd.Zero;
        for (int tap = 0; tap < 9; tap++)
        {
            int r = tap / 3;
            float* row = rows[r];
            float* p = row + (x + (tap - 3 * r - 1) * dilation) * Channels;
            for (float* end = p + Channels; p < end; p += TSimd.Count, weights += TSimd.Count)
            {
                TVector i = TSimd.Load(p);
                a = TSimd.MultiplyAdd(i, TSimd.Load(weights), a);
                b = TSimd.MultiplyAdd(i, TSimd.Load(weights + Plane), b);
            }
        }
        output[0] = TSimd.Sum(a) + bias0;
        output[1] = TSimd.Sum(b) + bias1;
    }
}
