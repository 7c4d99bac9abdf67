using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu;

// Conv3x3FromFew: 3 channels to 64 with bias and ReLU (the first layer), or 2 to 64 where a gate is above zero (the last
// layer's input gradient); one row.
//   out[x,k] = e( bias[k] + sum over r,s,c of row[r][x + (s-1)*dilation, c] * w[r,s,c,k] ), e and extra as for Conv3x3
// row[r]   [.., 4], of which the values after the third (second) are not looked at; otherwise as for Conv3x3.
// weights  [64 / block][r][s][3 or 2][block], see Pack.
// Six pixels by four (two) vectors stay in registers over the 27 (18) terms, in the order of Conv3x3's: the same bits.
// A row whose width is no multiple of six computes its last block overlapping the one before.
static unsafe class Conv3x3FromFew<TVector, TSimd, TUsed, TEpilogue>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
    where TUsed : struct, IConstant
    where TEpilogue : struct, IEpilogue
{
    const int Stride = 4;
    const int Outputs = 64;
    const int Pixels = 6;

    static int Terms => 9 * TUsed.Value;

    static int Block => (TSimd.HasThirtyTwoRegisters ? 4 : 2) * TSimd.Count;

    /// <summary>weights [3,3,4,64], the channels after those used without meaning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* weights, float* packed)
    {
        for (int k = 0; k < Outputs; k += Block)
            for (int tap = 0; tap < 9; tap++)
                for (int c = 0; c < TUsed.Value; c++, packed += Block)
                    new ReadOnlySpan<float>(weights + (tap * Stride + c) * Outputs + k, Block).CopyTo(new Span<float>(packed, Block));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(in RowTriple rows, int dilation, float* weights, float* extra, float* output, int width)
    {
        for (int k = 0; k < Outputs; k += Block, weights += Terms * Block)
        {
            if (width < Pixels)
            {
                for (int x = 0; x < width; x++)
                    Block1(rows, x, dilation, weights, ExtraAt(extra, x, k), output + x * Outputs + k);
                continue;
            }
            for (int x = 0; ;)
            {
                if (TSimd.HasThirtyTwoRegisters)
                    Block6x4(rows, x, dilation, weights, ExtraAt(extra, x, k), output + x * Outputs + k);
                else
                    Block6x2(rows, x, dilation, weights, ExtraAt(extra, x, k), output + x * Outputs + k);
                if (x == width - Pixels)
                    break;
                x = Math.Min(x + Pixels, width - Pixels);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Block1(in RowTriple rows, int x, int dilation, float* weights, float* extra, float* output)
    {
        for (int k = 0; k < Block; k += TSimd.Count)
        {
            TVector a = Initial(extra + k);
            float* w = weights + k;
            for (int tap = 0; tap < 9; tap++)
            {
                int r = tap / 3;
                float* row = rows[r];
                float* p = row + (x + (tap - 3 * r - 1) * dilation) * Stride;
                for (float* end = p + TUsed.Value; p < end; p++, w += Block)
                    a = TSimd.MultiplyAdd(TSimd.Broadcast(*p), TSimd.Load(w), a);
            }
            Finish(output + k, extra + k, a);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Block6x4(in RowTriple rows, int x, int dilation, float* weights, float* extra, float* output)
    {
        TVector a0, a1, a2, a3, a4, a5;
        TVector b0, b1, b2, b3, b4, b5;
        TVector c0, c1, c2, c3, c4, c5;
        TVector d0, d1, d2, d3, d4, d5;
        a0 = a1 = a2 = a3 = a4 = a5 = Initial(extra);
        b0 = b1 = b2 = b3 = b4 = b5 = Initial(extra + TSimd.Count);
        c0 = c1 = c2 = c3 = c4 = c5 = Initial(extra + 2 * TSimd.Count);
        d0 = d1 = d2 = d3 = d4 = d5 = Initial(extra + 3 * TSimd.Count);
        for (int tap = 0; tap < 9; tap++)
        {
            int r = tap / 3;
            float* row = rows[r];
            float* p = row + (x + (tap - 3 * r - 1) * dilation) * Stride;
            for (float* end = p + TUsed.Value; p < end; p++, weights += 4 * TSimd.Count)
            {
                TVector u = TSimd.Load(weights);
                TVector v = TSimd.Load(weights + TSimd.Count);
                TVector w = TSimd.Load(weights + 2 * TSimd.Count);
                TVector z = TSimd.Load(weights + 3 * TSimd.Count);
                TVector i = TSimd.Broadcast(p[0]);
                a0 = TSimd.MultiplyAdd(i, u, a0);
                b0 = TSimd.MultiplyAdd(i, v, b0);
                c0 = TSimd.MultiplyAdd(i, w, c0);
                d0 = TSimd.MultiplyAdd(i, z, d0);
                i = TSimd.Broadcast(p[Stride]);
                a1 = TSimd.MultiplyAdd(i, u, a1);
                b1 = TSimd.MultiplyAdd(i, v, b1);
                c1 = TSimd.MultiplyAdd(i, w, c1);
                d1 = TSimd.MultiplyAdd(i, z, d1);
                i = TSimd.Broadcast(p[2 * Stride]);
                a2 = TSimd.MultiplyAdd(i, u, a2);
                b2 = TSimd.MultiplyAdd(i, v, b2);
                c2 = TSimd.MultiplyAdd(i, w, c2);
                d2 = TSimd.MultiplyAdd(i, z, d2);
                i = TSimd.Broadcast(p[3 * Stride]);
                a3 = TSimd.MultiplyAdd(i, u, a3);
                b3 = TSimd.MultiplyAdd(i, v, b3);
                c3 = TSimd.MultiplyAdd(i, w, c3);
                d3 = TSimd.MultiplyAdd(i, z, d3);
                i = TSimd.Broadcast(p[4 * Stride]);
                a4 = TSimd.MultiplyAdd(i, u, a4);
                b4 = TSimd.MultiplyAdd(i, v, b4);
                c4 = TSimd.MultiplyAdd(i, w, c4);
                d4 = TSimd.MultiplyAdd(i, z, d4);
                i = TSimd.Broadcast(p[5 * Stride]);
                a5 = TSimd.MultiplyAdd(i, u, a5);
                b5 = TSimd.MultiplyAdd(i, v, b5);
                c5 = TSimd.MultiplyAdd(i, w, c5);
                d5 = TSimd.MultiplyAdd(i, z, d5);
            }
        }
        Put(output, extra, 0, a0, b0);
        Put(output, extra, 2 * TSimd.Count, c0, d0);
        Put(output, extra, 1 * Outputs, a1, b1);
        Put(output, extra, 1 * Outputs + 2 * TSimd.Count, c1, d1);
        Put(output, extra, 2 * Outputs, a2, b2);
        Put(output, extra, 2 * Outputs + 2 * TSimd.Count, c2, d2);
        Put(output, extra, 3 * Outputs, a3, b3);
        Put(output, extra, 3 * Outputs + 2 * TSimd.Count, c3, d3);
        Put(output, extra, 4 * Outputs, a4, b4);
        Put(output, extra, 4 * Outputs + 2 * TSimd.Count, c4, d4);
        Put(output, extra, 5 * Outputs, a5, b5);
        Put(output, extra, 5 * Outputs + 2 * TSimd.Count, c5, d5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Block6x2(in RowTriple rows, int x, int dilation, float* weights, float* extra, float* output)
    {
        TVector a0, a1, a2, a3, a4, a5;
        TVector b0, b1, b2, b3, b4, b5;
        a0 = a1 = a2 = a3 = a4 = a5 = Initial(extra);
        b0 = b1 = b2 = b3 = b4 = b5 = Initial(extra + TSimd.Count);
        for (int tap = 0; tap < 9; tap++)
        {
            int r = tap / 3;
            float* row = rows[r];
            float* p = row + (x + (tap - 3 * r - 1) * dilation) * Stride;
            for (float* end = p + TUsed.Value; p < end; p++, weights += 2 * TSimd.Count)
            {
                TVector u = TSimd.Load(weights);
                TVector v = TSimd.Load(weights + TSimd.Count);
                TVector i = TSimd.Broadcast(p[0]);
                a0 = TSimd.MultiplyAdd(i, u, a0);
                b0 = TSimd.MultiplyAdd(i, v, b0);
                i = TSimd.Broadcast(p[Stride]);
                a1 = TSimd.MultiplyAdd(i, u, a1);
                b1 = TSimd.MultiplyAdd(i, v, b1);
                i = TSimd.Broadcast(p[2 * Stride]);
                a2 = TSimd.MultiplyAdd(i, u, a2);
                b2 = TSimd.MultiplyAdd(i, v, b2);
                i = TSimd.Broadcast(p[3 * Stride]);
                a3 = TSimd.MultiplyAdd(i, u, a3);
                b3 = TSimd.MultiplyAdd(i, v, b3);
                i = TSimd.Broadcast(p[4 * Stride]);
                a4 = TSimd.MultiplyAdd(i, u, a4);
                b4 = TSimd.MultiplyAdd(i, v, b4);
                i = TSimd.Broadcast(p[5 * Stride]);
                a5 = TSimd.MultiplyAdd(i, u, a5);
                b5 = TSimd.MultiplyAdd(i, v, b5);
            }
        }
        Put(output, extra, 0, a0, b0);
        Put(output, extra, 1 * Outputs, a1, b1);
        Put(output, extra, 2 * Outputs, a2, b2);
        Put(output, extra, 3 * Outputs, a3, b3);
        Put(output, extra, 4 * Outputs, a4, b4);
        Put(output, extra, 5 * Outputs, a5, b5);
    }

    static float* ExtraAt(float* extra, int x, int k) =>
        TEpilogue.Kind == Conv3x3Epilogue.Rectify ? extra + k : extra + x * Outputs + k;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Initial(float* extra) =>
        TEpilogue.Kind == Conv3x3Epilogue.Rectify ? TSimd.Load(extra) : TSimd.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put(float* output, float* extra, int at, TVector a, TVector b)
    {
        Finish(output + at, extra + at, a);
        Finish(output + at + TSimd.Count, extra + at + TSimd.Count, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Finish(float* output, float* extra, TVector a) =>
        TSimd.Store(output, TEpilogue.Kind == Conv3x3Epilogue.Rectify ? TSimd.ClampNegative(a) : TSimd.Gate(a, TSimd.Load(extra)));
}
