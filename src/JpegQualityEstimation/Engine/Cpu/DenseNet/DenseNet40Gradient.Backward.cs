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
            for (int b = 0; b < Blocks; b++)
                for (int n = first; n < end; n += DenseNet40State.GroupOf(b))
                    State.Gradients[b][n / DenseNet40State.GroupOf(b)].Clear();
            for (int n = first; n < end; n++)
                BackwardHead(parameters, n, dLogits, scratch, chunkGradients[chunk].Pointer);
            ReduceNorm(chunk, Features, scratch);
        });
        MergeNorm(Blocks - 1, Layers);
        for (int b = Blocks - 1; b >= FirstTrained; b--)
        {
            for (int l = Layers - 1; l >= 0; l--)
                BackwardLayer(parameters, b, l);
            if (b > 0)
                BackwardTransition(parameters, b - 1);
        }
        if (!FixedFirstBlock)
            BackwardFirst(windows);
    }

    void BackwardHead(float[] parameters, int window, float[] dLogits, DenseNet40Scratch scratch, float* gradient)
    {
        const int Last = Blocks - 1;
        int outputs = architecture.Outputs;
        int size = DenseNet40Architecture.Size(Last);
        int width = DenseNet40State.Width(Last);
        int weight = architecture.Weight(Last, Layers);
        float* features = State.Features.Pointer + window * Features;
        float* dFeatures = scratch.Bands[1].Pointer;
        new Span<float>(dFeatures, Features).Clear();
        fixed (float* p = parameters)
            for (int o = 0; o < outputs; o++)
            {
                float d = dLogits[window * outputs + o];
                gradient[architecture.Bias + o] += d;
                ops.AddScaled(features, d, gradient + weight + o * Features, Features);
                ops.AddScaled(p + weight + o * Features, d, dFeatures, Features);
            }
        for (int c = 0; c < Features; c++)
            dFeatures[c] /= size * size;
        PlaneRows values = DenseNet40State.Rows(State.Values, Last, window, 0), dOut;
        if (architecture.HasPhases)
        {
            scratch.Phases.Activate(values, scale.Pointer, shift.Pointer);
            fixed (float* p = parameters)
                scratch.Phases.Backward(State.PhaseGradients[window].Pointer, p + architecture.PhaseWeight, dFeatures, gradient + architecture.PhaseWeight, gradient + architecture.PhaseBias);
            dOut = scratch.Phases.Gradients;
        }
        else
        {
            // One row of every plane; all rows of the plane are that row.
            dOut = new PlaneRows(scratch.Bands[0].Pointer, width, 0);
            for (int c = 0; c < Features; c++)
                new Span<float>(dOut.Pixel + c * width, width).Fill(dFeatures[c]);
        }
        ops.NormGradient(dOut, 1, values, DenseNet40State.Rows(State.Gradients, Last, window, 0), Features, Norm(Last, scratch), width, RowsOfWindow);
    }

    void BackwardLayer(float[] parameters, int block, int layer)
    {
        int channels = DenseNet40Architecture.LayerInputs(block, layer);
        int group = DenseNet40State.GroupOf(block);
        PrepareNorm(parameters, block, layer);
        PrepareOutputGradient(block, channels, Group);
        float* filters = weights.Layer(parameters, block, layer, turned: true);
        ForEachChunk((chunk, first, end, scratch) =>
        {
            scratch.NormSums.Span.Clear();
            scratch.FilterSums.Span[..WinogradFilters.Count(channels)].Clear();
            TilePlanes dOut = scratch.Gradient[block];
            for (int n = first; n < end; n += group)
            {
                for (int i = n; i < Math.Min(n + group, end); i++)
                {
                    PlaneRows rows = dOut.Rows(0, i - n);
                    OutputGradient(block, i, channels, Group, rows);
                    Drop(Mask(block, layer, i), rows, block);
                }
                TilePlanes planes = State.Values[block][n / group], gradients = State.Gradients[block][n / group];
                int tiles = GroupTiles(block, n, end);
                for (int at = 0; at < tiles; at += TileGradientScratch.MostLanes)
                {
                    int count = Math.Min(TileGradientScratch.MostLanes, tiles - at);
                    ops.TransformGradients(dOut.Chunk(0, at), dOut.Lanes(at, count), scratch.Tiles);
                    ops.BackwardTiles(planes.Chunk(0, at), gradients.Chunk(0, at), channels, Norm(block, scratch), filters, scratch.FilterSums.Pointer, planes.Lanes(at, count), scratch.Tiles);
                }
            }
            ops.AddFilterGradients(scratch.FilterSums.Pointer, channels, chunkGradients[chunk].Pointer + architecture.Weight(block, layer));
            ReduceNorm(chunk, channels, scratch);
        });
        MergeNorm(block, layer);
    }

    void BackwardTransition(float[] parameters, int block)
    {
        int channels = DenseNet40Architecture.BlockOutputs(block);
        int packSums = ops.WeightSums(channels);
        PrepareNorm(parameters, block, Layers);
        PrepareOutputGradient(block + 1, 0, channels);
        ForEachChunk((chunk, first, end, scratch) =>
        {
            scratch.NormSums.Span.Clear();
            scratch.Sums.Span[..(channels / Group * packSums)].Clear();
            for (int n = first; n < end; n++)
            {
                DropoutMask mask = Mask(block, Layers, n);
                // The means' gradient takes the place of G in the next block's buffer.
                OutputGradient(block + 1, n, 0, channels, DenseNet40State.Rows(State.Gradients, block + 1, n, 0));
                for (int part = 0; part < TransitionParts(block); part++)
                {
                    var band = new TransitionBand(State, block, n, part);
                    band.Gather(channels, scratch.Bands[0]);
                    if (mask.IsOff)
                    {
                        ops.PoolTiles(band.Values, channels, scale.Pointer, shift.Pointer, band.Lanes, scratch.Bands[1].Pointer);
                        Backward1x1(block, channels, scratch.Bands[1], scratch.Bands[0], scratch.Bands[2], scratch.Sums);
                        for (int i = 0; i < 16; i++)
                            PassQuarter(band, i / 4, i % 4, i / 4, 0.25f, channels, scratch);
                        continue;
                    }
                    for (int q = 0; q < 4; q++)
                    {
                        ActivateQuarter(band, q, channels, scratch.Bands[1]);
                        band.QuarterOfMean(scratch.Bands[0], channels, q, scratch.Bands[3]);
                        band.Drop(mask, q, channels, scratch.Bands[3]);
                        Backward1x1(block, channels, scratch.Bands[1], scratch.Bands[3], scratch.Bands[2], scratch.Sums);
                        for (int i = 0; i < 4; i++)
                            PassQuarter(band, q, i, i, 1, channels, scratch);
                    }
                }
            }
            for (int k = 0; k < channels; k += Group)
                ops.ReduceWeightGradient(scratch.Sums.Pointer + k / Group * packSums, channels, chunkGradients[chunk].Pointer + architecture.Weight(block, Layers) + k * channels);
            ReduceNorm(chunk, channels, scratch);
        });
        MergeNorm(block, Layers);
    }

    // Weights' lane sums and the input's gradient of a 1x1 convolution over a band.
    void Backward1x1(int block, int channels, AlignedFloats input, AlignedFloats dOut, AlignedFloats dInput, AlignedFloats sums)
    {
        const int Width = DenseNet40Scratch.BandWidth;
        var rows = new PlaneRows(input.Pointer, Width, 0);
        for (int k = 0; k < channels; k += Group)
            ops.WeightGradient1x1(rows, channels, new PlaneRows(dOut.Pointer + k * Width, Width, 0), Width, 1, sums.Pointer + k / Group * ops.WeightSums(channels));
        Convolve1x1(dOut, channels, weights.Backward(block), dInput);
    }

    // One pixel of a quarter of every tile; its gradient is factor times the band's values at place.
    void PassQuarter(in TransitionBand band, int quarter, int pixel, int place, float factor, int channels, DenseNet40Scratch scratch)
    {
        for (int r = 0; r < band.Lanes.Rows; r++)
            ops.NormGradient(new PlaneRows(scratch.Bands[2].Pointer + (4 * r + place) * band.Lanes.Width, DenseNet40Scratch.BandWidth, 0), factor,
                band.Phase(band.Values, r, quarter, pixel), band.Phase(band.Gradients, r, quarter, pixel), channels, Norm(band.Block, scratch), band.Lanes.Width, 1);
    }

    // Direct, a tap of the 3x3 filters at a time: pixels are far from 0 and their gradients' sum is 0, which rounding in tiles would drown.
    void BackwardFirst(byte* windows)
    {
        const int Taps = 9, Size = DenseNet40Architecture.WindowSize;
        int inputs = architecture.InputChannels;
        int sums = ops.WeightSums(inputs);
        PrepareOutputGradient(0, 0, DenseNet40Architecture.FirstFilters);
        ForEachChunk((chunk, first, end, scratch) =>
        {
            scratch.Sums.Span[..(2 * Taps * sums)].Clear();
            PlaneRows input = scratch.InputRows, gradient = scratch.GradientRows;
            for (int n = first; n < end; n++)
            {
                for (int y = 0; y < Size; y++)
                    WindowPixels.Row(windows + (long)n * WindowBytes + y * 3 * Size, Size, architecture.Input, input.At(y), input.ChannelStride);
                for (int g = 0; g < 2; g++)
                {
                    OutputGradient(0, n, g * Group, Group, scratch.Gradient[0].Rows(0));
                    scratch.Gradient[0].ToRows(Group, gradient);
                    for (int t = 0; t < Taps; t++)
                        ops.WeightGradient1x1(new PlaneRows(input.At(t / 3 - 1) + t % 3 - 1, input.ChannelStride, input.RowStride), inputs, gradient, Size, Size,
                            scratch.Sums.Pointer + (g * Taps + t) * sums);
                }
            }
            Span<float> tap = stackalloc float[3 * Group];
            Span<float> total = chunkGradients[chunk].Span;
            for (int i = 0; i < 2 * Taps; i++)
            {
                tap.Clear();
                fixed (float* p = tap)
                    ops.ReduceWeightGradient(scratch.Sums.Pointer + i * sums, inputs, p);
                for (int filter = 0; filter < Group * inputs; filter++)
                    total[(i / Taps * Group * inputs + filter) * Taps + i % Taps] += tap[filter];
            }
        });
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

    void OutputGradient(int block, int window, int first, int channels, in PlaneRows output) =>
        ops.Combine(DenseNet40State.Rows(State.Gradients, block, window, first), State.InverseDeviation[block].Pointer + first,
            DenseNet40State.Rows(State.Values, block, window, first), factor.Pointer + first, constant.Pointer + first, output, channels,
            DenseNet40State.Width(block), RowsOfWindow);

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
