using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

sealed unsafe partial class DenseNet40Gradient
{
    void Backward(float[] parameters, byte* windows, float[] dLogits)
    {
        while (chunkGradients.Length < Chunks)
        {
            chunkGradients = [.. chunkGradients, new AlignedFloats(architecture.TrainableCount)];
            chunkNorms = [.. chunkNorms, new double[2 * Features]];
        }
        for (int b = 0; b < Blocks; b++)
        {
            State.ReaderMeans[b].AsSpan().Clear();
            State.ReaderProducts[b].AsSpan().Clear();
        }
        PrepareNorm(parameters, Blocks - 1, Layers);
        ForEachChunk((chunk, first, end, scratch) =>
        {
            chunkGradients[chunk].Span.Clear();
            scratch.NormSums.Span.Clear();
            for (int n = first; n < end; n++)
            {
                for (int b = 0; b < Blocks; b++)
                    new Span<float>(State.Rows(State.Gradients, b, n, 0).Pixel, DenseNet40Architecture.BlockOutputs(b) * DenseNet40Architecture.Size(b) * DenseNet40Architecture.Size(b)).Clear();
                BackwardHead(parameters, n, dLogits, scratch, chunkGradients[chunk].Pointer);
            }
            ReduceNorm(chunk, Features, scratch);
        });
        MergeNorm(Blocks - 1, Layers);
        for (int b = Blocks - 1; b >= 0; b--)
        {
            for (int l = Layers - 1; l >= 0; l--)
                BackwardLayer(parameters, b, l);
            if (b > 0)
                BackwardTransition(parameters, b - 1);
        }
        BackwardFirst(windows);
    }

    void BackwardHead(float[] parameters, int picture, float[] dLogits, DenseNet40Scratch scratch, float* gradient)
    {
        int outputs = architecture.Outputs;
        int size = DenseNet40Architecture.Size(Blocks - 1);
        int weight = architecture.Weight(Blocks - 1, Layers);
        float* features = State.Features.Pointer + picture * Features;
        float* dFeatures = scratch.BandB.Pointer;
        new Span<float>(dFeatures, Features).Clear();
        fixed (float* p = parameters)
            for (int o = 0; o < outputs; o++)
            {
                float d = dLogits[picture * outputs + o];
                gradient[architecture.Bias + o] += d;
                ops.AddScaled(features, d, gradient + weight + o * Features, Features);
                ops.AddScaled(p + weight + o * Features, d, dFeatures, Features);
            }
        // One row of every plane holds dFeature / 256; all rows of the plane are that row.
        var dOut = new PlaneRows(scratch.BandA.Pointer, size, 0);
        for (int c = 0; c < Features; c++)
            new Span<float>(dOut.Pixel + c * size, size).Fill(dFeatures[c] / (size * size));
        PlaneRows activated = ActivateBand(scratch, Blocks - 1, picture, Features, 0, size);
        NormGradient(scratch, dOut, activated, Blocks - 1, picture, 0, Features, 0, size);
    }

    void BackwardLayer(float[] parameters, int block, int layer)
    {
        int channels = DenseNet40Architecture.LayerInputs(block, layer);
        int size = DenseNet40Architecture.Size(block);
        int band = DenseNet40Scratch.Band(block);
        PrepareNorm(parameters, block, layer);
        PrepareOutputGradient(block, channels, Group);
        ForEachChunk((chunk, first, end, scratch) =>
        {
            scratch.NormSums.Span.Clear();
            scratch.Sums.Span[..ops.WeightSums(channels, 3)].Clear();
            PlaneRows dOut = scratch.Gradient(block);
            var dActivated = new PlaneRows(scratch.BandA.Pointer, size, Group * size);
            for (int n = first; n < end; n++)
            {
                OutputGradient(block, n, channels, Group, dOut);
                DropoutMask mask = Mask(block, layer, n);
                for (int y = 0; y < size && !mask.IsOff; y++)
                    for (int k = 0; k < Group; k++)
                        mask.Apply(dOut.At(y) + k * dOut.ChannelStride, (y * Group + k) * size, size);
                for (int y = 0; y < size; y += band)
                {
                    PlaneRows activated = ActivateBand(scratch, block, n, channels, y - 1, band + 2);
                    activated = new PlaneRows(activated.At(1), activated.ChannelStride, activated.RowStride);
                    var d = new PlaneRows(dOut.At(y), dOut.ChannelStride, dOut.RowStride);
                    ops.WeightGradient3x3(activated, channels, d, size, band, scratch.Sums.Pointer);
                    for (int c = 0; c < channels; c += Group)
                    {
                        Expect(scratch.Ahead, block, n, c + Group, channels, y, band);
                        ops.Convolve3x3(d, Group, weights.Backward(block, layer) + c * 9 * Group, dActivated, size, band, ahead: scratch.Ahead);
                        var gate = new PlaneRows(activated.Pixel + (long)c * activated.ChannelStride, activated.ChannelStride, activated.RowStride);
                        NormGradient(scratch, dActivated, gate, block, n, c, Group, y, band);
                    }
                }
            }
            ops.ReduceWeightGradient(scratch.Sums.Pointer, channels, 3, chunkGradients[chunk].Pointer + architecture.Weight(block, layer));
            ReduceNorm(chunk, channels, scratch);
        });
        MergeNorm(block, layer);
    }

