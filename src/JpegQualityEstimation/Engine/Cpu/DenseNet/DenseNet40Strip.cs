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
// So a layer of the first block costs (2r + 8)(2r + 8 * 184/128) positions a window in place of 64 * 64. In the middle
// block every layer's sum over the block's 168 inputs is shared in this way (ring 8); what it adds from channels of the
// block itself, and the last block, is computed window by window.
// Values are those of DenseNet40Inference to the last bit: each is the same sum in the same order.
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
    const int SumRing = 8;

    readonly DenseNet40FoldedWeights weights;
    readonly DenseNet40Layers layers;
    readonly DenseNet40Layers windowLayers;
    readonly StripInput input;
    readonly DensePlanes strip = new(Inputs, StripWidth, Size, Size / 2);
    readonly DensePlanes[] edges = [new(Inputs, EdgeColumns * Windows, Size, Size / 2), new(Inputs, EdgeColumns * Windows, Size, Size / 2)];
    readonly DensePlanes pooled = new(312, StripWidth / 2, Size / 2, Size / 4);
    readonly DensePlanes[] pooledEdges = [new(312, PooledEdgeColumns * Windows, Size / 2, Size / 4), new(312, PooledEdgeColumns * Windows, Size / 2, Size / 4)];
    readonly DensePlanes[] middle = new DensePlanes[Windows];
    readonly DensePlanes last = new(456, 16, 16);
    int nextTop = int.MinValue;

    public DenseNet40Strip(DenseNet40Inference inference)
    {
        weights = inference.Weights;
        layers = new DenseNet40Layers(inference.Ops, weights, 2 * PooledEdgeColumns * Windows, 4);
        windowLayers = new DenseNet40Layers(inference.Ops, weights, Size, 8);
        input = new StripInput(weights.Architecture.Input, StripWidth, EdgeColumns);
        for (int w = 0; w < Windows; w++)
            middle[w] = new DensePlanes(312, 32, 32);
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
            for (int l = 1; l < Layers; l++)
                windowLayers.AddGrowth(middle[w], 1, l);
            windowLayers.Finish(middle[w], last, outputs.Slice(w * weights.Architecture.Outputs, weights.Architecture.Outputs));
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
                    layers.Layer(strip, channels, 0, l, 0, channels, from, end, DenseColumns.All(strip));
                for (int side = 0; side < 2; side++)
                {
                    var columns = new DenseColumns(side == 0 ? 0 : (EdgeColumns - ring) * Windows, ring * Windows, Windows);
                    if (l < 0)
                        layers.First(input.Edge(side), edges[side], from, end, columns);
                    else
                        layers.Layer(edges[side], channels, 0, l, 0, channels, from, end, columns);
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
        for (int l = 0; l < Layers; l++)
            foreach ((int from, int end) in Rows(fresh, SumRing, Size / 2, Stride / 2))
            {
                int output = DenseNet40Architecture.LayerInputs(1, l);
                layers.Layer(pooled, output, 1, l, 0, Inputs, from, end, DenseColumns.All(pooled));
                for (int side = 0; side < 2; side++)
                {
                    var columns = new DenseColumns(side == 0 ? 0 : (PooledEdgeColumns - SumRing) * Windows, SumRing * Windows, Windows);
                    layers.Layer(pooledEdges[side], output, 1, l, 0, Inputs, from, end, columns);
                }
            }
        for (int y = 0; y < Size / 2; y++)
            for (int c = 0; c < middle[0].Channels; c++)
                Assemble(y, c);
    }

    // One row of one channel of all windows: 8 columns of the left edge, 16 of the strip, 8 of the right edge.
    void Assemble(int y, int c)
    {
        float* from = pooled.Rows(c, y).Pixel;
        float* left = pooledEdges[0].Rows(c, y).Pixel;
        float* right = pooledEdges[1].Rows(c, y).Pixel + Windows;
        for (int w = 0; w < Windows; w++)
        {
            float* to = middle[w].Rows(c, y).Pixel;
            for (int x = 0; x < SumRing; x++)
            {
                to[x] = left[x * Windows + w];
                to[24 + x] = right[x * Windows + w];
            }
            Vector512.Load(from + w * Stride / 2 + SumRing).Store(to + SumRing);
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
