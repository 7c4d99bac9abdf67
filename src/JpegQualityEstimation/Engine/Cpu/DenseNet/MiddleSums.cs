using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// MiddleSums: what the middle block's layers, and the transition behind it, sum over the block's 168 inputs, for sixteen windows
// side by side: convolutions are linear, and of the inputs only a ring of 7 pixels is a window's own, so that 25 tiles a window
// take the place of 64. Inputs are 168 of the 168 to 312 channels that the layers read.
//   values  of the four tiles in the middle of a row, the two at its left and the two at its right:
//           [tile row][window]: layers [12][k 12][16 phases][tiles], then the transition [312][2 x 2 pooled][tiles]
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
    const int LayerPlanes = Group * 16;
    const int RowPlanes = Layers * LayerPlanes + Features * 4;
    const int Windows = SharedTiles.Windows;

    // Planes that are dealt to all windows while they are in first-level cache: divides those of a layer and of the transition.
    const int PlanesTogether = 16;

    readonly AlignedFloats[] values = [new(4L * Tiles * Windows * RowPlanes), new(2L * Tiles * Windows * RowPlanes), new(2L * Tiles * Windows * RowPlanes)];
    int top;

    public void Slide() => top = (top + 1) % Tiles;

    /// <summary>A layer's sums for a row of a window's tiles: [12][16 phases][8 tiles], phases stride floats apart.</summary>
    public void CopyLayer(int window, int row, int layer, float* to, int stride) => Copy(window, row, layer * LayerPlanes, LayerPlanes, to, stride);

    /// <summary>Those of the transition: [312][2 x 2][8 tiles].</summary>
    public void CopyTransition(int window, int row, float* to, int stride) => Copy(window, row, Layers * LayerPlanes, 4 * Features, to, stride);

    /// <summary>Expects a layer's sums for a window, or (<see cref="Layers"/>) the transition's.</summary>
    public void Expect(MemoryAhead ahead, int window, int layer)
    {
        int planes = layer < Layers ? LayerPlanes : 4 * Features;
        ahead.Clear();
        for (int row = 0; row < Tiles; row++)
            for (int part = 0; part < SharedTiles.Parts; part++)
                ahead.Expect(At(part, window, row, layer * LayerPlanes), 4L * planes * TilesOf(part));
    }

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
        scratch.Tiles.Ahead.Clear();
        for (int w = 0; w < Windows; w++)
            scratch.Tiles.Ahead.Expect(At(part, w, row, layer * LayerPlanes), 4L * LayerPlanes * TilesOf(part));
        ops.AccumulateTiles(from, DenseNet40Architecture.LayerInputs(1, layer), 0, Inputs, weights.Scale(1, layer), weights.Shift(1, layer), weights.Tiles(1, layer),
            scratch.Tiles.Products, lanes, scratch.Tiles);
        ops.FinishTiles(scratch.Tiles.Products, null, new TileChunk(scratch.Convolved.Pointer, 0, 16 * lanes.Width, lanes.Width), 0, Group, lanes, scratch.Tiles);
        Deal(LayerPlanes, part, row, layer * LayerPlanes);
    }

    void SumTransition(in TileChunk from, in TileLanes lanes, int part, int row)
    {
        int width = 4 * lanes.Width;
        ops.PoolTiles(from, Inputs, weights.Scale(1, Layers), weights.Shift(1, Layers), lanes, scratch.Pooled.Pointer);
        ops.ConvolveBand(scratch.Pooled.Pointer, Inputs, weights.Transition(1), Features, Features, scratch.Convolved.Pointer, width);
        Deal(4 * Features, part, row, Layers * LayerPlanes);
    }

    // From 32 lanes of a part, tiles of the strip or two columns of sixteen windows, to the windows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Deal(int planes, int part, int row, int plane)
    {
        const int Lanes = 2 * Windows;
        for (int first = 0; first < planes; first += PlanesTogether)
            for (int w = 0; w < Windows; w++)
            {
                float* from = scratch.Convolved.Pointer + first * Lanes + w;
                float* to = At(part, w, row, plane + first);
                if (part == 0)
                    for (int i = 0; i < PlanesTogether; i++, from += Lanes, to += 4)
                        Vector128.Load(from + Ring).Store(to);
                else
                    for (int i = 0; i < PlanesTogether; i++, from += Lanes, to += 2)
                        *(ulong*)to = *(uint*)from | ((ulong)*(uint*)(from + Windows) << 32);
            }
    }

    /// <summary>Copies eight tiles of each of some planes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Copy(int window, int row, int plane, int planes, float* to, int stride)
    {
        double* left = (double*)At(1, window, row, plane);
        double* right = (double*)At(2, window, row, plane);
        float* from = At(0, window, row, plane);
        for (int i = 0; i < planes; i++, from += 4, to += stride)
        {
            *(double*)to = left[i];
            Vector128.Load(from).Store(to + Ring);
            *(double*)(to + Tiles - Ring) = right[i];
        }
    }

    float* At(int part, int window, int row, int plane) =>
        values[part].Pointer + (((long)((top + row) % Tiles) * Windows + window) * RowPlanes + plane) * TilesOf(part);

    static int TilesOf(int part) => part == 0 ? Tiles - 2 * Ring : Ring;
}
