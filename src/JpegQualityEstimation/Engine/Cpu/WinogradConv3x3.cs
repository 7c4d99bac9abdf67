using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu;

// WinogradConv3x3: dilated 3x3 convolution, 64 channels to 64, by F(4x4, 3x3): 36 products where the direct sum
// takes 144. A dilation of d is d*d interleaved dense convolutions (exact), so a tile is 4x4 outputs d apart.
// One call takes one row of tiles in: four output rows d apart, columns [first, end). Tiles wait in the scratch until
// 32 are there; Flush computes the last ones and must come before the next layer.
//   input   six row pointers (pixel 0 of input rows y-d, y, y+d, .. y+4d), channels last; all columns that a tile looks
//           at (d to the left of it, 4d + 1 past its first) are readable, and zero outside the picture
//   output  four row pointers, null for a row outside the picture (then so are the rows after it)
//   packed  [36][64 c][64 k] transformed weights, WinogradWeights
// first is a multiple of 4d in the picture's columns: a tile's result then depends on its 36 inputs alone, the same
// bits whatever the strip, the group or the thread.
static unsafe class WinogradConv3x3<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int Channels = 64;

    /// <summary>Takes one row of tiles in; computes a group whenever it is full. <see cref="Flush"/> computes the rest.</summary>
    public static void TileRow<TEpilogue>(
        float** input, int dilation, int first, int end, float* packed, float* bias, float** gate, float** output, WinogradScratch scratch)
        where TEpilogue : struct, IEpilogue
    {
        RowQuad to = RowQuad.From(output);
        RowQuad gates = TEpilogue.Kind == Conv3x3Epilogue.Gate ? RowQuad.From(gate) : default;
        for (int phase = 0; phase < dilation; phase++)
        {
            for (int x = first + phase; x < end; x += 4 * dilation)
            {
                TransformInput(input, x, dilation, scratch.Inputs + scratch.Count * Channels, scratch.Temporary);
                scratch.Tiles[scratch.Count] = new WinogradTile { Column = x, End = end, Output = to, Gate = gates };
                if (++scratch.Count == WinogradScratch.Slots)
                    Flush<TEpilogue>(dilation, packed, bias, scratch);
            }
        }
    }

    /// <summary>Computes the tiles that wait.</summary>
    public static void Flush<TEpilogue>(int dilation, float* packed, float* bias, WinogradScratch scratch)
        where TEpilogue : struct, IEpilogue
    {
        int count = scratch.Count;
        for (int f = 0; f < 36 && count > 0; f++)
        {
            float* inputs = scratch.Inputs + f * WinogradScratch.FrequencyStride;
            float* products = scratch.Products + f * WinogradScratch.FrequencyStride;
            float* weights = packed + f * Channels * Channels;
            for (int k = 0; k < Channels; k += 2 * TSimd.Count, weights += Channels * 2 * TSimd.Count)
            {
                if (TSimd.HasThirtyTwoRegisters)
                {
                    for (int t = 0; t < count; t += 8)
                        Multiply8(inputs + t * Channels, weights, products + t * Channels + k);
                }
                else
                {
                    for (int t = 0; t < count; t += 4)
                        Multiply4(inputs + t * Channels, weights, products + t * Channels + k);
                }
            }
        }
        for (int t = 0; t < count; t++)
            TransformOutput<TEpilogue>(scratch.Products + t * Channels, scratch.Tiles[t], dilation, bias, scratch.Temporary);
        scratch.Count = 0;
    }

    /// <summary>dU[36][64 c][64 k] += what one row of tiles gives; gradient: four row pointers of dOut, null outside.</summary>
    public static void WeightGradientTileRow(
        float** input, int dilation, int end, float** gradient, float* dU, WinogradScratch scratch)
    {
        for (int phase = 0; phase < dilation; phase++)
        {
            for (int x = phase; x < end; x += 4 * dilation)
            {
                TransformInput(input, x, dilation, scratch.Inputs + scratch.Count * Channels, scratch.Temporary);
                TransformGradient(gradient, x, dilation, end, scratch.Products + scratch.Count * Channels, scratch.Temporary);
                if (++scratch.Count == WinogradScratch.Slots)
                    FlushWeightGradient(dU, scratch);
            }
        }
    }

    /// <summary>Adds what the tiles that wait give.</summary>
    public static void FlushWeightGradient(float* dU, WinogradScratch scratch)
    {
        if (scratch.Count > 0)
            Accumulate(scratch.Count, dU, scratch);
        scratch.Count = 0;
    }

    static void TransformInput(float** rows, int x, int dilation, float* transformed, float* temporary)
    {
        int step = dilation * Channels;
        for (int c = 0; c < Channels; c += TSimd.Count)
        {
            int at = x * Channels - step + c;
            for (int j = 0; j < 6; j++, at += step)
            {
                TVector d0 = TSimd.Load(rows[0] + at), d1 = TSimd.Load(rows[1] + at), d2 = TSimd.Load(rows[2] + at);
                TVector d3 = TSimd.Load(rows[3] + at), d4 = TSimd.Load(rows[4] + at), d5 = TSimd.Load(rows[5] + at);
                Winograd4x4<TVector, TSimd>.Input(ref d0, ref d1, ref d2, ref d3, ref d4, ref d5);
                StoreColumn(temporary + j * TSimd.Count, d0, d1, d2, d3, d4, d5);
            }
            float* to = transformed + c;
            for (int i = 0; i < 6; i++)
            {
                float* from = temporary + i * 6 * TSimd.Count;
                TVector d0 = TSimd.Load(from), d1 = TSimd.Load(from + TSimd.Count), d2 = TSimd.Load(from + 2 * TSimd.Count);
                TVector d3 = TSimd.Load(from + 3 * TSimd.Count), d4 = TSimd.Load(from + 4 * TSimd.Count), d5 = TSimd.Load(from + 5 * TSimd.Count);
                Winograd4x4<TVector, TSimd>.Input(ref d0, ref d1, ref d2, ref d3, ref d4, ref d5);
                StoreFrequencies(ref to, d0, d1, d2, d3, d4, d5);
            }
        }
    }

    static void TransformGradient(float** rows, int x, int dilation, int endColumn, float* transformed, float* temporary)
    {
        for (int c = 0; c < Channels; c += TSimd.Count)
        {
            for (int j = 0; j < 4; j++)
            {
                int column = x + j * dilation;
                bool inside = column < endColumn;
                TVector y0 = LoadOrZero(rows[0], column, c, inside), y1 = LoadOrZero(rows[1], column, c, inside);
                TVector y2 = LoadOrZero(rows[2], column, c, inside), y3 = LoadOrZero(rows[3], column, c, inside);
                Winograd4x4<TVector, TSimd>.OutputAdjoint(y0, ref y1, ref y2, ref y3, out TVector y4, out TVector y5);
                StoreColumn(temporary + j * TSimd.Count, y0, y1, y2, y3, y4, y5);
            }
            float* to = transformed + c;
            for (int i = 0; i < 6; i++)
            {
                float* from = temporary + i * 6 * TSimd.Count;
                TVector y0 = TSimd.Load(from), y1 = TSimd.Load(from + TSimd.Count), y2 = TSimd.Load(from + 2 * TSimd.Count);
                TVector y3 = TSimd.Load(from + 3 * TSimd.Count);
                Winograd4x4<TVector, TSimd>.OutputAdjoint(y0, ref y1, ref y2, ref y3, out TVector y4, out TVector y5);
                StoreFrequencies(ref to, y0, y1, y2, y3, y4, y5);
            }
        }
    }

    static void TransformOutput<TEpilogue>(float* products, in WinogradTile tile, int dilation, float* bias, float* temporary)
        where TEpilogue : struct, IEpilogue
    {
        const int Stride = WinogradScratch.FrequencyStride;
        for (int c = 0; c < Channels; c += TSimd.Count)
        {
            float* from = products + c;
            for (int j = 0; j < 6; j++, from += Stride)
            {
                TVector m0 = TSimd.Load(from), m1 = TSimd.Load(from + 6 * Stride), m2 = TSimd.Load(from + 12 * Stride);
                TVector m3 = TSimd.Load(from + 18 * Stride), m4 = TSimd.Load(from + 24 * Stride), m5 = TSimd.Load(from + 30 * Stride);
                Winograd4x4<TVector, TSimd>.Output(ref m0, ref m1, ref m2, ref m3, m4, m5);
                float* to = temporary + j * TSimd.Count;
                TSimd.Store(to, m0);
                TSimd.Store(to + 6 * TSimd.Count, m1);
                TSimd.Store(to + 12 * TSimd.Count, m2);
                TSimd.Store(to + 18 * TSimd.Count, m3);
            }
            for (int i = 0; i < 4; i++)
            {
                float* output = tile.Output[i];
                float* gate = tile.Gate[i];
                if (output == null)
                    break;
                float* row = temporary + i * 6 * TSimd.Count;
                TVector m0 = TSimd.Load(row), m1 = TSimd.Load(row + TSimd.Count), m2 = TSimd.Load(row + 2 * TSimd.Count);
                TVector m3 = TSimd.Load(row + 3 * TSimd.Count), m4 = TSimd.Load(row + 4 * TSimd.Count), m5 = TSimd.Load(row + 5 * TSimd.Count);
                Winograd4x4<TVector, TSimd>.Output(ref m0, ref m1, ref m2, ref m3, m4, m5);
                int x = tile.Column;
                StoreOutput<TEpilogue>(m0, x, tile.End, c, bias, gate, output);
                StoreOutput<TEpilogue>(m1, x + dilation, tile.End, c, bias, gate, output);
                StoreOutput<TEpilogue>(m2, x + 2 * dilation, tile.End, c, bias, gate, output);
                StoreOutput<TEpilogue>(m3, x + 3 * dilation, tile.End, c, bias, gate, output);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreOutput<TEpilogue>(TVector value, int x, int end, int c, float* bias, float* gate, float* output)
        where TEpilogue : struct, IEpilogue
    {
        if (x >= end)
            return;
        int at = x * Channels + c;
        value = TEpilogue.Kind == Conv3x3Epilogue.Rectify
            ? TSimd.ClampNegative(TSimd.Add(value, TSimd.Load(bias + c)))
            : TSimd.Gate(value, TSimd.Load(gate + at));
        TSimd.Store(output + at, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector LoadOrZero(float* row, int column, int c, bool inside) =>
        inside && row != null ? TSimd.Load(row + column * Channels + c) : TSimd.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreColumn(float* to, TVector v0, TVector v1, TVector v2, TVector v3, TVector v4, TVector v5)
    {
        TSimd.Store(to, v0);
        TSimd.Store(to + 6 * TSimd.Count, v1);
        TSimd.Store(to + 12 * TSimd.Count, v2);
        TSimd.Store(to + 18 * TSimd.Count, v3);
        TSimd.Store(to + 24 * TSimd.Count, v4);
        TSimd.Store(to + 30 * TSimd.Count, v5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreFrequencies(ref float* to, TVector v0, TVector v1, TVector v2, TVector v3, TVector v4, TVector v5)
    {
        const int Stride = WinogradScratch.FrequencyStride;
        TSimd.Store(to, v0);
        TSimd.Store(to + Stride, v1);
        TSimd.Store(to + 2 * Stride, v2);
        TSimd.Store(to + 3 * Stride, v3);
        TSimd.Store(to + 4 * Stride, v4);
        TSimd.Store(to + 5 * Stride, v5);
        to += 6 * Stride;
    }

    // products[8 tiles, 2 vectors] = inputs[8, 64] * weights[64, 2 vectors]
    static void Multiply8(float* inputs, float* weights, float* products)
    {
        TVector a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = TSimd.Zero;
        for (float* end = inputs + Channels; inputs < end; inputs++, weights += 2 * TSimd.Count)
        {
            TVector u = TSimd.Load(weights);
            TVector v = TSimd.Load(weights + TSimd.Count);
            TVector i = TSimd.Broadcast(inputs[0]);
            a0 = TSimd.MultiplyAdd(i, u, a0);
            b0 = TSimd.MultiplyAdd(i, v, b0);
            i = TSimd.Broadcast(inputs[Channels]);
            a1 = TSimd.MultiplyAdd(i, u, a1);
            b1 = TSimd.MultiplyAdd(i, v, b1);
            i = TSimd.Broadcast(inputs[2 * Channels]);
            a2 = TSimd.MultiplyAdd(i, u, a2);
            b2 = TSimd.MultiplyAdd(i, v, b2);
            i = TSimd.Broadcast(inputs[3 * Channels]);
            a3 = TSimd.MultiplyAdd(i, u, a3);
            b3 = TSimd.MultiplyAdd(i, v, b3);
            i = TSimd.Broadcast(inputs[4 * Channels]);
            a4 = TSimd.MultiplyAdd(i, u, a4);
            b4 = TSimd.MultiplyAdd(i, v, b4);
            i = TSimd.Broadcast(inputs[5 * Channels]);
            a5 = TSimd.MultiplyAdd(i, u, a5);
            b5 = TSimd.MultiplyAdd(i, v, b5);
            i = TSimd.Broadcast(inputs[6 * Channels]);
            a6 = TSimd.MultiplyAdd(i, u, a6);
            b6 = TSimd.MultiplyAdd(i, v, b6);
            i = TSimd.Broadcast(inputs[7 * Channels]);
            a7 = TSimd.MultiplyAdd(i, u, a7);
            b7 = TSimd.MultiplyAdd(i, v, b7);
        }
        Put(products, 0, a0, b0);
        Put(products, 1, a1, b1);
        Put(products, 2, a2, b2);
        Put(products, 3, a3, b3);
        Put(products, 4, a4, b4);
        Put(products, 5, a5, b5);
        Put(products, 6, a6, b6);
        Put(products, 7, a7, b7);
    }

    static void Multiply4(float* inputs, float* weights, float* products)
    {
        TVector a0, a1, a2, a3, b0, b1, b2, b3;
        a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = TSimd.Zero;
        for (float* end = inputs + Channels; inputs < end; inputs++, weights += 2 * TSimd.Count)
        {
            TVector u = TSimd.Load(weights);
            TVector v = TSimd.Load(weights + TSimd.Count);
            TVector i = TSimd.Broadcast(inputs[0]);
            a0 = TSimd.MultiplyAdd(i, u, a0);
            b0 = TSimd.MultiplyAdd(i, v, b0);
            i = TSimd.Broadcast(inputs[Channels]);
            a1 = TSimd.MultiplyAdd(i, u, a1);
            b1 = TSimd.MultiplyAdd(i, v, b1);
            i = TSimd.Broadcast(inputs[2 * Channels]);
            a2 = TSimd.MultiplyAdd(i, u, a2);
            b2 = TSimd.MultiplyAdd(i, v, b2);
            i = TSimd.Broadcast(inputs[3 * Channels]);
            a3 = TSimd.MultiplyAdd(i, u, a3);
            b3 = TSimd.MultiplyAdd(i, v, b3);
        }
        Put(products, 0, a0, b0);
        Put(products, 1, a1, b1);
        Put(products, 2, a2, b2);
        Put(products, 3, a3, b3);
    }

    // dU[f][c][k] += sum over tiles of inputs[f][t][c] * gradients[f][t][k]
    static void Accumulate(int count, float* dU, WinogradScratch scratch)
    {
        for (int f = 0; f < 36; f++)
        {
            float* inputs = scratch.Inputs + f * WinogradScratch.FrequencyStride;
            float* gradients = scratch.Products + f * WinogradScratch.FrequencyStride;
            float* to = dU + f * Channels * Channels;
            for (int k = 0; k < Channels; k += 2 * TSimd.Count)
            {
                if (TSimd.HasThirtyTwoRegisters)
                {
                    for (int c = 0; c < Channels; c += 8)
                        Outer8(inputs + c, gradients + k, count, to + c * Channels + k);
                }
                else
                {
                    for (int c = 0; c < Channels; c += 4)
                        Outer4(inputs + c, gradients + k, count, to + c * Channels + k);
                }
            }
        }
    }

    static void Outer8(float* inputs, float* gradients, int count, float* to)
    {
        TVector a0 = Get(to, 0), a1 = Get(to, 1), a2 = Get(to, 2), a3 = Get(to, 3);
        TVector a4 = Get(to, 4), a5 = Get(to, 5), a6 = Get(to, 6), a7 = Get(to, 7);
        TVector b0 = GetNext(to, 0), b1 = GetNext(to, 1), b2 = GetNext(to, 2), b3 = GetNext(to, 3);
        TVector b4 = GetNext(to, 4), b5 = GetNext(to, 5), b6 = GetNext(to, 6), b7 = GetNext(to, 7);
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

    static void Outer4(float* inputs, float* gradients, int count, float* to)
    {
        TVector a0 = Get(to, 0), a1 = Get(to, 1), a2 = Get(to, 2), a3 = Get(to, 3);
        TVector b0 = GetNext(to, 0), b1 = GetNext(to, 1), b2 = GetNext(to, 2), b3 = GetNext(to, 3);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put(float* to, int row, TVector a, TVector b)
    {
        TSimd.Store(to + row * Channels, a);
        TSimd.Store(to + row * Channels + TSimd.Count, b);
    }
}