    // The next channels' rows, far apart, come nearer while these are worked on.
    void Expect(MemoryAhead ahead, int block, int picture, int first, int channels, int y, int rows)
    {
        ahead.Clear();
        if (first == channels)
            return;
        long bytes = Group * DenseNet40Architecture.Size(block) * sizeof(float);
        PlaneRows x = State.Rows(State.Values, block, picture, first), dX = State.Rows(State.Gradients, block, picture, first);
        for (int i = y; i < y + rows; i++)
        {
            ahead.Expect(dX.At(i), bytes);
            ahead.Expect(x.At(i), bytes);
        }
    }

    void BackwardTransition(float[] parameters, int block)
    {
        int channels = DenseNet40Architecture.BlockOutputs(block);
        int size = DenseNet40Architecture.Size(block);
        int band = DenseNet40Scratch.Band(block);
        int packSums = ops.WeightSums(channels, 1);
        PrepareNorm(parameters, block, Layers);
        PrepareOutputGradient(block + 1, 0, channels);
        ForEachChunk((chunk, first, end, scratch) =>
        {
            scratch.NormSums.Span.Clear();
            scratch.Sums.Span[..(channels / Group * packSums)].Clear();
            var dOut = new PlaneRows(scratch.BandB.Pointer, size, channels * size);
            var dActivated = new PlaneRows(scratch.BandA.Pointer, size, channels * size);
            for (int n = first; n < end; n++)
            {
                DropoutMask mask = Mask(block, Layers, n);
                // The pooled gradient takes the place of G in the next block's buffer.
                PlaneRows pooled = State.Rows(State.Gradients, block + 1, n, 0);
                OutputGradient(block + 1, n, 0, channels, pooled);
                for (int y = 0; y < size; y += band)
                {
                    for (int i = 0; i < band; i++)
                    {
                        float* from = pooled.At((y + i) / 2);
                        float* to = dOut.At(i);
                        for (int x = 0; x < channels * size / 2; x++)
                            to[2 * x] = to[2 * x + 1] = from[x] * 0.25f;
                        if (!mask.IsOff)
                            mask.Apply(to, (y + i) * channels * size, channels * size);
                    }
                    PlaneRows activated = ActivateBand(scratch, block, n, channels, y, band);
                    for (int k = 0; k < channels; k += Group)
                    {
                        ops.WeightGradient1x1(activated, channels, new PlaneRows(dOut.Pixel + k * size, size, dOut.RowStride), size, band, scratch.Sums.Pointer + k / Group * packSums);
                        ops.Convolve1x1(dOut, channels, weights.Backward(block, Layers) + k * channels, new PlaneRows(dActivated.Pixel + k * size, size, dActivated.RowStride), size, band);
                    }
                    NormGradient(scratch, dActivated, activated, block, n, 0, channels, y, band);
                }
            }
            for (int k = 0; k < channels; k += Group)
                ops.ReduceWeightGradient(scratch.Sums.Pointer + k / Group * packSums, channels, 1, chunkGradients[chunk].Pointer + architecture.Weight(block, Layers) + k * channels);
            ReduceNorm(chunk, channels, scratch);
        });
        MergeNorm(block, Layers);
    }

