using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40Window: one window on its way through the network, in tiles of 4x4 pixels. Layers are cut into parts that are
// independent of each other: rows of tiles, and in the last block, where a vector holds the whole plane, halves of the
// channels, whose sums are added afterwards. Parts are always added up in the same way, so it does not matter who does them.
//   layer       BN - ReLU - Conv3x3 by F(4x4, 3x3): WinogradTwelve
//   transition  BN - ReLU - mean of 2x2 - Conv1x1: pooling first is the same, both being linear, and a quarter of the work
sealed unsafe class DenseNet40Window
{
    public const int LoadParts = 1;
    public const int FirstBlockParts = 8;
    public const int TransitionLanes = 32;
    const int Group = DenseBlockOps.Group;
    const int Layers = DenseNet40Architecture.Layers;
    const int Size = DenseNet40Architecture.WindowSize;

    readonly DenseBlockOps ops;
    readonly DenseNet40FoldedWeights weights;
    readonly TilePlanes input;
    readonly TilePlanes[] planes;
    readonly AlignedFloats row;
    readonly AlignedFloats[] halves = [new(36 * Group * 16), new(36 * Group * 16)];
    readonly DenseNet40Head head;

    public DenseNet40Window(DenseBlockOps ops, DenseNet40FoldedWeights weights)
    {
        (this.ops, this.weights) = (ops, weights);
        input = new TilePlanes(Size, weights.Architecture.InputChannels);
        planes = [.. Enumerable.Range(0, DenseNet40Architecture.Blocks).Select(b => new TilePlanes(DenseNet40Architecture.Size(b), DenseNet40Architecture.BlockOutputs(b)))];
        row = new AlignedFloats(3 * Size);
        head = new DenseNet40Head(ops, weights);
    }

    /// <summary>Takes in RGB bytes [64,64,3].</summary>
    public void Load(byte* window) => WindowPixels.Tiles(window, weights.Architecture.Input, input, row.Pointer);

    /// <summary>The first convolution, one of <see cref="FirstBlockParts"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void First(int part, DenseNet40PartScratch scratch)
    {
        int channels = weights.Architecture.InputChannels;
        TileLanes lanes = input.Lanes(32 * part, 32);
        for (int g = 0; g < 2; g++)
        {
            ops.AccumulateTiles(input.Chunk(0, 32 * part), channels, 0, channels, weights.One.Pointer, weights.Zero.Pointer, weights.FirstTiles(g), scratch.Tiles.Products, lanes, scratch.Tiles);
            ops.FinishTiles(scratch.Tiles.Products, null, planes[0].Chunk(g * Group, 32 * part), 0, Group, lanes, scratch.Tiles);
        }
    }

    /// <summary>Tiles [first, first + count) of a layer of the first two blocks.</summary>
    public void Layer(int block, int layer, int first, int count, DenseNet40PartScratch scratch)
    {
        int channels = DenseNet40Architecture.LayerInputs(block, layer);
        TileLanes lanes = planes[block].Lanes(first, count);
        ops.AccumulateTiles(planes[block].Chunk(0, first), channels, 0, channels, weights.Scale(block, layer), weights.Shift(block, layer),
            weights.Tiles(block, layer), scratch.Tiles.Products, lanes, scratch.Tiles);
        ops.FinishTiles(scratch.Tiles.Products, null, planes[block].Chunk(channels, first), 0, Group, lanes, scratch.Tiles);
    }

    /// <summary>Sums of half the channels of a layer of the last block.</summary>
    public void HalfLayer(int layer, int half, DenseNet40PartScratch scratch)
    {
        int channels = DenseNet40Architecture.LayerInputs(2, layer);
        ops.AccumulateTiles(planes[2].Chunk(0, 0), channels, half * (channels / 2), half == 0 ? channels / 2 : channels, weights.Scale(2, layer), weights.Shift(2, layer),
            weights.Tiles(2, layer), halves[half].Pointer, planes[2].Lanes(0, 16), scratch.Tiles);
    }

