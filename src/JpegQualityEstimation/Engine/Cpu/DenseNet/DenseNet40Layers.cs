using System.Runtime.Intrinsics;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40Layers: direct inference of single layers over some rows of some planes: a strip of windows, or their edge
// columns side by side (pixels tap floats apart). A value's terms are added in the same order in all of them.
//   layer       BN - ReLU - Conv3x3 of the channels before it -> its twelve channels beside them
//   transition  BN - ReLU - mean of 2x2 - Conv1x1: pooling first is the same, both being linear, and a quarter of the work
sealed unsafe class DenseNet40Layers
{
    const int Group = DenseBlockOps.Group;
    const int Border = 16;
    readonly DenseBlockOps ops;
    readonly DenseNet40FoldedWeights weights;
    readonly Dictionary<int, AlignedFloats> activated = [];
    readonly AlignedFloats pooled;
    readonly int band;

    /// <param name="ops">Kernels.</param>
    /// <param name="weights">Weights.</param>
    /// <param name="width">Floats in the widest row of the first block; behind its pooling rows have at most half of them.</param>
    /// <param name="band">Rows at a time, even.</param>
    public DenseNet40Layers(DenseBlockOps ops, DenseNet40FoldedWeights weights, int width, int band)
    {
        (this.ops, this.weights, this.band) = (ops, weights, band);
        pooled = new AlignedFloats(band / 2 * DenseNet40Architecture.BlockOutputs(1) * (width / 2));
    }

    /// <summary>The first convolution: rows [from, end) of 24 channels.</summary>
    public void First(in PlaneRows input, DensePlanes output, int from, int end, in DenseColumns columns)
    {
        for (int g = 0; g < 2; g++)
            ops.Convolve3x3(new PlaneRows(input.At(from) + columns.First, input.ChannelStride, input.RowStride), weights.Architecture.InputChannels,
                weights.First(g), At(output.Rows(g * Group, from), columns.First), columns.Width, end - from, false, columns.Tap);
    }

    /// <summary>Rows [from, end) of a layer; the planes are zero outside their rows and columns.</summary>
    /// <param name="planes">Planes of the block, from which channels are read.</param>
    /// <param name="output">Where its twelve channels begin.</param>
    /// <param name="block">Block.</param>
    /// <param name="layer">Layer.</param>
    /// <param name="from">First row.</param>
    /// <param name="end">Row behind the last.</param>
    /// <param name="columns">Which columns are computed.</param>
    public void Layer(DensePlanes planes, int output, int block, int layer, int from, int end, in DenseColumns columns)
    {
        int channels = DenseNet40Architecture.LayerInputs(block, layer);
        for (int y = from; y < end; y += band)
        {
            int rows = Math.Min(band, end - y);
            PlaneRows input = Activate(planes, block, layer, channels, y - 1, rows + 2, columns.First - columns.Tap, columns.Width + 2 * columns.Tap);
            ops.Convolve3x3(new PlaneRows(input.At(1) + columns.First, input.ChannelStride, input.RowStride), channels,
                weights.Packed(block, layer), At(planes.Rows(output, y), columns.First), columns.Width, rows, false, columns.Tap);
        }
    }

    /// <summary>Rows [from, end) of the next block's first channels.</summary>
    /// <param name="planes">Planes of the block.</param>
    /// <param name="block">Block.</param>
    /// <param name="inputColumn">Float of a row from which on pairs of pixels are averaged.</param>
    /// <param name="output">Planes of the next block.</param>
    /// <param name="from">First row of the output.</param>
    /// <param name="end">Row behind the last.</param>
    /// <param name="columns">Columns of the output.</param>
    public void Transition(DensePlanes planes, int block, int inputColumn, DensePlanes output, int from, int end, in DenseColumns columns)
    {
        int channels = DenseNet40Architecture.BlockOutputs(block);
        int width = columns.Width;
        for (int y = from; y < end; y += band / 2)
        {
            int rows = Math.Min(band / 2, end - y);
            PlaneRows input = Activate(planes, block, DenseNet40Architecture.Layers, channels, 2 * y, 2 * rows, inputColumn, 2 * width);
            var means = new PlaneRows(pooled.Pointer, width, channels * width);
            for (int i = 0; i < rows; i++)
                for (int c = 0; c < channels; c++)
                    Pool(input.At(2 * i) + (long)c * input.ChannelStride + inputColumn, input.At(2 * i + 1) + (long)c * input.ChannelStride + inputColumn,
                        means.At(i) + c * width, width, columns.Tap);
            for (int k = 0; k < channels; k += Group)
                ops.Convolve1x1(means, channels, weights.Packed(block, DenseNet40Architecture.Layers) + k * channels, At(output.Rows(k, y), columns.First), width, rows);
        }
    }

    // Activated rows [first, first + rows), at least columns [column, column + width); zeros outside the planes.
    // Row 0 of the result is row first. Every width of planes has its own buffer, whose columns between channels are
    // never written and stay zero.
    PlaneRows Activate(DensePlanes planes, int block, int layer, int channels, int first, int rows, int column, int width)
    {
        int stride = planes.Width + Border;
        int left = Math.Max(0, column);
        width = Math.Min(planes.Width, column + width) - left;
        width = Math.Min(planes.Width - left, (width + Border - 1) / Border * Border);
        PlaneRows band = Buffer(planes, stride, channels);
        int from = Math.Max(0, first);
        int end = Math.Min(planes.Height, first + rows);
        for (int y = first; y < first + rows; y++)
            if (y < from || y >= end)
                new Span<float>(band.At(y - first), channels * stride).Clear();
        ops.Activate(At(planes.Rows(0, from), left), channels, weights.Scale(block, layer), weights.Shift(block, layer),
            At(new PlaneRows(band.At(from - first), stride, band.RowStride), left), width, end - from);
        return band;
    }

    PlaneRows Buffer(DensePlanes planes, int stride, int channels)
    {
        if (!activated.TryGetValue(planes.Width, out AlignedFloats? buffer))
            activated.Add(planes.Width, buffer = new AlignedFloats((long)(band + 2) * planes.Channels * stride + 2 * Border));
        return new PlaneRows(buffer.Pointer + Border, stride, (long)channels * stride);
    }

    static PlaneRows At(in PlaneRows rows, int x) => new(rows.Pixel + x, rows.ChannelStride, rows.RowStride);

    // Rows first, then neighbours; edge columns have whole vectors of neighbours.
    static void Pool(float* above, float* below, float* output, int width, int tap)
    {
        float* sums = stackalloc float[2 * Border];
        for (int x = 0; x < width; x += Border)
        {
            float* a = above + 2 * x;
            float* b = below + 2 * x;
            Vector512<float> first = Vector512.Load(a) + Vector512.Load(b);
            Vector512<float> second = Vector512.Load(a + Border) + Vector512.Load(b + Border);
            if (tap == Border)
            {
                ((first + second) * 0.25f).Store(output + x);
                continue;
            }
            first.Store(sums);
            second.Store(sums + Border);
            for (int i = 0; i < Border; i++)
                output[x + i] = (sums[2 * i] + sums[2 * i + 1]) * 0.25f;
        }
    }
}

/// <summary>Columns of planes: floats [First, First + Width) of a row, neighbouring pixels Tap floats apart.</summary>
readonly record struct DenseColumns(int First, int Width, int Tap = 1)
{
    public static DenseColumns All(DensePlanes planes) => new(0, planes.Width);
}
