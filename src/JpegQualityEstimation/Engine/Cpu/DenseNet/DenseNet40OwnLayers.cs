using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40OwnLayers: what a window of a map does not share: to the sums over the middle block's inputs (MiddleSums) what the block's
// own channels add, the transition behind it in the same way, the last block and the head. The middle block is gone through a
// window at a time, so that its channels stay in second-level cache, the last block four windows side by side, so that its
// filters, 8 MB, are read once for them; each of its values is the sum that DenseNet40Window makes.
sealed unsafe class DenseNet40OwnLayers
{
    /// <summary>Most windows of a call.</summary>
    public const int Together = 4;
    const int Group = DenseBlockOps.Group;
    const int Layers = DenseNet40Architecture.Layers;
    const int Tiles = MiddleSums.Tiles;
    const int Inputs = MiddleSums.Inputs;
    const int Features = 312;
    const int Lanes = DenseNet40Window.TransitionLanes;
    const int Rows = Lanes / Tiles;

    readonly DenseBlockOps ops;
    readonly DenseNet40FoldedWeights weights;
    readonly DenseNet40PartScratch scratch;
    readonly DenseNet40Head head;
    readonly TilePlanes middle = new(4 * Tiles, Layers * Group);
    readonly TilePlanes last = new(2 * Tiles, DenseNet40Architecture.Features, Together);
    readonly AlignedFloats[] halves = [new(36 * Group * 16 * Together), new(36 * Group * 16 * Together)];

    public DenseNet40OwnLayers(DenseBlockOps ops, DenseNet40FoldedWeights weights, DenseNet40PartScratch scratch)
    {
        (this.ops, this.weights, this.scratch) = (ops, weights, scratch);
        head = new DenseNet40Head(ops, weights);
    }

    /// <summary>Outputs [count,outputs] of windows from <paramref name="first"/> on.</summary>
    public void Run(MiddleSums sums, int first, int count, Span<float> outputs)
    {
        for (int w = 0; w < count; w++)
        {
            for (int l = 0; l < Layers; l++)
                MiddleLayer(sums, first + w, l);
            for (int half = 0; half < Tiles / Rows; half++)
                Transition(sums, first + w, half, w);
        }
        for (int l = 0; l < Layers; l++)
            LastLayer(l, 16 * count);
        int width = outputs.Length / count;
        for (int w = 0; w < count; w++)
            head.Run(last, w, outputs.Slice(w * width, width));
    }

    void MiddleLayer(MiddleSums sums, int window, int layer)
    {
        int channels = DenseNet40Architecture.LayerInputs(1, layer);
        for (int row = 0; row < Tiles; row++)
            sums.CopyLayer(window, row, layer, middle.Chunk(layer * Group, 0).Pixel + row * Tiles, middle.Count);
        if (layer == 0)
            return;
        sums.Expect(scratch.Tiles.Ahead, window, layer + 1);
        for (int first = 0; first < middle.Count; first += Lanes)
        {
            TileLanes lanes = middle.Lanes(first, Lanes);
            // Channel 0 of the plane is the first behind the inputs.
            ops.AccumulateTiles(middle.Chunk(-Inputs, first), channels, Inputs, channels, weights.Scale(1, layer), weights.Shift(1, layer), weights.Tiles(1, layer),
                scratch.Tiles.Products, lanes, scratch.Tiles);
            ops.FinishTiles(scratch.Tiles.Products, null, middle.Chunk(layer * Group, first), 0, Group, lanes, scratch.Tiles, add: true);
        }
    }

    void Transition(MiddleSums sums, int window, int half, int slot)
    {
        const int Width = 4 * Lanes;
        TileLanes lanes = middle.Lanes(half * Lanes, Lanes);
        ops.PoolTiles(middle.Chunk(0, half * Lanes), Layers * Group, weights.Scale(1, Layers) + Inputs, weights.Shift(1, Layers) + Inputs, lanes, scratch.Pooled.Pointer);
        for (int r = 0; r < Rows; r++)
            sums.CopyTransition(window, half * Rows + r, scratch.Convolved.Pointer + r * Tiles, Lanes);
        ops.ConvolveBand(scratch.Pooled.Pointer, Layers * Group, weights.Transition(1) + Inputs * Group, Features, Features, scratch.Convolved.Pointer, Width, add: true);
        DenseNet40Window.Spread(middle, last, half * Lanes, lanes, Features, scratch.Convolved.Pointer, slot);
    }

    void LastLayer(int layer, int count)
    {
        int channels = DenseNet40Architecture.LayerInputs(2, layer);
        TileLanes lanes = last.Lanes(0, count);
        for (int half = 0; half < 2; half++)
            ops.AccumulateTiles(last.Chunk(0, 0), channels, half * (channels / 2), half == 0 ? channels / 2 : channels, weights.Scale(2, layer), weights.Shift(2, layer),
                weights.Tiles(2, layer), halves[half].Pointer, lanes, scratch.Tiles);
        ops.FinishTiles(halves[0].Pointer, halves[1].Pointer, last.Chunk(channels, 0), 0, Group, lanes, scratch.Tiles);
    }
}
