using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu;

/// <summary>Columns [Left, Right) and rows [Top, Bottom) of the maps.</summary>
readonly record struct QualityTile(int Left, int Right, int Top, int Bottom);

// QualityTileWorker: the seven layers over one tile, a row at a time. Layer 0 is the picture, layer l = 1..7 the
// output of convolution l. A layer's row y is computed when the next layer first asks for it, after the rows up to
// y + dilation of the layer before; a ring of 2 * dilation + 1 rows then still holds all that it looks at.
// Layer l covers the tile widened by the dilations above it, cut at the picture's edge; columns beyond the edge stay
// zero, which is the zero padding of the paper's network.
sealed unsafe class QualityTileWorker
{
    const int Layers = QualityArchitecture.Layers;

    readonly Conv3x3Ops ops;
    readonly QualityWeights weights;
    readonly RowRing[] rings = new RowRing[Layers];
    readonly AlignedFloats pair;
    readonly int[] next = new int[Layers + 1];
    readonly int[] end = new int[Layers + 1];
    readonly int[] left = new int[Layers + 1];
    readonly int[] right = new int[Layers + 1];
    int origin;

    public QualityTileWorker(Conv3x3Ops ops, QualityWeights weights, int tileWidth)
    {
        this.ops = ops;
        this.weights = weights;
        int width = tileWidth + 2 * QualityArchitecture.Halo;
        for (int l = 0; l < Layers; l++)
            rings[l] = new RowRing(2 * QualityArchitecture.Dilations[l] + 1, width, l == 0 ? 4 : 64);
        pair = new AlignedFloats(2L * tileWidth);
    }

    public void Run(QualityTile tile, PixelView picture, float* degradation, float* flag, Action<int> rowDone, CancellationToken cancellation)
    {
        foreach (RowRing ring in rings)
            ring.Clear();
        origin = tile.Left - QualityArchitecture.Halo;
        for (int l = Layers, reach = 0; l >= 0; l--)
        {
            next[l] = Math.Max(0, tile.Top - reach);
            end[l] = Math.Min(picture.Height, tile.Bottom + reach);
            left[l] = Math.Max(0, tile.Left - reach);
            right[l] = Math.Min(picture.Width, tile.Right + reach);
            if (l > 0)
                reach += QualityArchitecture.Dilations[l - 1];
        }
        for (int y = tile.Top; y < tile.Bottom; y++)
        {
            cancellation.ThrowIfCancellationRequested();
            Advance(Layers, y, picture);
            long at = (long)y * picture.Width + tile.Left;
            float* p = pair.Pointer;
            for (int x = 0; x < tile.Right - tile.Left; x++, at++, p += 2)
            {
                degradation[at] = p[0];
                flag[at] = p[1];
            }
            rowDone(tile.Right - tile.Left);
        }
    }

    void Advance(int layer, int row, PixelView picture)
    {
        row = Math.Min(row, end[layer] - 1);
        while (next[layer] <= row)
        {
            int y = next[layer]++;
            if (layer > 0)
                Advance(layer - 1, y + QualityArchitecture.Dilations[layer - 1], picture);
            Compute(layer, y, picture);
        }
    }

    void Compute(int layer, int y, PixelView picture)
    {
        int x = left[layer];
        int width = right[layer] - x;
        if (layer == 0)
        {
            PixelConversion.Row(picture, y, x, width, rings[0].Pixel(y, x - origin));
            return;
        }
        int dilation = QualityArchitecture.Dilations[layer - 1];
        RowRing input = rings[layer - 1];
        RowTriple rows = input.Rows(y, x - origin, dilation, picture.Height);
        if (layer < Layers)
        {
            ops.Forward(input.Channels, rows, dilation, weights.Forward(layer - 1), weights.Bias(layer - 1),
                rings[layer].Pixel(y, x - origin), width);
        }
        else
        {
            float* bias = weights.Bias(layer - 1);
            ops.ForwardToTwo(rows, dilation, weights.Last, bias[0], bias[1], pair.Pointer, width);
        }
    }
}
