using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40Strip: sixteen windows side by side, 8 pixels apart, sliding down 8 pixels at a time: what overlapping
// windows have in common is computed once, without approximation, and all of it in tiles of 4x4 pixels (WinogradTwelve).
// Zero padding reaches one pixel further with every 3x3 convolution: behind the first convolution a ring of one pixel
// along the window's edges knows of it, behind the last layer of the first block a ring of 13, after pooling one of 7.
// What lies inside the ring is the same in every window but for rounding (SharedTiles); a stage computes whole tiles:
//   first block    (2r + 2)(2r + 2) tiles a window in place of 16 * 16, with r = 1 to 4
//   transition     (2r + 1)(2r + 1) in place of 8 * 8, with r = 2
//   middle block   what its layers sum over its inputs, as many (MiddleSums)
// All that follows is a window's own (DenseNet40OwnLayers).
// A value's rounding knows how many rows the strip has slid since it began: a map begins anew at fixed rows
// (DenseNet40MapSource), so that nothing depends on the order of calls.
sealed unsafe class DenseNet40Strip
{
    public const int Windows = SharedTiles.Windows;
    public const int Stride = 8;
    public const int FirstBlockEdge = 5;
    const int Size = DenseNet40Architecture.WindowSize / 4;
    const int Group = DenseBlockOps.Group;
    const int Layers = DenseNet40Architecture.Layers;
    const int Inputs = 168;
    const int FirstBlockRing = 4;

    readonly DenseBlockOps ops;
    readonly DenseNet40FoldedWeights weights;
    readonly DenseNet40PartScratch scratch = new();
    readonly StripPixels pixels;
    readonly SharedTiles first = new(Size, Stride / 4, FirstBlockEdge, Inputs);
    readonly SharedTiles middle = new(Size / 2, Stride / 8, MiddleSums.Ring + 1, Inputs);
    readonly MiddleSums sums;
    readonly DenseNet40OwnLayers own;
    int nextTop = int.MinValue;

    public DenseNet40Strip(DenseNet40Inference inference)
    {
        (ops, weights) = (inference.Ops, inference.Weights);
        pixels = new StripPixels(weights.Architecture.Input);
        sums = new MiddleSums(ops, weights, scratch);
        own = new DenseNet40OwnLayers(ops, weights, scratch);
    }

    /// <summary>Outputs [count,outputs] of windows whose top left corners are at (top, left), (top, left + 8) ...</summary>
    /// <remarks>Reuses what it can if <paramref name="top"/> is 8 more than last time; left and the picture must not change then.</remarks>
    public void Run(PixelView picture, int top, int left, int count, Span<float> outputs)
    {
        bool fresh = top != nextTop;
        nextTop = top + Stride;
        if (!fresh)
        {
            pixels.Tiles.Slide();
            first.Slide();
            middle.Slide();
            sums.Slide();
        }
        pixels.Load(picture, top, left, fresh);
        FirstBlock(fresh);
        Transition(fresh);
        sums.Compute(middle, fresh);
        for (int w = 0; w < count; w += DenseNet40OwnLayers.Together)
        {
            int together = Math.Min(DenseNet40OwnLayers.Together, count - w);
            own.Run(sums, w, together, outputs.Slice(w * weights.Architecture.Outputs, together * weights.Architecture.Outputs));
        }
        GC.KeepAlive(this);
    }

    /// <summary>Forgets the picture: the next call computes everything.</summary>
    public void Restart() => nextTop = int.MinValue;

    // The strip, then the edges that copy from it, each at its upper end and then at its lower: a few MB that all layers go through.
    void FirstBlock(bool fresh)
    {
        for (int part = 0; part < SharedTiles.Parts; part++)
            for (int half = fresh ? 1 : 0; half < 2; half++)
            {
                for (int g = 0; g < 2; g++)
                    Convolve(pixels.Tiles, weights.Architecture.InputChannels, weights.One.Pointer, weights.Zero.Pointer, weights.FirstTiles(g), g * Group, 1, part, half, fresh);
                for (int l = 0; l < Layers; l++)
                {
                    int channels = DenseNet40Architecture.LayerInputs(0, l);
                    Convolve(first, channels, weights.Scale(0, l), weights.Shift(0, l), weights.Tiles(0, l), channels, RingTiles(l + 2), part, half, fresh);
                }
            }
    }

