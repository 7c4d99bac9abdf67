using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// The transforms. Zero padding is in two factors: of the six inputs in a row only the first output sees the first (times
// 4) and only the last output the last (times 1), so a lane whose neighbour is padding has 0 there.
static unsafe partial class WinogradTwelve<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int Margin = 16;
    const int RowLength = WinogradTwelveScratch.MostLanes + WinogradTwelveScratch.MostNeighbours + 2 * Margin;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TransformInput<TRelu>(in TileChunk input, int channels, float* scale, float* shift, in TileLanes lanes, float* inputs, int stride, WinogradTwelveScratch scratch)
        where TRelu : struct, IConstant
    {
        int all = lanes.Count;
        int width = lanes.Width;
        int row = lanes.Lead + width + lanes.Trail;
        float* left = lanes.Edges + 2 * lanes.EdgeStride + lanes.Lead;
        float* right = left + lanes.EdgeStride;
        for (int c = 0; c < channels; c++)
        {
            float* temporary = scratch.Temporary + Margin + lanes.Lead;
            for (int r = 0; r < lanes.Rows; r++)
            {
                float* from = input.At(r, c);
                float* edges = lanes.Edges + lanes.Lead + r * row;
                for (int x = -lanes.Lead; x < width + lanes.Trail; x += TSimd.Count)
                {
                    // Of neighbours only the column beside the row is needed.
                    int column = x < 0 ? 3 : 0;
                    int count = x < 0 || x >= width ? 1 : 4;
                    float* pixel = from + x + column * input.PhaseStride;
                    Columns<TRelu>(pixel, pixel + lanes.Above[r], pixel + lanes.Below[r], input.PhaseStride, scale[c], shift[c],
                        edges + x, edges + x + lanes.EdgeStride, temporary + r * row + x + column * RowLength, count, input.ChannelStride);
                }
            }
            float* to = inputs + c * all;
            for (int r = 0; r < lanes.Rows; r++)
                for (int x = 0; x < width; x += TSimd.Count, to += TSimd.Count)
                    Rows(temporary + r * row + x, lanes.Tap, left + r * row + x, right + r * row + x, to, stride);
        }
    }

    // Down some of the four columns of a vector of tiles: [6][4][lanes]. The same of the next channel is fetched meanwhile.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    static void Columns<TRelu>(float* from, float* above, float* below, int phase, float scale, float shift, float* top, float* bottom, float* to, int count, int ahead)
        where TRelu : struct, IConstant
    {
        TVector a = TSimd.Broadcast(scale);
        TVector b = TSimd.Broadcast(shift);
        TVector first = TSimd.Load(top);
        TVector last = TSimd.Load(bottom);
        above += 12 * phase;
        float* second = from + 4 * phase;
        float* third = second + 4 * phase;
        float* fourth = third + 4 * phase;
        // One index for all six rows, one for the next channel's: nothing else moves.
        nint at = 0, next = ahead;
        for (float* end = to + count * RowLength; to < end; to += RowLength, at += phase, next += phase)
        {
            Prefetch(above + next);
            Prefetch(from + next);
            Prefetch(second + next);
            Prefetch(third + next);
            Prefetch(fourth + next);
            Prefetch(below + next);
            TVector d0 = Activate<TRelu>(above + at, a, b);
            TVector d1 = Activate<TRelu>(from + at, a, b);
            TVector d2 = Activate<TRelu>(second + at, a, b);
            TVector d3 = Activate<TRelu>(third + at, a, b);
            TVector d4 = Activate<TRelu>(fourth + at, a, b);
            TVector d5 = Activate<TRelu>(below + at, a, b);
            Input(ref d0, ref d1, ref d2, ref d3, ref d4, ref d5, first, last);
            Store(to, 4 * RowLength, d0, d1, d2, d3, d4, d5);
        }
    }

    // Along the six rows: frequencies.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    static void Rows(float* from, int tap, float* left, float* right, float* to, int stride)
    {
        TVector first = TSimd.Load(left);
        TVector last = TSimd.Load(right);
        float* before = from + 3 * RowLength - tap;
        float* behind = from + tap;
        for (float* end = from + 24 * RowLength; from < end; from += 4 * RowLength, before += 4 * RowLength, behind += 4 * RowLength, to += 6 * stride)
        {
            TVector d0 = TSimd.Load(before);
            TVector d1 = TSimd.Load(from);
            TVector d2 = TSimd.Load(from + RowLength);
            TVector d3 = TSimd.Load(from + 2 * RowLength);
            TVector d4 = TSimd.Load(from + 3 * RowLength);
            TVector d5 = TSimd.Load(behind);
            Input(ref d0, ref d1, ref d2, ref d3, ref d4, ref d5, first, last);
            Store(to, stride, d0, d1, d2, d3, d4, d5);
        }
    }

    /// <summary>Channels [first, end) of the outputs, from one sum of products or from two, or (add) what they add to what is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformOutput(float* products, float* more, in TileChunk output, int first, int end, bool add, in TileLanes lanes, WinogradTwelveScratch scratch)
    {
        int part = lanes.Together;
        int frequency = Outputs * part;
        float* columns = scratch.Temporary;
        for (int k = first; k < end; k++)
            for (int r = 0; r < lanes.Rows; r++)
                for (int x = 0; x < lanes.Width; x += TSimd.Count)
                {
                    int lane = r * lanes.Width + x;
                    int at = lane / part * Frequencies * frequency + k * part + lane % part;
                    for (int j = 0; j < 6; j++, at += frequency)
                    {
                        TVector m0 = Sum(products, more, at), m1 = Sum(products, more, at + 6 * frequency), m2 = Sum(products, more, at + 12 * frequency);
                        TVector m3 = Sum(products, more, at + 18 * frequency), m4 = Sum(products, more, at + 24 * frequency), m5 = Sum(products, more, at + 30 * frequency);
                        Winograd4x4<TVector, TSimd>.Output(ref m0, ref m1, ref m2, ref m3, m4, m5);
                        TSimd.Store(columns + j * TSimd.Count, m0);
                        TSimd.Store(columns + (6 + j) * TSimd.Count, m1);
                        TSimd.Store(columns + (12 + j) * TSimd.Count, m2);
                        TSimd.Store(columns + (18 + j) * TSimd.Count, m3);
                    }
                    float* to = output.At(r, k) + x;
                    for (int i = 0; i < 4; i++, to += 4 * output.PhaseStride)
                    {
                        float* row = columns + 6 * i * TSimd.Count;
                        TVector m0 = TSimd.Load(row), m1 = TSimd.Load(row + TSimd.Count), m2 = TSimd.Load(row + 2 * TSimd.Count);
                        TVector m3 = TSimd.Load(row + 3 * TSimd.Count), m4 = TSimd.Load(row + 4 * TSimd.Count), m5 = TSimd.Load(row + 5 * TSimd.Count);
                        Winograd4x4<TVector, TSimd>.Output(ref m0, ref m1, ref m2, ref m3, m4, m5);
                        if (add)
                        {
                            m0 = TSimd.Add(m0, TSimd.Load(to));
                            m1 = TSimd.Add(m1, TSimd.Load(to + output.PhaseStride));
                            m2 = TSimd.Add(m2, TSimd.Load(to + 2 * output.PhaseStride));
                            m3 = TSimd.Add(m3, TSimd.Load(to + 3 * output.PhaseStride));
                        }
                        TSimd.Store(to, m0);
                        TSimd.Store(to + output.PhaseStride, m1);
                        TSimd.Store(to + 2 * output.PhaseStride, m2);
                        TSimd.Store(to + 3 * output.PhaseStride, m3);
                    }
                }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Sum(float* products, float* more, int at) =>
        more is null ? TSimd.Load(products + at) : TSimd.Add(TSimd.Load(products + at), TSimd.Load(more + at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Activate<TRelu>(float* from, TVector scale, TVector shift)
        where TRelu : struct, IConstant
    {
        if (TRelu.Value == 0)
            return TSimd.Load(from);
        return TSimd.ClampNegative(TSimd.MultiplyAdd(TSimd.Load(from), scale, shift));
    }

    // Bt d (Winograd4x4.Input), the outer inputs' factors given.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Input(ref TVector d0, ref TVector d1, ref TVector d2, ref TVector d3, ref TVector d4, ref TVector d5, TVector first, TVector last)
    {
        TVector minusFour = TSimd.Broadcast(-4);
        TVector minusFive = TSimd.Broadcast(-5);
        TVector even = TSimd.MultiplyAdd(minusFour, d2, d4);
        TVector odd = TSimd.MultiplyAdd(minusFour, d1, d3);
        TVector evenNear = TSimd.Subtract(d4, d2);
        TVector oddNear = TSimd.Multiply(TSimd.Broadcast(2), TSimd.Subtract(d3, d1));
        TVector t0 = TSimd.MultiplyAdd(first, d0, TSimd.MultiplyAdd(minusFive, d2, d4));
        TVector t5 = TSimd.MultiplyAdd(TSimd.Broadcast(4), d1, TSimd.MultiplyAdd(minusFive, d3, TSimd.Multiply(last, d5)));
        d0 = t0;
        d1 = TSimd.Add(even, odd);
        d2 = TSimd.Subtract(even, odd);
        d3 = TSimd.Add(evenNear, oddNear);
        d4 = TSimd.Subtract(evenNear, oddNear);
        d5 = t5;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(float* to, int stride, TVector v0, TVector v1, TVector v2, TVector v3, TVector v4, TVector v5)
    {
        TSimd.Store(to, v0);
        TSimd.Store(to + stride, v1);
        TSimd.Store(to + 2 * stride, v2);
        TSimd.Store(to + 3 * stride, v3);
        TSimd.Store(to + 4 * stride, v4);
        TSimd.Store(to + 5 * stride, v5);
    }
}
