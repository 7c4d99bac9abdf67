using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// MiddleSums: what the middle block's layers, and the transition behind it, sum over the block's 168 inputs, for sixteen windows
// side by side: convolutions are linear, and of the inputs only a ring of 7 pixels is a window's own, so that 25 tiles a window
// take the place of 64. Inputs are 168 of the 168 to 312 channels that the layers read.
//   values  [tile row][window]: layers [12][k 12][16 phases][8 tiles], then the transition [312][2 x 2 pooled][8 tiles]
// Rows lie in a ring and stay when the windows move down, but for those in the ring of zero padding.
sealed unsafe class MiddleSums(DenseBlockOps ops, DenseNet40FoldedWeights weights, DenseNet40PartScratch scratch)
{
    /// <summary>Tiles along a window's side.</summary>
    public const int Tiles = 8;

    /// <summary>Tiles from a window's edge whose inputs are its own.</summary>
    public const int Ring = 2;

    /// <summary>Channels that are summed.</summary>
    public const int Inputs = 168;
    const int Group = DenseBlockOps.Group;
    const int Layers = DenseNet40Architecture.Layers;
    const int Features = 312;
    const int LayerFloats = Group * 16 * Tiles;
    const int RowFloats = Layers * LayerFloats + Features * 4 * Tiles;
    const int Windows = SharedTiles.Windows;

    readonly AlignedFloats values = new((long)Tiles * Windows * RowFloats);
    int top;

    public void Slide() => top = (top + 1) % Tiles;

    /// <summary>[12][16 phases][8 tiles] of a row of a window's tiles.</summary>
    public float* Layer(int window, int row, int layer) => Row(window, row) + layer * LayerFloats;

    /// <summary>[312][2 x 2][8 tiles].</summary>
    public float* Transition(int window, int row) => Row(window, row) + Layers * LayerFloats;

    /// <summary>Computes what is new. Of a part's tiles the inputs stay in cache for all layers.</summary>
    public void Compute(SharedTiles inputs, bool fresh)
    {
        for (int i = 0; i < inputs.RowCount(fresh, Ring); i++)
            for (int part = 0; part < SharedTiles.Parts; part++)
            {
                int row = inputs.Row(i, fresh, Ring);
                TileChunk from = inputs.Chunk(part, 0, Ring, row);
                TileLanes lanes = inputs.Lanes(part, Ring, row);
                for (int l = 0; l < Layers; l++)
                    SumLayer(from, lanes, l, part, row);
                SumTransition(from, lanes, part, row);
            }
    }

    void SumLayer(in TileChunk from, in TileLanes lanes, int layer, int part, int row)
    {
        ops.AccumulateTiles(from, DenseNet40Architecture.LayerInputs(1, layer), 0, Inputs, weights.Scale(1, layer), weights.Shift(1, layer), weights.Tiles(1, layer),
            scratch.Tiles.Products, lanes, scratch.Tiles);
        ops.FinishTiles(scratch.Tiles.Products, null, new TileChunk(scratch.Convolved.Pointer, 0, 16 * lanes.Width, lanes.Width), 0, Group, lanes, scratch.Tiles);
        Deal(16 * Group, part, row, layer * LayerFloats);
    }

    void SumTransition(in TileChunk from, in TileLanes lanes, int part, int row)
    {
        int width = 4 * lanes.Width;
        ops.PoolTiles(from, Inputs, weights.Scale(1, Layers), weights.Shift(1, Layers), lanes, scratch.Pooled.Pointer);
        for (int x = 0; x < width; x += 32)
            for (int k = 0; k < Features; k += Group)
                ops.Convolve1x1(new PlaneRows(scratch.Pooled.Pointer + x, width, 0), Inputs, weights.Transition(1) + k * Features,
                    new PlaneRows(scratch.Convolved.Pointer + k * width + x, width, 0), 32, 1);
        Deal(4 * Features, part, row, Layers * LayerFloats);
    }

    // From 32 lanes of a part, tiles of the strip or two columns of sixteen windows, to the windows' rows of eight tiles.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Deal(int planes, int part, int row, int offset)
    {
        const int Lanes = 2 * Windows;
        for (int w = 0; w < Windows; w++)
        {
            float* from = scratch.Convolved.Pointer + w;
            float* to = Row(w, row) + offset;
            if (part == 0)
                for (int i = 0; i < planes; i++, from += Lanes, to += Tiles)
                    for (int t = Ring; t < Tiles - Ring; t++)
                        to[t] = from[t];
            else
            {
                to += part == 1 ? 0 : Tiles - Ring;
                for (int i = 0; i < planes; i++, from += Lanes, to += Tiles)
                {
                    to[0] = from[0];
                    to[1] = from[Windows];
                }
            }
        }
    }

    float* Row(int window, int row) => values.Pointer + ((long)((top + row) % Tiles) * Windows + window) * RowFloats;
}
