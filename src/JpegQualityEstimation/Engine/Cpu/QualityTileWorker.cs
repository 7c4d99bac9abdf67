using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu;

/// <summary>Columns [Left, Right) and rows [Top, Bottom) of the maps.</summary>
readonly record struct QualityTile(int Left, int Right, int Top, int Bottom);

// QualityTileWorker: the seven layers over one tile, a few rows at a time. Layer 0 is the picture, layer l = 1..7 the
// output of convolution l. A layer's rows are computed when the next layer first asks for them, in groups: one row of
// a direct convolution, 4 * dilation rows (one row of 4x4 tiles of each phase) of a Winograd one. Groups start at
// multiples of their height in the picture, and so do the columns, so that no result depends on the seams.
// Layer l covers what layer l + 1 looks at, widened to whole groups, cut at the picture's edge; what lies beyond the
// edge stays zero, which is the zero padding of the paper's network.
sealed unsafe class QualityTileWorker
{
    const int Layers = QualityArchitecture.Layers;

    /// <summary>Columns that the first layers may cover beyond a tile, both sides together: the dilations and, for each
    /// Winograd layer, all but one column of a group.</summary>
    const int MaxReach = 192;

    readonly Conv3x3Ops ops;
    readonly QualityWeights weights;
    readonly WinogradScratch scratch = new();
    readonly RowRing[] rings = new RowRing[Layers];
    readonly AlignedFloats pair;
    readonly int[] group = new int[Layers + 1];
    readonly int[] next = new int[Layers + 1];
    readonly int[] first = new int[Layers + 1];
    readonly int[] end = new int[Layers + 1];

    public QualityTileWorker(Conv3x3Ops ops, QualityWeights weights, int tileWidth)
    {
        this.ops = ops;
        this.weights = weights;
        for (int l = 0; l <= Layers; l++)
            group[l] = l > 0 && weights.IsTiled(l - 1) ? 4 * Dilation(l) : 1;
        for (int l = 0; l < Layers; l++)
        {
            int lookedAt = group[l + 1] + 2 * Dilation(l + 1);
            rings[l] = new RowRing(lookedAt + group[l] - 1, tileWidth + MaxReach, l == 0 ? 4 : 64);
        }
        pair = new AlignedFloats(2L * tileWidth);
    }

    public void Run(QualityTile tile, PixelView picture, float* degradation, float* flag, Action<int> rowDone, CancellationToken cancellation)
    {
        Cover(tile, picture.Width);
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

    static int Dilation(int layer) => QualityArchitecture.Dilations[layer - 1];

    // From the last layer back: the columns that each layer computes, and the first row.
    void Cover(QualityTile tile, int width)
    {
        (first[Layers], end[Layers], next[Layers]) = (tile.Left, tile.Right, tile.Top);
        for (int l = Layers - 1; l >= 0; l--)
        {
            int d = Dilation(l + 1);
            int lookedFrom = first[l + 1] - d;
            int lookedTo = Up(end[l + 1], group[l + 1]) + d;
            first[l] = Down(Math.Max(0, lookedFrom), group[l]);
            end[l] = Math.Min(width, Up(lookedTo, group[l]));
            next[l] = Down(Math.Max(0, next[l + 1] - d), group[l]);
            rings[l].Reset(Math.Min(lookedFrom, first[l]), Math.Max(lookedTo, end[l]));
        }
    }

    static int Down(int value, int step) => value / step * step;

    static int Up(int value, int step) => (value + step - 1) / step * step;

    // Computes rows of a layer up to and including `row`, whole groups.
    void Advance(int layer, int row, PixelView picture)
    {
        row = Math.Min(row, picture.Height - 1);
        while (next[layer] <= row)
        {
            int y = next[layer];
            next[layer] += group[layer];
            if (layer == 0)
            {
                PixelConversion.Row(picture, y, first[0], end[0] - first[0], rings[0].Row(y) + 4 * first[0]);
                continue;
            }
            Advance(layer - 1, y + group[layer] - 1 + Dilation(layer), picture);
            if (group[layer] == 1)
                ComputeRow(layer, y, picture.Height);
            else
                ComputeTiles(layer, y, picture.Height);
        }
    }

    void ComputeRow(int layer, int y, int height)
    {
        int dilation = Dilation(layer);
        RowRing input = rings[layer - 1];
        int x = first[layer];
        int width = end[layer] - x;
        int at = x * input.Channels;
        var rows = new RowTriple
        {
            Above = input.RowOrZeros(y - dilation, height) + at,
            Middle = input.Row(y) + at,
            Below = input.RowOrZeros(y + dilation, height) + at,
        };
        float* bias = weights.Bias(layer - 1);
        if (layer < Layers)
            ops.Forward(input.Channels, rows, dilation, weights.Forward(layer - 1), bias, rings[layer].Row(y) + x * 64, width);
        else
            ops.ForwardToTwo(rows, dilation, weights.Last, bias[0], bias[1], pair.Pointer, width);
    }

    void ComputeTiles(int layer, int firstRow, int height)
    {
        int dilation = Dilation(layer);
        RowRing input = rings[layer - 1];
        float* packed = weights.Forward(layer - 1);
        float* bias = weights.Bias(layer - 1);
        float** from = stackalloc float*[6];
        float** to = stackalloc float*[4];
        for (int y = firstRow; y < Math.Min(height, firstRow + dilation); y++)
        {
            for (int i = 0; i < 6; i++)
                from[i] = input.RowOrZeros(y + (i - 1) * dilation, height);
            for (int i = 0; i < 4; i++)
                to[i] = y + i * dilation < height ? rings[layer].Row(y + i * dilation) : null;
            ops.ForwardTiles(from, dilation, first[layer], end[layer], packed, bias, to, scratch);
        }
        ops.FlushForwardTiles(dilation, packed, bias, scratch);
    }
}
