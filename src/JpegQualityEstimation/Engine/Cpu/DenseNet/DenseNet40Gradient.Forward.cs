using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

sealed unsafe partial class DenseNet40Gradient
{
    void Forward(float[] parameters, byte* windows)
    {
        if (!training)
            TakeRunningStatistics(parameters);
        int inputs = architecture.InputChannels;
        ForEachChunk((_, first, end, scratch) =>
        {
            for (int n = first; n < end; n++)
            {
                PlaneRows input = LoadWindow(windows + (long)n * WindowBytes, scratch);
                for (int g = 0; g < 2; g++)
                    ops.Convolve3x3(input, inputs, weights.First(g), State.Rows(State.Values, 0, n, g * Group), DenseNet40Architecture.WindowSize, DenseNet40Architecture.WindowSize);
                PictureStatistics(0, n, 0, DenseNet40Architecture.FirstFilters);
            }
        });
        MergeStatistics(parameters, 0, 0, DenseNet40Architecture.FirstFilters);
        for (int b = 0; b < Blocks; b++)
        {
            for (int l = 0; l < Layers; l++)
                ForwardLayer(parameters, b, l);
            PrepareNorm(parameters, b, Layers);
            if (b < Blocks - 1)
                ForwardTransition(parameters, b);
        }
        ForEachChunk((_, first, end, scratch) =>
        {
            for (int n = first; n < end; n++)
                GlobalAverage(n, scratch);
        });
    }

    void ForwardLayer(float[] parameters, int block, int layer)
    {
        PrepareNorm(parameters, block, layer);
        int channels = DenseNet40Architecture.LayerInputs(block, layer);
        int size = DenseNet40Architecture.Size(block);
        int band = DenseNet40Scratch.Band(block);
        ForEachChunk((_, first, end, scratch) =>
        {
            for (int n = first; n < end; n++)
            {
                PlaneRows output = State.Rows(State.Values, block, n, channels);
                DropoutMask mask = Mask(block, layer, n);
                for (int y = 0; y < size; y += band)
                {
                    PlaneRows activated = ActivateBand(scratch, block, n, channels, y - 1, band + 2);
                    var rows = new PlaneRows(output.At(y), output.ChannelStride, output.RowStride);
                    ops.Convolve3x3(new PlaneRows(activated.At(1), activated.ChannelStride, activated.RowStride), channels, weights.Forward(block, layer), rows, size, band);
                    for (int i = y; i < y + band && !mask.IsOff; i++)
                        mask.Apply(output.At(i), i * Group * size, Group * size);
                }
                PictureStatistics(block, n, channels, Group);
            }
        });
        MergeStatistics(parameters, block, channels, Group);
    }

    // Two rows at a time: BN-ReLU, 1x1 convolution, dropout, mean of 2x2 into the next block's first channels.
    void ForwardTransition(float[] parameters, int block)
    {
        int channels = DenseNet40Architecture.BlockOutputs(block);
        int size = DenseNet40Architecture.Size(block);
        ForEachChunk((_, first, end, scratch) =>
        {
            var sums = new PlaneRows(scratch.BandA.Pointer, size, channels * size);
            for (int n = first; n < end; n++)
            {
                PlaneRows output = State.Rows(State.Values, block + 1, n, 0);
                DropoutMask mask = Mask(block, Layers, n);
                for (int y = 0; y < size; y += 2)
                {
                    PlaneRows activated = ActivateBand(scratch, block, n, channels, y, 2);
                    for (int k = 0; k < channels; k += Group)
                        ops.Convolve1x1(activated, channels, weights.Forward(block, Layers) + k * channels, new PlaneRows(sums.Pixel + k * size, size, sums.RowStride), size, 2);
                    for (int i = 0; i < 2 && !mask.IsOff; i++)
                        mask.Apply(sums.At(i), (y + i) * channels * size, channels * size);
                    float* above = sums.At(0);
                    float* below = sums.At(1);
                    float* to = output.At(y / 2);
                    for (int i = 0; i < channels * size / 2; i++)
                        to[i] = (above[2 * i] + above[2 * i + 1] + (below[2 * i] + below[2 * i + 1])) * 0.25f;
                }
                PictureStatistics(block + 1, n, 0, channels);
            }
        });
        MergeStatistics(parameters, block + 1, 0, channels);
    }

    void GlobalAverage(int picture, DenseNet40Scratch scratch)
    {
        int size = DenseNet40Architecture.Size(Blocks - 1);
        PlaneRows activated = ActivateBand(scratch, Blocks - 1, picture, Features, 0, size);
        Span<float> features = State.Features.Span.Slice(picture * Features, Features);
        features.Clear();
        ops.Sum(activated, Features, size, size, State.Features.Pointer + picture * Features);
        foreach (ref float feature in features)
            feature /= size * size;
    }

    void Head(float[] parameters, int picture, Span<float> logits)
    {
        int weight = architecture.Weight(Blocks - 1, Layers);
        fixed (float* p = parameters)
            for (int o = 0; o < logits.Length; o++)
                logits[o] = p[architecture.Bias + o] + ops.Dot(p + weight + o * Features, State.Features.Pointer + picture * Features, Features);
    }

    PlaneRows LoadWindow(byte* window, DenseNet40Scratch scratch)
    {
        int size = DenseNet40Architecture.WindowSize;
        PlaneRows rows = scratch.InputRows(architecture.InputChannels);
        for (int y = 0; y < size; y++, window += 3 * size)
            WindowPixels.Row(window, size, architecture.Input, rows.At(y), rows.ChannelStride);
        return rows;
    }

    void PictureStatistics(int block, int picture, int first, int channels)
    {
        if (!training)
            return;
        int size = DenseNet40Architecture.Size(block);
        int at = picture * DenseNet40Architecture.BlockOutputs(block) + first;
        float* means = State.PictureMeans[block].Pointer + at;
        float* squares = State.PictureSquares[block].Pointer + at;
        new Span<float>(means, channels).Clear();
        new Span<float>(squares, channels).Clear();
        PlaneRows rows = State.Rows(State.Values, block, picture, first);
        ops.Sum(rows, channels, size, size, means);
        for (int c = 0; c < channels; c++)
            means[c] /= size * size;
        ops.SumSquares(rows, channels, means, size, size, squares);
    }

    void MergeStatistics(float[] parameters, int block, int first, int channels)
    {
        if (!training)
            return;
        int all = DenseNet40Architecture.BlockOutputs(block);
        State.MergeStatistics(block, first, channels, count, Epsilon,
            parameters.AsSpan(architecture.Mean(block), all), parameters.AsSpan(architecture.Variance(block), all), Momentum);
    }

    void TakeRunningStatistics(float[] parameters)
    {
        for (int b = 0; b < Blocks; b++)
        {
            int channels = DenseNet40Architecture.BlockOutputs(b);
            parameters.AsSpan(architecture.Mean(b), channels).CopyTo(State.Mean[b].Span);
            for (int c = 0; c < channels; c++)
                State.InverseDeviation[b].Span[c] = (float)(1 / Math.Sqrt(parameters[architecture.Variance(b) + c] + Epsilon));
        }
    }
}
