using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu;

// The transforms of a tile between the picture's rows and the scratch: [36 frequencies][slot][64], 6x6 intermediate
// values of one vector of channels in the temporary.
static unsafe partial class WinogradConv3x3<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    // A tile's columns lie in six places of `columns` [64 / vector][6 places][6 values]; its last two are the next one's
    // first two, so that those of a tile that goes on from its left neighbour need not be transformed again. `place` is where
    // column 0 lies. The new columns of the tile that lies `ahead` are asked for between those of this one: at once they would
    // wait for each other. All columns are done before any frequency is stored: a load waits for the stores before it that lie
    // a multiple of 4 kB away, and those to the frequencies lie everywhere.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TransformInput(float** rows, int x, int dilation, float* transformed, float* columns, int place, bool goesOn, nint ahead)
    {
        int step = dilation * Channels;
        int column = 6 * TSimd.Count;
        int p0 = place * column, p1 = Place(place + 1), p2 = Place(place + 2), p3 = Place(place + 3), p4 = Place(place + 4), p5 = Place(place + 5);
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5];
        for (int c = 0; c < Channels; c += TSimd.Count, columns += 6 * column)
        {
            int at = x * Channels - step + c;
            int first = 0;
            if (goesOn)
            {
                first = 2;
                at += 2 * step;
            }
            for (int j = first; j < 6; j++, at += step)
            {
                if (Sse.IsSupported)
                {
                    nint then = at + ahead;
                    Sse.Prefetch0(r0 + then);
                    Sse.Prefetch0(r1 + then);
                    Sse.Prefetch0(r2 + then);
                    Sse.Prefetch0(r3 + then);
                    Sse.Prefetch0(r4 + then);
                    Sse.Prefetch0(r5 + then);
                }
                TVector d0 = TSimd.Load(r0 + at), d1 = TSimd.Load(r1 + at), d2 = TSimd.Load(r2 + at);
                TVector d3 = TSimd.Load(r3 + at), d4 = TSimd.Load(r4 + at), d5 = TSimd.Load(r5 + at);
                Winograd4x4<TVector, TSimd>.Input(ref d0, ref d1, ref d2, ref d3, ref d4, ref d5);
                int slot = place + j;
                float* to = columns + (slot < 6 ? slot : slot - 6) * column;
                TSimd.Store(to, d0);
                TSimd.Store(to + TSimd.Count, d1);
                TSimd.Store(to + 2 * TSimd.Count, d2);
                TSimd.Store(to + 3 * TSimd.Count, d3);
                TSimd.Store(to + 4 * TSimd.Count, d4);
                TSimd.Store(to + 5 * TSimd.Count, d5);
            }
        }
        columns -= Channels / TSimd.Count * 6 * column;
        for (int c = 0; c < Channels; c += TSimd.Count, columns += 6 * column)
        {
            float* frequencies = transformed + c;
            float* from = columns;
            for (int i = 0; i < 6; i++, from += TSimd.Count)
            {
                TVector d0 = TSimd.Load(from + p0), d1 = TSimd.Load(from + p1), d2 = TSimd.Load(from + p2);
                TVector d3 = TSimd.Load(from + p3), d4 = TSimd.Load(from + p4), d5 = TSimd.Load(from + p5);
                Winograd4x4<TVector, TSimd>.Input(ref d0, ref d1, ref d2, ref d3, ref d4, ref d5);
                StoreFrequencies(ref frequencies, d0, d1, d2, d3, d4, d5);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Place(int column) => (column < 6 ? column : column - 6) * 6 * TSimd.Count;

    static void PrefetchOutput<TEpilogue>(in WinogradTile tile, int dilation)
        where TEpilogue : struct, IEpilogue
    {
        for (int i = 0; i < 4 && tile.Output[i] != null; i++)
        {
            PrefetchPixels(tile.Output[i] + tile.Column * Channels, 4, dilation);
            if (TEpilogue.Kind == Conv3x3Epilogue.Gate)
                PrefetchPixels(tile.Gate[i] + tile.Column * Channels, 4, dilation);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TransformGradient(float** rows, int x, int dilation, float* transformed, float* temporary, nint ahead)
    {
        float* r0 = rows[0] + x * Channels, r1 = rows[1] + x * Channels, r2 = rows[2] + x * Channels, r3 = rows[3] + x * Channels;
        for (int c = 0; c < Channels; c += TSimd.Count)
        {
            float* column = temporary;
            for (int at = c; at < 4 * dilation * Channels; at += dilation * Channels, column += TSimd.Count)
            {
                if (Sse.IsSupported)
                {
                    nint then = at + ahead;
                    Sse.Prefetch0(r0 + then);
                    Sse.Prefetch0(r1 + then);
                    Sse.Prefetch0(r2 + then);
                    Sse.Prefetch0(r3 + then);
                }
                TVector y0 = TSimd.Load(r0 + at), y1 = TSimd.Load(r1 + at), y2 = TSimd.Load(r2 + at), y3 = TSimd.Load(r3 + at);
                Winograd4x4<TVector, TSimd>.OutputAdjoint(y0, ref y1, ref y2, ref y3, out TVector y4, out TVector y5);
                StoreColumn(column, y0, y1, y2, y3, y4, y5);
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

    // The pixels that the tile `ahead` writes are asked for between those of this one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TransformOutput<TEpilogue>(float* products, in WinogradTile tile, int dilation, float* bias, float* temporary, in WinogradTile ahead)
        where TEpilogue : struct, IEpilogue
    {
        const int Stride = WinogradScratch.FrequencyStride;
        int step = dilation * Channels;
        int columns = (tile.End - tile.Column + dilation - 1) / dilation;
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
                if (output == null)
                    break;
                float* then = ahead.Output[i];
                if (Sse.IsSupported && then != null)
                {
                    then += ahead.Column * Channels + c;
                    Sse.Prefetch0(then);
                    Sse.Prefetch0(then + step);
                    Sse.Prefetch0(then + 2 * step);
                    Sse.Prefetch0(then + 3 * step);
                    if (TEpilogue.Kind == Conv3x3Epilogue.Gate)
                    {
                        then = ahead.Gate[i] + ahead.Column * Channels + c;
                        Sse.Prefetch0(then);
                        Sse.Prefetch0(then + step);
                        Sse.Prefetch0(then + 2 * step);
                        Sse.Prefetch0(then + 3 * step);
                    }
                }
                float* row = temporary + i * 6 * TSimd.Count;
                TVector m0 = TSimd.Load(row), m1 = TSimd.Load(row + TSimd.Count), m2 = TSimd.Load(row + 2 * TSimd.Count);
                TVector m3 = TSimd.Load(row + 3 * TSimd.Count), m4 = TSimd.Load(row + 4 * TSimd.Count), m5 = TSimd.Load(row + 5 * TSimd.Count);
                Winograd4x4<TVector, TSimd>.Output(ref m0, ref m1, ref m2, ref m3, m4, m5);
                int at = tile.Column * Channels + c;
                float* extra = TEpilogue.Kind == Conv3x3Epilogue.Gate ? tile.Gate[i] + at : bias + c;
                output += at;
                StoreOutput<TEpilogue>(m0, extra, 0, output);
                if (columns > 1)
                    StoreOutput<TEpilogue>(m1, extra, step, output);
                if (columns > 2)
                    StoreOutput<TEpilogue>(m2, extra, 2 * step, output);
                if (columns > 3)
                    StoreOutput<TEpilogue>(m3, extra, 3 * step, output);
            }
        }
    }

    // extra: the bias, or the gate of the tile's first output.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreOutput<TEpilogue>(TVector value, float* extra, int at, float* output)
        where TEpilogue : struct, IEpilogue
    {
        value = TEpilogue.Kind == Conv3x3Epilogue.Rectify
            ? TSimd.ClampNegative(TSimd.Add(value, TSimd.Load(extra)))
            : TSimd.Gate(value, TSimd.Load(extra + at));
        TSimd.Store(output + at, value);
    }

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
}
