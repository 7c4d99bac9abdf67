using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu;

// Conv3x3: one row of a dilated 3x3 convolution with 64 outputs, channels last.
//   out[x,k] = e( bias[k] + sum over r,s,c of row[r][x + (s-1)*dilation, c] * w[r,s,c,k] )
// row[r]   [.., C] points at pixel 0 of input row y + (r-1)*dilation; pixels -dilation .. width-1+dilation are readable
//          (the caller keeps zeros there where the picture ends).
// weights  packed by Conv3x3Weights.Pack: [k / block][r][s][c][block], block = two vectors.
// out      [width, 64]; must not overlap the input rows.
// e        Rectify: max(0, .) (bias + ReLU), or Gate: zero where gate[x,k] <= 0 (ReLU backward, no bias).
// A block of 12 (6) pixels by two vectors stays in registers over all 9*C terms; the terms of one output are always
// added in the order r, s, c, so neither the block nor the vector width changes a bit of the result.
// A row whose width is no multiple of the block computes its last block overlapping the one before.

/// <summary>What happens to an accumulator before it is stored.</summary>
enum Conv3x3Epilogue
{
    Rectify,
    Gate,
}

interface IEpilogue
{
    static abstract Conv3x3Epilogue Kind { get; }
}

readonly struct Rectify : IEpilogue
{
    public static Conv3x3Epilogue Kind => Conv3x3Epilogue.Rectify;
}

readonly struct Gate : IEpilogue
{
    public static Conv3x3Epilogue Kind => Conv3x3Epilogue.Gate;
}

/// <summary>Three input rows of one output row.</summary>
unsafe struct RowTriple
{
    public float* Above;
    public float* Middle;
    public float* Below;

    public readonly float* this[int r] => r == 0 ? Above : r == 1 ? Middle : Below;
}