    /// <summary>Adds the halves: six of the layer's outputs.</summary>
    public void JoinHalves(int layer, int part, DenseNet40PartScratch scratch)
    {
        int first = part * (Group / 2);
        ops.FinishTiles(halves[0].Pointer, halves[1].Pointer, planes[2].Chunk(DenseNet40Architecture.LayerInputs(2, layer), 0),
            first, first + Group / 2, planes[2].Lanes(0, 16), scratch.Tiles);
    }

    /// <summary>Tiles [first, first + 32) of a block through the transition behind it.</summary>
    public void Transition(int block, int first, DenseNet40PartScratch scratch)
    {
        int channels = DenseNet40Architecture.BlockOutputs(block);
        TilePlanes from = planes[block];
        TilePlanes to = planes[block + 1];
        TileLanes lanes = from.Lanes(first, TransitionLanes);
        ops.PoolTiles(from.Chunk(0, first), channels, weights.Scale(block, Layers), weights.Shift(block, Layers), lanes, scratch.Pooled.Pointer);
        ops.ConvolveBand(scratch.Pooled.Pointer, channels, weights.Transition(block), channels, channels, scratch.Convolved.Pointer, 4 * TransitionLanes);
        Spread(from, to, first, lanes, channels, scratch.Convolved.Pointer);
    }

    // Pooled pixel (y, x) of a tile at (i, j) is pixel (2 i + y, 2 j + x) of the next block; in its tiles, even and odd j
    // are different phases; window is one of those side by side there.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Spread(TilePlanes from, TilePlanes to, int first, in TileLanes lanes, int channels, float* values, int window = 0)
    {
        int rows = TransitionLanes / from.Tiles;
        float** value = stackalloc float*[4 * rows];
        float** even = stackalloc float*[4 * rows];
        for (int i = 0; i < 4 * rows; i++)
        {
            int at = i / 4 * from.Tiles;
            value[i] = values + (at / lanes.Width * 4 + i % 4) * lanes.Width + at % lanes.Width;
            even[i] = to.At(2 * (first / from.Tiles + i / 4) + i % 4 / 2, i % 2, window);
        }
        for (int k = 0; k < channels; k++)
            for (int i = 0; i < 4 * rows; i++)
                for (int t = 0; t < to.Tiles; t += 4)
                {
                    float* pair = even[i] + (long)k * to.ChannelStride + t;
                    EvenAndOdd.Four(value[i] + k * 4 * TransitionLanes + 2 * t, pair, pair + 2 * to.PhaseStride);
                }
    }

    /// <summary>What the network says.</summary>
    public void Head(Span<float> outputs) => head.Run(planes[2], 0, outputs);

    /// <summary>A whole window by one thread.</summary>
    public void Run(byte* window, Span<float> outputs, DenseNet40PartScratch scratch)
    {
        Load(window);
        for (int part = 0; part < FirstBlockParts; part++)
            First(part, scratch);
        for (int l = 0; l < Layers; l++)
            for (int part = 0; part < FirstBlockParts; part++)
                Layer(0, l, 32 * part, 32, scratch);
        for (int first = 0; first < planes[0].Count; first += TransitionLanes)
            Transition(0, first, scratch);
        for (int l = 0; l < Layers; l++)
            for (int first = 0; first < planes[1].Count; first += 32)
                Layer(1, l, first, 32, scratch);
        for (int first = 0; first < planes[1].Count; first += TransitionLanes)
            Transition(1, first, scratch);
        for (int l = 0; l < Layers; l++)
        {
            for (int half = 0; half < 2; half++)
                HalfLayer(l, half, scratch);
            for (int part = 0; part < 2; part++)
                JoinHalves(l, part, scratch);
        }
        Head(outputs);
        GC.KeepAlive(this);
    }
}

/// <summary>What one thread needs for the parts of a window.</summary>
sealed class DenseNet40PartScratch
{
    public WinogradTwelveScratch Tiles { get; } = new();

    // [312][128] of a window, [168][256] of windows' edges side by side.
    const int Floats = DenseNet40Architecture.FirstFilters * 7 * 4 * 64;

    public AlignedFloats Pooled { get; } = new(Floats);

    public AlignedFloats Convolved { get; } = new(Floats);
}
