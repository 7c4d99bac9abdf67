using System.Runtime.Intrinsics;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40Strip: sixteen windows side by side, 8 pixels apart, sliding down 8 pixels at a time: what overlapping
// windows have in common is computed once, without approximation.
// Zero padding reaches one pixel further with every 3x3 convolution: behind the first convolution a ring of one pixel
// along the window's edges knows of it, behind the last layer of the first block a ring of 13, after pooling one of 7.
// What lies inside the ring is the same in every window.
//   strip    [y][c][x]: 184 columns that all sixteen windows read; zero padding above and below only
//   edges    [y][c][column][window]: the outermost 15 columns of every window, left and right, sixteen windows a vector.
//            Columns in the ring are computed, those behind it are copied from the strip.
//   sliding  in strip and edges, rows that neither the upper nor the lower ring touches stay when the windows move
//            down; a layer with ring r computes rows [0, r) and the 8 + r lowest.
// So a layer of the first block costs (2r + 8)(2r + 8 * 184/128) positions a window in place of 64 * 64, all by direct
// convolution: each value is the same sum in the same order wherever it is computed. The middle block, to whose inputs
// the ring is 7, and the last are computed window by window in tiles (DenseNet40Window). There the sums over the middle
// block's inputs could be shared too, but cost less in tiles than their shared part does directly.
// Values do not depend on the order of calls; they are those of DenseNet40Inference to rounding, whose first block is in tiles.
sealed unsafe class DenseNet40Strip
{
    public const int Windows = 16;
    public const int Stride = 8;
    const int Size = DenseNet40Architecture.WindowSize;
    const int StripWidth = 192;
    const int Group = DenseBlockOps.Group;
    const int Layers = DenseNet40Architecture.Layers;
    const int EdgeColumns = 15;
    const int PooledEdgeColumns = 9;
    const int Inputs = 168;
    const int PooledRing = 7;
    const int AssembledEdge = 8;

    readonly DenseNet40FoldedWeights weights;
    readonly DenseNet40Layers layers;
    readonly DenseNet40Window window;
    readonly DenseNet40PartScratch scratch = new();
    readonly StripInput input;
    readonly DensePlanes strip = new(Inputs, StripWidth, Size, Size / 2);
    readonly DensePlanes[] edges = [new(Inputs, EdgeColumns * Windows, Size, Size / 2), new(Inputs, EdgeColumns * Windows, Size, Size / 2)];
    readonly DensePlanes pooled = new(Inputs, StripWidth / 2, Size / 2, Size / 4);
    readonly DensePlanes[] pooledEdges = [new(Inputs, PooledEdgeColumns * Windows, Size / 2, Size / 4), new(Inputs, PooledEdgeColumns * Windows, Size / 2, Size / 4)];
    int nextTop = int.MinValue;

    public DenseNet40Strip(DenseNet40Inference inference)
    {
        weights = inference.Weights;
        layers = new DenseNet40Layers(inference.Ops, weights, 2 * PooledEdgeColumns * Windows, 4);
        window = new DenseNet40Window(inference.Ops, weights, whole: false);
        input = new StripInput(weights.Architecture.Input, StripWidth, EdgeColumns);
    }

    /// <summary>Outputs [count,outputs] of windows whose top left corners are at (top, left), (top, left + 8) ...</summary>
    /// <remarks>Reuses what it can if <paramref name="top"/> is 8 more than last time; left and the picture must not change then.</remarks>
    public void Run(PixelView picture, int top, int left, int count, Span<float> outputs)
    {
        bool fresh = top != nextTop;
        nextTop = top + Stride;
        input.Load(picture, top, left);
        if (!fresh)
        {
            strip.Slide(Stride);
            pooled.Slide(Stride / 2);
            for (int side = 0; side < 2; side++)
            {
                edges[side].Slide(Stride);
                pooledEdges[side].Slide(Stride / 2);
            }
        }
        FirstBlock(fresh);
        MiddleInputs(fresh);
        for (int w = 0; w < count; w++)
        {
            Assemble(w);
            window.Finish(outputs.Slice(w * weights.Architecture.Outputs, weights.Architecture.Outputs), scratch);
        }
        GC.KeepAlive(this);
    }

