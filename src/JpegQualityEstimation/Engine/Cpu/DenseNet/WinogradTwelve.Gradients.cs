using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// The backward pass of BN - ReLU - 3x3 convolution with twelve outputs in tiles of 4x4 pixels (TileChunk): with V = Bt a B of the activated
// inputs, M = A d At of the outputs' gradients and N = Bt d B of the same,
//   weights  dg = Gt [ sum over tiles of V[c] . M[k] ] G          adjoint of F(4x4, 3x3)
//   inputs   da = At [ sum over k of (G turn(g) Gt)[c,k] . N[k] ] A  the same algorithm with the filters turned by half a turn
// and, while da is in registers, what it does to the batch norm's sums and to its inputs' gradients.
static unsafe partial class WinogradTwelve<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    /// <summary>The two transforms of twelve outputs' gradients.</summary>
    public static void TransformGradients(in TileChunk gradients, in TileLanes lanes, TileGradientScratch scratch)
    {
        Adjoint(gradients, lanes, scratch.ForWeights);
        TransformInput<None>(gradients, Outputs, scratch.ForInputs, scratch.ForInputs, lanes, scratch.ForInputs, TileGradientScratch.Stride, scratch.Tiles);
    }

    /// <summary>Gradients of the weights and of the inputs of all channels of some tiles.</summary>
    public static void Backward(in TileChunk input, in TileChunk inputGradients, int channels, in NormPointers norm, float* packed, float* sums, in TileLanes lanes, TileGradientScratch scratch)
    {
        WinogradTwelveScratch tiles = scratch.Tiles;
        // Pairs of channels.
        int block = (WinogradTwelveScratch.ChannelBlock(lanes.Count, channels) + 1) & ~1;
        if (block * lanes.Count > WinogradTwelveScratch.InputStride)
            block -= 2;
        for (int c = 0; c < channels; c += block)
        {
            int count = Math.Min(block, channels - c);
            Expect(tiles.Ahead, input, inputGradients, c + block, Math.Min(block, channels - c - block), lanes);
            TransformInput<One>(input.From(c, 0, lanes.Width), count, norm.Scale + c, norm.Shift + c, lanes, tiles.Inputs, WinogradTwelveScratch.InputStride, tiles);
            CorrelateTiles(tiles.Inputs, count, scratch.ForWeights, lanes.Count, sums + c * Frequencies * Outputs, tiles.Ahead);
            SpreadTiles(scratch.ForInputs, packed + c * Outputs, channels, count, lanes.Count, tiles.Inputs, tiles.Ahead);
            for (int i = c; i < c + count; i++)
                InputGradients(tiles.Inputs + (i - c) * lanes.Count, input.From(i, 0, lanes.Width), inputGradients.From(i, 0, lanes.Width), norm, i, lanes, tiles.Temporary);
        }
        tiles.Ahead.Clear();
    }

    // The next channels' tiles, values and gradients, come nearer while these are multiplied.
    static void Expect(MemoryAhead ahead, in TileChunk input, in TileChunk gradients, int first, int count, in TileLanes lanes)
    {
        ahead.Clear();
        if (count <= 0 || lanes.Width != input.PhaseStride)
            return;
        long bytes = (long)count * input.ChannelStride * sizeof(float);
        for (int r = 0; r < lanes.Rows; r++)
        {
            ahead.Expect(input.At(r, first), bytes);
            ahead.Expect(gradients.At(r, first), bytes);
        }
        ahead.Within(2 * Frequencies);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Adjoint(in TileChunk gradients, in TileLanes lanes, float* to)
    {
        float* columns = stackalloc float[24 * TSimd.Count];
        int all = lanes.Count;
        int phase = gradients.PhaseStride;
        for (int k = 0; k < Outputs; k++)
            for (int r = 0; r < lanes.Rows; r++)
                for (int x = 0; x < lanes.Width; x += TSimd.Count)
                {
                    float* from = gradients.At(r, k) + x;
                    for (int j = 0; j < 4; j++, from += phase)
                    {
                        TVector y0 = TSimd.Load(from), y1 = TSimd.Load(from + 4 * phase), y2 = TSimd.Load(from + 8 * phase), y3 = TSimd.Load(from + 12 * phase);
                        Winograd4x4<TVector, TSimd>.OutputAdjoint(y0, ref y1, ref y2, ref y3, out TVector y4, out TVector y5);
                        Store(columns + j * TSimd.Count, 4 * TSimd.Count, y0, y1, y2, y3, y4, y5);
                    }
                    float* frequency = to + k * all + r * lanes.Width + x;
                    for (int i = 0; i < 6; i++, frequency += 6 * TileGradientScratch.Stride)
                    {
                        float* row = columns + 4 * i * TSimd.Count;
                        TVector y0 = TSimd.Load(row), y1 = TSimd.Load(row + TSimd.Count), y2 = TSimd.Load(row + 2 * TSimd.Count), y3 = TSimd.Load(row + 3 * TSimd.Count);
                        Winograd4x4<TVector, TSimd>.OutputAdjoint(y0, ref y1, ref y2, ref y3, out TVector y4, out TVector y5);
                        Store(frequency, TileGradientScratch.Stride, y0, y1, y2, y3, y4, y5);
                    }
                }
    }

    // One channel: products to outputs, d = those that the ReLU passes; sums of d and of d (x - mean), dx += gamma d.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void InputGradients(float* products, in TileChunk input, in TileChunk gradients, in NormPointers norm, int c, in TileLanes lanes, float* columns)
    {
        const int Stride = WinogradTwelveScratch.InputStride;
        TVector scale = TSimd.Broadcast(norm.Scale[c]), shift = TSimd.Broadcast(norm.Shift[c]);
        TVector gamma = TSimd.Broadcast(norm.Gamma[c]), centre = TSimd.Broadcast(-norm.Mean[c]);
        TVector sum = TSimd.Load(norm.Sums + c * TSimd.Count), product = TSimd.Load(norm.Products + c * TSimd.Count);
        int phase = input.PhaseStride;
        for (int r = 0; r < lanes.Rows; r++)
            for (int x = 0; x < lanes.Width; x += TSimd.Count, products += TSimd.Count)
            {
                float* from = products;
                for (int j = 0; j < 6; j++, from += Stride)
                {
                    TVector m0 = TSimd.Load(from), m1 = TSimd.Load(from + 6 * Stride), m2 = TSimd.Load(from + 12 * Stride), m3 = TSimd.Load(from + 18 * Stride);
                    Winograd4x4<TVector, TSimd>.Output(ref m0, ref m1, ref m2, ref m3, TSimd.Load(from + 24 * Stride), TSimd.Load(from + 30 * Stride));
                    TSimd.Store(columns + j * TSimd.Count, m0);
                    TSimd.Store(columns + (6 + j) * TSimd.Count, m1);
                    TSimd.Store(columns + (12 + j) * TSimd.Count, m2);
                    TSimd.Store(columns + (18 + j) * TSimd.Count, m3);
                }
                float* value = input.Pixel + r * input.RowStride + x;
                float* to = gradients.Pixel + r * gradients.RowStride + x;
                for (int i = 0; i < 4; i++, value += 4 * phase, to += 4 * phase)
                {
                    float* row = columns + 6 * i * TSimd.Count;
                    TVector m0 = TSimd.Load(row), m1 = TSimd.Load(row + TSimd.Count), m2 = TSimd.Load(row + 2 * TSimd.Count), m3 = TSimd.Load(row + 3 * TSimd.Count);
                    Winograd4x4<TVector, TSimd>.Output(ref m0, ref m1, ref m2, ref m3, TSimd.Load(row + 4 * TSimd.Count), TSimd.Load(row + 5 * TSimd.Count));
                    Pass(m0, value, to, scale, shift, gamma, centre, ref sum, ref product);
                    Pass(m1, value + phase, to + phase, scale, shift, gamma, centre, ref sum, ref product);
                    Pass(m2, value + 2 * phase, to + 2 * phase, scale, shift, gamma, centre, ref sum, ref product);
                    Pass(m3, value + 3 * phase, to + 3 * phase, scale, shift, gamma, centre, ref sum, ref product);
                }
            }
        TSimd.Store(norm.Sums + c * TSimd.Count, sum);
        TSimd.Store(norm.Products + c * TSimd.Count, product);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Pass(TVector d, float* value, float* to, TVector scale, TVector shift, TVector gamma, TVector centre, ref TVector sum, ref TVector product)
    {
        TVector x = TSimd.Load(value);
        d = TSimd.Gate(d, TSimd.MultiplyAdd(x, scale, shift));
        sum = TSimd.Add(sum, d);
        product = TSimd.MultiplyAdd(d, TSimd.Add(x, centre), product);
        TSimd.Store(to, TSimd.MultiplyAdd(d, gamma, TSimd.Load(to)));
    }
}