    void Convolve(SharedTiles from, int channels, float* scale, float* shift, float* packed, int output, int ring, int part, int half, bool fresh)
    {
        int begin = half == 0 || fresh ? 0 : ring;
        int end = half == 0 ? ring : first.RowCount(fresh, ring);
        // Two rows where they fit: pairs of vectors, and filters are read half as often.
        int step = 2 * first.Width(part, ring) <= WinogradTwelveScratch.MostLanes ? 2 : 1;
        for (int i = begin; i < end; i += step)
        {
            int row = first.Row(i, fresh, ring);
            int second = step == 2 && i + 1 < end ? first.Row(i + 1, fresh, ring) : -1;
            TileLanes lanes = from.Lanes(part, ring, row, second);
            scratch.Tiles.Ahead.Clear();
            first.Expect(scratch.Tiles.Ahead, part, output, Group, row);
            if (second >= 0)
                first.Expect(scratch.Tiles.Ahead, part, output, Group, second);
            ops.AccumulateTiles(from.Chunk(part, 0, ring, row, second), channels, 0, channels, scale, shift, packed, scratch.Tiles.Products, lanes, scratch.Tiles);
            ops.FinishTiles(scratch.Tiles.Products, null, first.Chunk(part, output, ring, row, second), 0, Group, lanes, scratch.Tiles);
        }
        if (part != 0)
            for (int i = begin; i < end; i++)
                first.CopyInner(part, output, Group, ring, first.Row(i, fresh, ring));
    }

    void Transition(bool fresh)
    {
        for (int i = 0; i < middle.RowCount(fresh, MiddleSums.Ring); i++)
        {
            int row = middle.Row(i, fresh, MiddleSums.Ring);
            for (int half = 0; half < 2; half++)
                for (int part = 0; part < SharedTiles.Parts; part++)
                    Transition(part, row, half);
            for (int part = 1; part < SharedTiles.Parts; part++)
                middle.CopyInner(part, 0, Inputs, MiddleSums.Ring, row);
        }
    }

    // A row of tiles becomes the upper or lower half of one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Transition(int part, int row, int half)
    {
        TileLanes lanes = first.Lanes(part, FirstBlockRing, 2 * row + half);
        int width = 4 * lanes.Width;
        ops.PoolTiles(first.Chunk(part, 0, FirstBlockRing, 2 * row + half), Inputs, weights.Scale(0, Layers), weights.Shift(0, Layers), lanes, scratch.Pooled.Pointer);
        ops.ConvolveBand(scratch.Pooled.Pointer, Inputs, weights.Transition(0), Inputs, Inputs, scratch.Convolved.Pointer, width);
        // Pooled pixel (y, x) of a tile is pixel (2 half + y, x) of the one it becomes half of, two further if its column is odd.
        float* from = scratch.Convolved.Pointer;
        TileChunk to = middle.Chunk(part, 0, MiddleSums.Ring, row);
        for (int k = 0; k < Inputs; k++)
            for (int q = 0; q < 4; q++, from += lanes.Width)
            {
                float* even = to.At(0, k) + (4 * (2 * half + q / 2) + q % 2) * to.PhaseStride;
                float* odd = even + 2 * to.PhaseStride;
                if (part == 0)
                    for (int t = 0; t < lanes.Width / 2; t += 4)
                        EvenAndOdd.Four(from + 2 * t, even + t, odd + t);
                else
                    for (int t = 0; t < lanes.Width; t += 2 * Windows)
                    {
                        Vector512.Load(from + t).Store(even + t / 2);
                        Vector512.Load(from + t + Windows).Store(odd + t / 2);
                    }
            }
    }

    static int RingTiles(int ring) => (ring + 3) / 4;
}
