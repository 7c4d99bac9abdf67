using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu;

// The products of all tiles of a group, a 64x64 matrix a frequency, in place: six tiles by four (two) vectors stay in
// registers. A block of 512-bit vectors is all 64 outputs of its tiles, whose inputs nobody needs any more; narrower
// blocks wait beside until the last one has read the inputs. What the next frequency reads comes from the last-level cache
// in pieces that the processor does not foresee: one line of it is asked for with every input channel.
static unsafe partial class WinogradConv3x3<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int LineFloats = 16;

    /// <summary>Outputs that a block of packed weights holds.</summary>
    public static int Block => (TSimd.HasThirtyTwoRegisters ? 4 : 2) * TSimd.Count;

    /// <summary>The 64 lines that the products of one block of tiles ask for: a frequency's weights, then its tiles.</summary>
    static float* Ahead(int block, float* weights, float* tiles)
    {
        const int Asked = Channels * LineFloats;
        const int OfWeights = Channels * Channels / Asked;
        const int OfTiles = WinogradScratch.Slots * Channels / Asked;
        return block < OfWeights ? weights + block * Asked : tiles + Math.Min(block - OfWeights, OfTiles - 1) * Asked;
    }

    // tiles[6, 64] = tiles[6, 64] * weights [64 / block][64][block]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* tiles, float* weights, float* aside, float* ahead)
    {
        if (Block == Channels)
        {
            Multiply6x4(tiles, weights, tiles, ahead);
            return;
        }
        for (int k = 0; k < Channels; k += Block, weights += Channels * Block)
        {
            if (TSimd.HasThirtyTwoRegisters)
                Multiply6x4(tiles, weights, aside + k, ahead);
            else
                Multiply6x2(tiles, weights, aside + k);
        }
        new ReadOnlySpan<float>(aside, WinogradScratch.TilesAtOnce * Channels).CopyTo(new Span<float>(tiles, WinogradScratch.TilesAtOnce * Channels));
    }

    // products[6 tiles, 4 vectors] = inputs[6, 64] * weights[64, 4 vectors]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Multiply6x4(float* inputs, float* weights, float* products, float* ahead)
    {
        TVector a0, a1, a2, a3, a4, a5;
        TVector b0, b1, b2, b3, b4, b5;
        TVector c0, c1, c2, c3, c4, c5;
        TVector d0, d1, d2, d3, d4, d5;
        a0 = a1 = a2 = a3 = a4 = a5 = TSimd.Zero;
        b0 = b1 = b2 = b3 = b4 = b5 = TSimd.Zero;
        c0 = c1 = c2 = c3 = c4 = c5 = TSimd.Zero;
        d0 = d1 = d2 = d3 = d4 = d5 = TSimd.Zero;
        for (float* end = inputs + Channels; inputs < end; inputs++, weights += 4 * TSimd.Count, ahead += LineFloats)
        {
            if (Sse.IsSupported)
                Sse.Prefetch1(ahead);
            TVector u = TSimd.Load(weights);
            TVector v = TSimd.Load(weights + TSimd.Count);
            TVector w = TSimd.Load(weights + 2 * TSimd.Count);
            TVector z = TSimd.Load(weights + 3 * TSimd.Count);
            TVector i = TSimd.Broadcast(inputs[0]);
            a0 = TSimd.MultiplyAdd(i, u, a0);
            b0 = TSimd.MultiplyAdd(i, v, b0);
            c0 = TSimd.MultiplyAdd(i, w, c0);
            d0 = TSimd.MultiplyAdd(i, z, d0);
            i = TSimd.Broadcast(inputs[Channels]);
            a1 = TSimd.MultiplyAdd(i, u, a1);
            b1 = TSimd.MultiplyAdd(i, v, b1);
            c1 = TSimd.MultiplyAdd(i, w, c1);
            d1 = TSimd.MultiplyAdd(i, z, d1);
            i = TSimd.Broadcast(inputs[2 * Channels]);
            a2 = TSimd.MultiplyAdd(i, u, a2);
            b2 = TSimd.MultiplyAdd(i, v, b2);
            c2 = TSimd.MultiplyAdd(i, w, c2);
            d2 = TSimd.MultiplyAdd(i, z, d2);
            i = TSimd.Broadcast(inputs[3 * Channels]);
            a3 = TSimd.MultiplyAdd(i, u, a3);
            b3 = TSimd.MultiplyAdd(i, v, b3);
            c3 = TSimd.MultiplyAdd(i, w, c3);
            d3 = TSimd.MultiplyAdd(i, z, d3);
            i = TSimd.Broadcast(inputs[4 * Channels]);
            a4 = TSimd.MultiplyAdd(i, u, a4);
            b4 = TSimd.MultiplyAdd(i, v, b4);
            c4 = TSimd.MultiplyAdd(i, w, c4);
            d4 = TSimd.MultiplyAdd(i, z, d4);
            i = TSimd.Broadcast(inputs[5 * Channels]);
            a5 = TSimd.MultiplyAdd(i, u, a5);
            b5 = TSimd.MultiplyAdd(i, v, b5);
            c5 = TSimd.MultiplyAdd(i, w, c5);
            d5 = TSimd.MultiplyAdd(i, z, d5);
        }
        Put(products, 0, a0, b0);
        Put(products + 2 * TSimd.Count, 0, c0, d0);
        Put(products, 1, a1, b1);
        Put(products + 2 * TSimd.Count, 1, c1, d1);
        Put(products, 2, a2, b2);
        Put(products + 2 * TSimd.Count, 2, c2, d2);
        Put(products, 3, a3, b3);
        Put(products + 2 * TSimd.Count, 3, c3, d3);
        Put(products, 4, a4, b4);
        Put(products + 2 * TSimd.Count, 4, c4, d4);
        Put(products, 5, a5, b5);
        Put(products + 2 * TSimd.Count, 5, c5, d5);
    }

    // products[6 tiles, 2 vectors] = inputs[6, 64] * weights[64, 2 vectors]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Multiply6x2(float* inputs, float* weights, float* products)
    {
        TVector a0, a1, a2, a3, a4, a5;
        TVector b0, b1, b2, b3, b4, b5;
        a0 = a1 = a2 = a3 = a4 = a5 = TSimd.Zero;
        b0 = b1 = b2 = b3 = b4 = b5 = TSimd.Zero;
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
        }
        Put(products, 0, a0, b0);
        Put(products, 1, a1, b1);
        Put(products, 2, a2, b2);
        Put(products, 3, a3, b3);
        Put(products, 4, a4, b4);
        Put(products, 5, a5, b5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put(float* to, int row, TVector a, TVector b)
    {
        TSimd.Store(to + row * Channels, a);
        TSimd.Store(to + row * Channels + TSimd.Count, b);
    }
}
