using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

sealed unsafe partial class DenseNet40Gradient
{
    void Forward(float[] parameters, byte* windows)
    {
        for (int b = 0; b < Blocks; b++)
            if (!Measures(b))
                TakeRunningStatistics(parameters, b);
        ForEachChunk((_, first, end, scratch) =>
        {
            for (int n = first; n < end; n++)
            {
                LoadWindow(windows, n, scratch);
                for (int g = 0; g < 2; g++)
                    ConvolveTiles(scratch.Input, scratch.Input.Channels, one.Pointer, zero.Pointer, weights.First(g), State.Values[0][n], g * Group, scratch.Input.Count, scratch);
                WindowStatistics(0, n, 0, DenseNet40Architecture.FirstFilters);
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
        ForEachChunk((_, first, end, _) =>
        {
            for (int n = first; n < end; n++)
                GlobalAverage(n);
        });
    }

    void ForwardLayer(float[] parameters, int block, int layer)
    {
        PrepareNorm(parameters, block, layer);
        int channels = DenseNet40Architecture.LayerInputs(block, layer);
        int group = DenseNet40State.GroupOf(block);
        float* filters = weights.Layer(parameters, block, layer, turned: false);
        ForEachChunk((_, first, end, scratch) =>
        {
            for (int n = first; n < end; n += group)
            {
                TilePlanes planes = State.Values[block][n / group];
                ConvolveTiles(planes, channels, scale.Pointer, shift.Pointer, filters, planes, channels, GroupTiles(block, n, end), scratch);
            }
            for (int n = first; n < end; n++)
            {
                Drop(Mask(block, layer, n), DenseNet40State.Rows(State.Values, block, n, channels), block);
                WindowStatistics(block, n, channels, Group);
            }
        });
        MergeStatistics(parameters, block, channels, Group);
    }

    // BN - ReLU - 3x3 convolution of tiles [0, tiles) to twelve channels from to on.
    void ConvolveTiles(TilePlanes from, int channels, float* scale, float* shift, float* filters, TilePlanes output, int to, int tiles, DenseNet40Scratch scratch)
    {
        const int Most = 64;
        WinogradTwelveScratch own = scratch.Tiles.Tiles;
        for (int first = 0; first < tiles; first += Most)
        {
            int count = Math.Min(Most, tiles - first);
            ops.AccumulateTiles(from.Chunk(0, first), channels, 0, channels, scale, shift, filters, own.Products, from.Lanes(first, count), own);
            ops.FinishTiles(own.Products, null, output.Chunk(to, first), 0, Group, output.Lanes(first, count), own);
        }
    }

    // BN - ReLU - 1x1 convolution - dropout - mean of 2x2. Without dropout the mean comes first, which is the same and a quarter of the work.
    void ForwardTransition(float[] parameters, int block)
    {
        int channels = DenseNet40Architecture.BlockOutputs(block);
        ForEachChunk((_, first, end, scratch) =>
        {
            for (int n = first; n < end; n++)
            {
                DropoutMask mask = Mask(block, Layers, n);
                for (int part = 0; part < TransitionParts(block); part++)
                {
                    var band = new TransitionBand(State, block, n, part);
                    if (mask.IsOff)
                    {
                        ops.PoolTiles(band.Values, channels, scale.Pointer, shift.Pointer, band.Lanes, scratch.Bands[0].Pointer);
                        Convolve1x1(scratch.Bands[0], channels, weights.Forward(block), scratch.Bands[1]);
                    }
                    else
                    {
                        for (int q = 0; q < 4; q++)
                        {
                            ActivateQuarter(band, q, channels, scratch.Bands[0]);
                            Convolve1x1(scratch.Bands[0], channels, weights.Forward(block), scratch.Bands[2]);
                            band.Drop(mask, q, channels, scratch.Bands[2]);
                            band.MeanOfQuarter(scratch.Bands[2], channels, q, scratch.Bands[1]);
                        }
                    }
                    band.Spread(channels, scratch.Bands[1]);
                }
                WindowStatistics(block + 1, n, 0, channels);
            }
        });
        MergeStatistics(parameters, block + 1, 0, channels);
    }

    // Whether a block's batch norms take the batch's statistics.
    bool Measures(int block) => measuring && block >= FirstTrained;

    static int TransitionParts(int block) =>
        DenseNet40Architecture.Size(block) * DenseNet40Architecture.Size(block) / 16 / DenseNet40Window.TransitionLanes;

    // [channels][128] of a quarter's four pixels in each of 32 tiles.
    void ActivateQuarter(in TransitionBand band, int quarter, int channels, AlignedFloats output)
    {
        for (int r = 0; r < band.Lanes.Rows; r++)
            for (int i = 0; i < 4; i++)
                ops.Activate(band.Phase(band.Values, r, quarter, i), channels, scale.Pointer, shift.Pointer,
                    new PlaneRows(output.Pointer + (4 * r + i) * band.Lanes.Width, DenseNet40Scratch.BandWidth, 0), band.Lanes.Width, 1);
    }

    void Convolve1x1(AlignedFloats input, int channels, float* packs, AlignedFloats output) =>
        ops.ConvolveBand(input.Pointer, channels, packs, channels, channels, output.Pointer, DenseNet40Scratch.BandWidth);

    void GlobalAverage(int window)
    {
        const int Last = Blocks - 1;
        float* features = State.Features.Pointer + window * Features;
        ops.SumActivated(DenseNet40State.Rows(State.Values, Last, window, 0), Features, scale.Pointer, shift.Pointer, DenseNet40State.Width(Last), RowsOfWindow, features);
        for (int c = 0; c < Features; c++)
            features[c] /= DenseNet40Architecture.Size(Last) * DenseNet40Architecture.Size(Last);
    }

    void Head(float[] parameters, int picture, Span<float> logits)
    {
        int weight = architecture.Weight(Blocks - 1, Layers);
        fixed (float* p = parameters)
            for (int o = 0; o < logits.Length; o++)
                logits[o] = p[architecture.Bias + o] + ops.Dot(p + weight + o * Features, State.Features.Pointer + picture * Features, Features);
    }

    // Losses of the grid phases, in the windows' order; their gradients stay for the way back.
    double Phases(float[] parameters, ReadOnlySpan<byte> phases, Span<float> posterior)
    {
        const int Last = Blocks - 1;
        byte[] truth = phases.ToArray();
        double[] losses = new double[count];
        float[] likelihoods = new float[posterior.Length];
        ForEachChunk((_, first, end, scratch) =>
        {
            GridPhaseHead head = scratch.Phases;
            for (int n = first; n < end; n++)
            {
                AlignedFloats outputs = State.PhaseGradients[n];
                head.Activate(DenseNet40State.Rows(State.Values, Last, n, 0), scale.Pointer, shift.Pointer);
                fixed (float* p = parameters)
                    head.Outputs(p + architecture.PhaseWeight, p + architecture.PhaseBias, outputs.Pointer);
                losses[n] = GridPhaseHead.Apply(outputs.Span, truth[n], State.RowsOfValues[Last], State.ColumnsOfValues[Last], PhaseWeight / count, likelihoods.AsSpan(64 * n, 64));
            }
        });
        likelihoods.CopyTo(posterior);
        return losses.Sum();
    }

    void LoadWindow(byte* windows, int n, DenseNet40Scratch scratch) =>
        WindowPixels.Tiles(windows + (long)n * WindowBytes, architecture.Input, scratch.Input, scratch.Row.Pointer);

    void WindowStatistics(int block, int window, int first, int channels)
    {
        if (!Measures(block))
            return;
        int size = DenseNet40Architecture.Size(block);
        int at = window * DenseNet40Architecture.BlockOutputs(block) + first;
        float* means = State.PictureMeans[block].Pointer + at;
        float* squares = State.PictureSquares[block].Pointer + at;
        new Span<float>(means, channels).Clear();
        new Span<float>(squares, channels).Clear();
        PlaneRows rows = DenseNet40State.Rows(State.Values, block, window, first);
        ops.Sum(rows, channels, DenseNet40State.Width(block), RowsOfWindow, means);
        for (int c = 0; c < channels; c++)
            means[c] /= size * size;
        ops.SumSquares(rows, channels, means, DenseNet40State.Width(block), RowsOfWindow, squares);
    }

    void MergeStatistics(float[] parameters, int block, int first, int channels)
    {
        if (!Measures(block))
            return;
        int all = DenseNet40Architecture.BlockOutputs(block);
        State.MergeStatistics(block, first, channels, count, Epsilon,
            parameters.AsSpan(architecture.Mean(block), all), parameters.AsSpan(architecture.Variance(block), all), movement);
    }

    void TakeRunningStatistics(float[] parameters, int block)
    {
        int channels = DenseNet40Architecture.BlockOutputs(block);
        parameters.AsSpan(architecture.Mean(block), channels).CopyTo(State.Mean[block].Span);
        for (int c = 0; c < channels; c++)
            State.InverseDeviation[block].Span[c] = (float)(1 / Math.Sqrt(parameters[architecture.Variance(block) + c] + Epsilon));
    }
}