    /// <summary>Forgets the picture: the next call computes everything.</summary>
    public void Restart() => nextTop = int.MinValue;

    void FirstBlock(bool fresh)
    {
        for (int l = -1; l < Layers; l++)
        {
            int ring = l + 2;
            int channels = l < 0 ? 0 : DenseNet40Architecture.LayerInputs(0, l);
            int added = l < 0 ? DenseNet40Architecture.FirstFilters : Group;
            foreach ((int from, int end) in Rows(fresh, ring, Size, Stride))
            {
                if (l < 0)
                    layers.First(input.Strip, strip, from, end, DenseColumns.All(strip));
                else
                    layers.Layer(strip, channels, 0, l, from, end, DenseColumns.All(strip));
                for (int side = 0; side < 2; side++)
                {
                    var columns = new DenseColumns(side == 0 ? 0 : (EdgeColumns - ring) * Windows, ring * Windows, Windows);
                    if (l < 0)
                        layers.First(input.Edge(side), edges[side], from, end, columns);
                    else
                        layers.Layer(edges[side], channels, 0, l, from, end, columns);
                    CopyInner(strip, edges[side], side, ring, EdgeColumns, Size, Stride, channels, added, from, end);
                }
            }
        }
    }

    void MiddleInputs(bool fresh)
    {
        foreach ((int from, int end) in Rows(fresh, PooledRing, Size / 2, Stride / 2))
        {
            layers.Transition(strip, 0, 0, pooled, from, end, DenseColumns.All(pooled));
            for (int side = 0; side < 2; side++)
            {
                // The right edge keeps columns 49..63; pairs begin with column 50.
                var columns = new DenseColumns(side == 0 ? 0 : (PooledEdgeColumns - PooledRing) * Windows, PooledRing * Windows, Windows);
                layers.Transition(edges[side], 0, side == 0 ? 0 : Windows, pooledEdges[side], from, end, columns);
                CopyInner(pooled, pooledEdges[side], side, PooledRing, PooledEdgeColumns, Size / 2, Stride / 2, 0, Inputs, from, end);
            }
        }
    }

    // One window's rows of the middle block's inputs: 8 columns of the left edge, 16 of the strip, 8 of the right edge.
    void Assemble(int w)
    {
        TilePlanes to = window.Middle;
        float* row = stackalloc float[Size / 2];
        for (int y = 0; y < Size / 2; y++)
            for (int c = 0; c < Inputs; c++)
            {
                float* left = pooledEdges[0].Rows(c, y).Pixel + w;
                float* right = pooledEdges[1].Rows(c, y).Pixel + Windows + w;
                for (int x = 0; x < AssembledEdge; x++)
                {
                    row[x] = left[x * Windows];
                    row[24 + x] = right[x * Windows];
                }
                Vector512.Load(pooled.Rows(c, y).Pixel + w * Stride / 2 + AssembledEdge).Store(row + AssembledEdge);
                for (int p = 0; p < 4; p++)
                {
                    float* pixel = to.At(y, p) + c * to.ChannelStride;
                    for (int t = 0; t < 8; t++)
                        pixel[t] = row[4 * t + p];
                }
            }
    }

    // Columns of the edges behind the ring: those of the strip.
    static void CopyInner(DensePlanes from, DensePlanes edge, int side, int ring, int columns, int size, int stride, int channel, int count, int firstRow, int endRow)
    {
        int first = side == 0 ? ring : 0;
        int end = side == 0 ? columns : columns - ring;
        int origin = side == 0 ? 0 : size - columns;
        for (int y = firstRow; y < endRow; y++)
            for (int c = channel; c < channel + count; c++)
            {
                float* source = from.Rows(c, y).Pixel + origin;
                float* to = edge.Rows(c, y).Pixel;
                for (int x = first; x < end; x++)
                    for (int w = 0; w < Windows; w++)
                        to[x * Windows + w] = source[w * stride + x];
            }
    }

    // Rows that a layer with that ring computes.
    static (int From, int End)[] Rows(bool fresh, int ring, int size, int stride) =>
        fresh ? [(0, size)] : [(0, ring), (size - stride - ring, size)];
}