    void BackwardFirst(byte* windows)
    {
        int inputs = architecture.InputChannels;
        int size = DenseNet40Architecture.WindowSize;
        int packSums = ops.WeightSums(inputs, 3);
        PrepareOutputGradient(0, 0, DenseNet40Architecture.FirstFilters);
        ForEachChunk((chunk, first, end, scratch) =>
        {
            scratch.Sums.Span[..(2 * packSums)].Clear();
            PlaneRows dOut = scratch.Gradient(0);
            for (int n = first; n < end; n++)
            {
                PlaneRows input = LoadWindow(windows + (long)n * WindowBytes, scratch);
                for (int g = 0; g < 2; g++)
                {
                    OutputGradient(0, n, g * Group, Group, dOut);
                    ops.WeightGradient3x3(input, inputs, dOut, size, size, scratch.Sums.Pointer + g * packSums);
                }
            }
            for (int g = 0; g < 2; g++)
                ops.ReduceWeightGradient(scratch.Sums.Pointer + g * packSums, inputs, 3, chunkGradients[chunk].Pointer + g * Group * 9 * inputs);
        });
    }

    void NormGradient(DenseNet40Scratch scratch, in PlaneRows dOut, in PlaneRows activated, int block, int picture, int first, int channels, int y, int rows)
    {
        PlaneRows x = State.Rows(State.Values, block, picture, first);
        PlaneRows dX = State.Rows(State.Gradients, block, picture, first);
        ops.NormGradient(dOut, activated, new PlaneRows(x.At(y), x.ChannelStride, x.RowStride), new PlaneRows(dX.At(y), dX.ChannelStride, dX.RowStride),
            channels, gamma.Pointer + first, State.Mean[block].Pointer + first, scratch.NormSums.Pointer + first * ops.Lanes, scratch.NormSums.Pointer + (Features + first) * ops.Lanes,
            DenseNet40Architecture.Size(block), rows);
    }

    void ReduceNorm(int chunk, int channels, DenseNet40Scratch scratch)
    {
        for (int c = 0; c < channels; c++)
        {
            chunkNorms[chunk][c] = ops.SumLanes(scratch.NormSums.Pointer + c * ops.Lanes);
            chunkNorms[chunk][Features + c] = ops.SumLanes(scratch.NormSums.Pointer + (Features + c) * ops.Lanes);
        }
    }

    // Gradients of gamma and beta, and what this reader adds to A and B of its channels.
    void MergeNorm(int block, int layer)
    {
        int channels = DenseNet40Architecture.LayerInputs(block, layer);
        int size = DenseNet40Architecture.Size(block);
        double pixels = (double)count * size * size;
        Span<float> gradient = chunkGradients[0].Span;
        for (int c = 0; c < channels; c++)
        {
            double d = 0, product = 0;
            for (int i = 0; i < Chunks; i++)
            {
                d += chunkNorms[i][c];
                product += chunkNorms[i][Features + c];
            }
            product *= State.InverseDeviation[block].Span[c];
            gradient[architecture.Gamma(block, layer) + c] = (float)product;
            gradient[architecture.Beta(block, layer) + c] = (float)d;
            State.ReaderMeans[block][c] += gamma.Span[c] * d / pixels;
            State.ReaderProducts[block][c] += gamma.Span[c] * product / pixels;
        }
    }

    // dX = invStd * G + factor * x + constant of channels whose readers are all done.
    void PrepareOutputGradient(int block, int first, int channels)
    {
        for (int c = first; c < first + channels; c++)
        {
            double inverse = State.InverseDeviation[block].Span[c];
            double slope = -inverse * inverse * State.ReaderProducts[block][c];
            factor.Span[c] = (float)slope;
            constant.Span[c] = (float)(-inverse * State.ReaderMeans[block][c] - slope * State.Mean[block].Span[c]);
        }
    }

    void OutputGradient(int block, int picture, int first, int channels, in PlaneRows output)
    {
        int size = DenseNet40Architecture.Size(block);
        ops.Combine(State.Rows(State.Gradients, block, picture, first), State.InverseDeviation[block].Pointer + first,
            State.Rows(State.Values, block, picture, first), factor.Pointer + first, constant.Pointer + first, output, channels, size, size);
    }

    void MergeGradient(float[] gradient)
    {
        const int Slice = 1 << 15;
        gradient.AsSpan(architecture.TrainableCount).Clear();
        Parallel.For(0, (architecture.TrainableCount + Slice - 1) / Slice, new ParallelOptions { MaxDegreeOfParallelism = threads }, s =>
        {
            int length = Math.Min(Slice, architecture.TrainableCount - s * Slice);
            Span<float> sum = gradient.AsSpan(s * Slice, length);
            chunkGradients[0].Span.Slice(s * Slice, length).CopyTo(sum);
            fixed (float* to = sum)
                for (int i = 1; i < Chunks; i++)
                    ops.AddScaled(chunkGradients[i].Pointer + s * Slice, 1, to, length);
        });
    }
}
