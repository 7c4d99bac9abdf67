using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu;

// The transforms of a tile between the picture's rows and the scratch: [64 frequencies][slot][64].
static unsafe partial class Winograd6x6Conv3x3<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    // A tile's columns lie in eight places of `columns` [64 / vector][8 places][8 values]; its last two are the next one's
    // first two, so that those of a tile that goes on from its left neighbour need not be transformed again. `place` is where
    // column 0 lies. The new columns of the tile that lies `ahead`, row by row, are asked for between those of this one: at
    // once they would wait for each other. All columns are done before any frequency is stored: a load waits for the stores
    // before it that lie a multiple of 4 kB away, and those to the frequencies lie everywhere.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TransformInput(float** rows, int x, int dilation, float* transformed, float* columns, int place, bool goesOn, nint* ahead)
    {
        int step = dilation * Channels;
        int column = Reach * TSimd.Count;
        int first = goesOn ? 2 : 0;
        nint start = x * Channels + (first - 1) * step;
        float* r0 = rows[0] + start, r1 = rows[1] + start, r2 = rows[2] + start, r3 = rows[3] + start;
        float* r4 = rows[4] + start, r5 = rows[5] + start, r6 = rows[6] + start, r7 = rows[7] + start;
        nint a0 = ahead[0], a1 = ahead[1], a2 = ahead[2], a3 = ahead[3], a4 = ahead[4], a5 = ahead[5], a6 = ahead[6], a7 = ahead[7];
        for (int c = 0; c < Channels; c += TSimd.Count, columns += Reach * column)
        {
            nint at = c;
            for (int j = first; j < Reach; j++, at += step)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(r0 + at + a0);
                    Sse.Prefetch0(r1 + at + a1);
                    Sse.Prefetch0(r2 + at + a2);
                    Sse.Prefetch0(r3 + at + a3);
                    Sse.Prefetch0(r4 + at + a4);
                    Sse.Prefetch0(r5 + at + a5);
                    Sse.Prefetch0(r6 + at + a6);
                    Sse.Prefetch0(r7 + at + a7);
                }
                TVector d0 = TSimd.Load(r0 + at), d1 = TSimd.Load(r1 + at), d2 = TSimd.Load(r2 + at), d3 = TSimd.Load(r3 + at);
                TVector d4 = TSimd.Load(r4 + at), d5 = TSimd.Load(r5 + at), d6 = TSimd.Load(r6 + at), d7 = TSimd.Load(r7 + at);
                Winograd6x6<TVector, TSimd>.Input(ref d0, ref d1, ref d2, ref d3, ref d4, ref d5, ref d6, ref d7);
                Store(columns + (place + j) % Reach * column, TSimd.Count, d0, d1, d2, d3, d4, d5, d6, d7);
            }
        }
        columns -= Channels * Reach * Reach;
        int p0 = place % Reach * column, p1 = (place + 1) % Reach * column, p2 = (place + 2) % Reach * column, p3 = (place + 3) % Reach * column;
        int p4 = (place + 4) % Reach * column, p5 = (place + 5) % Reach * column, p6 = (place + 6) % Reach * column, p7 = (place + 7) % Reach * column;
        for (int c = 0; c < Channels; c += TSimd.Count, columns += Reach * column)
        {
            float* to = transformed + c;
            float* from = columns;
            for (int i = 0; i < Reach; i++, from += TSimd.Count, to += Reach * Winograd6x6Scratch.FrequencyStride)
            {
                TVector d0 = TSimd.Load(from + p0), d1 = TSimd.Load(from + p1), d2 = TSimd.Load(from + p2), d3 = TSimd.Load(from + p3);
                TVector d4 = TSimd.Load(from + p4), d5 = TSimd.Load(from + p5), d6 = TSimd.Load(from + p6), d7 = TSimd.Load(from + p7);
                Winograd6x6<TVector, TSimd>.Input(ref d0, ref d1, ref d2, ref d3, ref d4, ref d5, ref d6, ref d7);
                Store(to, Winograd6x6Scratch.FrequencyStride, d0, d1, d2, d3, d4, d5, d6, d7);
            }
        }
    }

    static void PrefetchOutput(in Winograd6x6Tile tile, int dilation)
    {
        for (int i = 0; i < Side && tile.Output[i] != 0; i++)
            PrefetchPixels((float*)tile.Output[i] + tile.Column * Channels, Side, dilation);
    }

    static void PrefetchPixels(float* pixel, int count, int dilation)
    {
        if (!Sse.IsSupported)
            return;
        for (; count > 0; count--, pixel += dilation * Channels)
        {
            Sse.Prefetch0(pixel);
            Sse.Prefetch0(pixel + LineFloats);
            Sse.Prefetch0(pixel + 2 * LineFloats);
            Sse.Prefetch0(pixel + 3 * LineFloats);
        }
    }

    // The pixels that the tile `ahead` writes are asked for between those of this one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TransformOutput(float* products, in Winograd6x6Tile tile, int dilation, float* bias, float* temporary, in Winograd6x6Tile ahead)
    {
        const int Stride = Winograd6x6Scratch.FrequencyStride;
        int step = dilation * Channels;
        int columns = (tile.End - tile.Column + dilation - 1) / dilation;
        for (int c = 0; c < Channels; c += TSimd.Count)
        {
            float* from = products + c;
            float* to = temporary;
            for (int j = 0; j < Reach; j++, from += Stride, to += TSimd.Count)
            {
                TVector m0 = TSimd.Load(from), m1 = TSimd.Load(from + 8 * Stride), m2 = TSimd.Load(from + 16 * Stride);
                TVector m3 = TSimd.Load(from + 24 * Stride), m4 = TSimd.Load(from + 32 * Stride), m5 = TSimd.Load(from + 40 * Stride);
                Winograd6x6<TVector, TSimd>.Output(
                    ref m0, ref m1, ref m2, ref m3, ref m4, ref m5, TSimd.Load(from + 48 * Stride), TSimd.Load(from + 56 * Stride));
                TSimd.Store(to, m0);
                TSimd.Store(to + 8 * TSimd.Count, m1);
                TSimd.Store(to + 16 * TSimd.Count, m2);
                TSimd.Store(to + 24 * TSimd.Count, m3);
                TSimd.Store(to + 32 * TSimd.Count, m4);
                TSimd.Store(to + 40 * TSimd.Count, m5);
            }
            TVector b = TSimd.Load(bias + c);
            float* row = temporary;
            for (int i = 0; i < Side; i++, row += 8 * TSimd.Count)
            {
                float* output = (float*)tile.Output[i];
                if (output == null)
                    break;
                float* then = (float*)ahead.Output[i];
                if (Sse.IsSupported && then != null)
                {
                    then += ahead.Column * Channels + c;
                    Sse.Prefetch0(then);
                    Sse.Prefetch0(then + step);
                    Sse.Prefetch0(then + 2 * step);
                    Sse.Prefetch0(then + 3 * step);
                    Sse.Prefetch0(then + 4 * step);
                    Sse.Prefetch0(then + 5 * step);
                }
                TVector m0 = TSimd.Load(row), m1 = TSimd.Load(row + TSimd.Count), m2 = TSimd.Load(row + 2 * TSimd.Count);
                TVector m3 = TSimd.Load(row + 3 * TSimd.Count), m4 = TSimd.Load(row + 4 * TSimd.Count), m5 = TSimd.Load(row + 5 * TSimd.Count);
                Winograd6x6<TVector, TSimd>.Output(
                    ref m0, ref m1, ref m2, ref m3, ref m4, ref m5, TSimd.Load(row + 6 * TSimd.Count), TSimd.Load(row + 7 * TSimd.Count));
                output += tile.Column * Channels + c;
                StoreOutput(output, m0, b);
                if (columns > 1)
                    StoreOutput(output + step, m1, b);
                if (columns > 2)
                    StoreOutput(output + 2 * step, m2, b);
                if (columns > 3)
                    StoreOutput(output + 3 * step, m3, b);
                if (columns > 4)
                    StoreOutput(output + 4 * step, m4, b);
                if (columns > 5)
                    StoreOutput(output + 5 * step, m5, b);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreOutput(float* output, TVector value, TVector bias) => TSimd.Store(output, TSimd.ClampNegative(TSimd.Add(value, bias)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(float* to, int stride, TVector v0, TVector v1, TVector v2, TVector v3, TVector v4, TVector v5, TVector v6, TVector v7)
    {
        TSimd.Store(to, v0);
        TSimd.Store(to + stride, v1);
        TSimd.Store(to + 2 * stride, v2);
        TSimd.Store(to + 3 * stride, v3);
        TSimd.Store(to + 4 * stride, v4);
        TSimd.Store(to + 5 * stride, v5);
        TSimd.Store(to + 6 * stride, v6);
        TSimd.Store(to + 7 * stride, v7);
    }
}