static unsafe class Conv3x3<TVector, TSimd, TChannels, TEpilogue>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
    where TChannels : struct, IConstant
    where TEpilogue : struct, IEpilogue
{
    const int Outputs = 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(
        in RowTriple rows, int dilation, float* weights, float* extra, float* output, int width)
    {
        int block = 2 * TSimd.Count;
        int pixels = TSimd.HasThirtyTwoRegisters ? 12 : 6;
        for (int k = 0; k < Outputs; k += block, weights += 9 * TChannels.Value * block)
        {
            // extra: the bias [64] for Rectify, the gate [width, 64] for Gate.
            if (width < pixels)
            {
                for (int x = 0; x < width; x++)
                    Block1(rows, x, dilation, weights, ExtraAt(extra, x, k), output + x * Outputs + k);
                continue;
            }
            for (int x = 0; ;)
            {
                float* e = ExtraAt(extra, x, k);
                float* o = output + x * Outputs + k;
                if (TSimd.HasThirtyTwoRegisters)
                    Block12(rows, x, dilation, weights, e, o);
                else
                    Block6(rows, x, dilation, weights, e, o);
                if (x == width - pixels)
                    break;
                x = Math.Min(x + pixels, width - pixels);
            }
        }
    }

    static float* ExtraAt(float* extra, int x, int k) =>
        TEpilogue.Kind == Conv3x3Epilogue.Rectify ? extra + k : extra + x * Outputs + k;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Initial(float* extra) =>
        TEpilogue.Kind == Conv3x3Epilogue.Rectify ? TSimd.Load(extra) : TSimd.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Finish(float* output, float* extra, int pixel, TVector a, TVector b)
    {
        output += pixel * Outputs;
        if (TEpilogue.Kind == Conv3x3Epilogue.Rectify)
        {
            TSimd.Store(output, TSimd.ClampNegative(a));
            TSimd.Store(output + TSimd.Count, TSimd.ClampNegative(b));
        }
        else
        {
            extra += pixel * Outputs;
            TSimd.Store(output, TSimd.Gate(a, TSimd.Load(extra)));
            TSimd.Store(output + TSimd.Count, TSimd.Gate(b, TSimd.Load(extra + TSimd.Count)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Block12(in RowTriple rows, int x, int dilation, float* weights, float* extra, float* output)
    {
        TVector a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11;
        TVector b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = a10 = a11 = Initial(extra);
        b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = b8 = b9 = b10 = b11 = Initial(extra + TSimd.Count);
        int c = TChannels.Value;
        for (int tap = 0; tap < 9; tap++)
        {
            int r = tap / 3;
            float* row = rows[r];
            float* p = row + (x + (tap - 3 * r - 1) * dilation) * c;
            for (float* end = p + c; p < end; p++, weights += 2 * TSimd.Count)
            {
                TVector u = TSimd.Load(weights);
                TVector v = TSimd.Load(weights + TSimd.Count);
                TVector i = TSimd.Broadcast(p[0]);
                a0 = TSimd.MultiplyAdd(i, u, a0);
                b0 = TSimd.MultiplyAdd(i, v, b0);
                i = TSimd.Broadcast(p[TChannels.Value]);
                a1 = TSimd.MultiplyAdd(i, u, a1);
                b1 = TSimd.MultiplyAdd(i, v, b1);
                i = TSimd.Broadcast(p[2 * TChannels.Value]);
                a2 = TSimd.MultiplyAdd(i, u, a2);
                b2 = TSimd.MultiplyAdd(i, v, b2);
                i = TSimd.Broadcast(p[3 * TChannels.Value]);
                a3 = TSimd.MultiplyAdd(i, u, a3);
                b3 = TSimd.MultiplyAdd(i, v, b3);
                i = TSimd.Broadcast(p[4 * TChannels.Value]);
                a4 = TSimd.MultiplyAdd(i, u, a4);
                b4 = TSimd.MultiplyAdd(i, v, b4);
                i = TSimd.Broadcast(p[5 * TChannels.Value]);
                a5 = TSimd.MultiplyAdd(i, u, a5);
                b5 = TSimd.MultiplyAdd(i, v, b5);
                i = TSimd.Broadcast(p[6 * TChannels.Value]);
                a6 = TSimd.MultiplyAdd(i, u, a6);
                b6 = TSimd.MultiplyAdd(i, v, b6);
                i = TSimd.Broadcast(p[7 * TChannels.Value]);
                a7 = TSimd.MultiplyAdd(i, u, a7);
                b7 = TSimd.MultiplyAdd(i, v, b7);
                i = TSimd.Broadcast(p[8 * TChannels.Value]);
                a8 = TSimd.MultiplyAdd(i, u, a8);
                b8 = TSimd.MultiplyAdd(i, v, b8);
                i = TSimd.Broadcast(p[9 * TChannels.Value]);
                a9 = TSimd.MultiplyAdd(i, u, a9);
                b9 = TSimd.MultiplyAdd(i, v, b9);
                i = TSimd.Broadcast(p[10 * TChannels.Value]);
                a10 = TSimd.MultiplyAdd(i, u, a10);
                b10 = TSimd.MultiplyAdd(i, v, b10);
                i = TSimd.Broadcast(p[11 * TChannels.Value]);
                a11 = TSimd.MultiplyAdd(i, u, a11);
                b11 = TSimd.MultiplyAdd(i, v, b11);
            }
        }
        Finish(output, extra, 0, a0, b0);
        Finish(output, extra, 1, a1, b1);
        Finish(output, extra, 2, a2, b2);
        Finish(output, extra, 3, a3, b3);
        Finish(output, extra, 4, a4, b4);
        Finish(output, extra, 5, a5, b5);
        Finish(output, extra, 6, a6, b6);
        Finish(output, extra, 7, a7, b7);
        Finish(output, extra, 8, a8, b8);
        Finish(output, extra, 9, a9, b9);
        Finish(output, extra, 10, a10, b10);
        Finish(output, extra, 11, a11, b11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Block6(in RowTriple rows, int x, int dilation, float* weights, float* extra, float* output)
    {
        TVector a0, a1, a2, a3, a4, a5, b0, b1, b2, b3, b4, b5;
        a0 = a1 = a2 = a3 = a4 = a5 = Initial(extra);
        b0 = b1 = b2 = b3 = b4 = b5 = Initial(extra + TSimd.Count);
        int c = TChannels.Value;
        for (int tap = 0; tap < 9; tap++)
        {
            int r = tap / 3;
            float* row = rows[r];
            float* p = row + (x + (tap - 3 * r - 1) * dilation) * c;
            for (float* end = p + c; p < end; p++, weights += 2 * TSimd.Count)
            {
                TVector u = TSimd.Load(weights);
                TVector v = TSimd.Load(weights + TSimd.Count);
                TVector i = TSimd.Broadcast(p[0]);
                a0 = TSimd.MultiplyAdd(i, u, a0);
                b0 = TSimd.MultiplyAdd(i, v, b0);
                i = TSimd.Broadcast(p[TChannels.Value]);
                a1 = TSimd.MultiplyAdd(i, u, a1);
                b1 = TSimd.MultiplyAdd(i, v, b1);
                i = TSimd.Broadcast(p[2 * TChannels.Value]);
                a2 = TSimd.MultiplyAdd(i, u, a2);
                b2 = TSimd.MultiplyAdd(i, v, b2);
                i = TSimd.Broadcast(p[3 * TChannels.Value]);
                a3 = TSimd.MultiplyAdd(i, u, a3);
                b3 = TSimd.MultiplyAdd(i, v, b3);
                i = TSimd.Broadcast(p[4 * TChannels.Value]);
                a4 = TSimd.MultiplyAdd(i, u, a4);
                b4 = TSimd.MultiplyAdd(i, v, b4);
                i = TSimd.Broadcast(p[5 * TChannels.Value]);
                a5 = TSimd.MultiplyAdd(i, u, a5);
                b5 = TSimd.MultiplyAdd(i, v, b5);
            }
        }
        Finish(output, extra, 0, a0, b0);
        Finish(output, extra, 1, a1, b1);
        Finish(output, extra, 2, a2, b2);
        Finish(output, extra, 3, a3, b3);
        Finish(output, extra, 4, a4, b4);
        Finish(output, extra, 5, a5, b5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Block1(in RowTriple rows, int x, int dilation, float* weights, float* extra, float* output)
    {
        TVector a = Initial(extra);
        TVector b = Initial(extra + TSimd.Count);
        int c = TChannels.Value;
        for (int tap = 0; tap < 9; tap++)
        {
            int r = tap / 3;
            float* row = rows[r];
            float* p = row + (x + (tap - 3 * r - 1) * dilation) * c;
            for (float* end = p + c; p < end; p++, weights += 2 * TSimd.Count)
            {
                TVector i = TSimd.Broadcast(p[0]);
                a = TSimd.MultiplyAdd(i, TSimd.Load(weights), a);
                b = TSimd.MultiplyAdd(i, TSimd.Load(weights + TSimd.Count), b);
            }
        }
        Finish(output, extra, 0, a, b);
    }
}
