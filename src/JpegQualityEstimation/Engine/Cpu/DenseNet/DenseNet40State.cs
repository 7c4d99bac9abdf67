using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40State: what a training step keeps of a batch. Of the activations only the convolutions' outputs are kept, in
// concatenation buffers of tiles, of one, two or four windows (TilePlanes); batch norm and ReLU are computed again in the backward pass
// (Pleiss et al. 2017, "Memory-efficient implementation of DenseNets").
//   dX = invStd * (G - A - xhat * B),  G = sum over readers of gamma * d,
//   A = sum over readers of gamma * mean(d),  B = sum over readers of gamma * mean(d * xhat)
// because every reader of a channel has the same mean and variance: one buffer G and two numbers a channel do for all.
sealed class DenseNet40State
{
    public DenseNet40State(int batch, bool phases = false)
    {
        Batch = batch;
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
        {
            int channels = DenseNet40Architecture.BlockOutputs(b);
            Values[b] = Planes(b, channels, batch);
            Gradients[b] = Planes(b, channels, batch);
            Mean[b] = new AlignedFloats(channels);
            InverseDeviation[b] = new AlignedFloats(channels);
            PictureMeans[b] = new AlignedFloats(batch * channels);
            PictureSquares[b] = new AlignedFloats(batch * channels);
            ReaderMeans[b] = new double[channels];
            ReaderProducts[b] = new double[channels];
            (RowsOfValues[b], ColumnsOfValues[b]) = Places(Values[b][0], Width(b));
        }
        Features = new AlignedFloats(batch * DenseNet40Architecture.Features);
        PhaseGradients = [.. Enumerable.Range(0, phases ? batch : 0).Select(_ => new AlignedFloats(GridPhaseHead.Classes * GridPhaseHead.Places))];
    }

    public int Batch { get; }

    /// <summary>Concatenation buffers [block][group of windows].</summary>
    public TilePlanes[][] Values { get; } = new TilePlanes[DenseNet40Architecture.Blocks][];

    /// <summary>G, laid out as <see cref="Values"/>.</summary>
    public TilePlanes[][] Gradients { get; } = new TilePlanes[DenseNet40Architecture.Blocks][];

    public AlignedFloats[] Mean { get; } = new AlignedFloats[DenseNet40Architecture.Blocks];

    public AlignedFloats[] InverseDeviation { get; } = new AlignedFloats[DenseNet40Architecture.Blocks];

    /// <summary>Mean [n, c] of every picture's planes.</summary>
    public AlignedFloats[] PictureMeans { get; } = new AlignedFloats[DenseNet40Architecture.Blocks];

    /// <summary>Sum [n, c] of squared distances from that mean.</summary>
    public AlignedFloats[] PictureSquares { get; } = new AlignedFloats[DenseNet40Architecture.Blocks];

    /// <summary>A [c].</summary>
    public double[][] ReaderMeans { get; } = new double[DenseNet40Architecture.Blocks][];

    /// <summary>B [c].</summary>
    public double[][] ReaderProducts { get; } = new double[DenseNet40Architecture.Blocks][];

    /// <summary>Row in the window of each value of the sixteen rows of a channel.</summary>
    public uint[][] RowsOfValues { get; } = new uint[DenseNet40Architecture.Blocks][];

    /// <summary>Column of each.</summary>
    public uint[][] ColumnsOfValues { get; } = new uint[DenseNet40Architecture.Blocks][];

    /// <summary>Global averages [n, 456].</summary>
    public AlignedFloats Features { get; }

    /// <summary>Outputs of the grid phases and then their gradients [n][16,256]; none where they are not learnt.</summary>
    public AlignedFloats[] PhaseGradients { get; }

    /// <summary>Windows whose planes lie side by side, so that a channel is whole vectors and some: 1, 2, 4.</summary>
    public static int GroupOf(int block) => 1 << block;

    /// <summary>Values in one of the sixteen rows of a window's channel.</summary>
    public static int Width(int block) => DenseNet40Architecture.Size(block) * DenseNet40Architecture.Size(block) / TilePlanes.RowsOfWindow;

    /// <summary>Rows of one window's channels from <paramref name="channel"/> on.</summary>
    public static PlaneRows Rows(TilePlanes[][] planes, int block, int window, int channel) =>
        planes[block][window / GroupOf(block)].Rows(channel, window % GroupOf(block));

    static (uint[] Rows, uint[] Columns) Places(TilePlanes planes, int width)
    {
        uint[] rows = new uint[TilePlanes.RowsOfWindow * width], columns = new uint[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            (int y, int x) = planes.Place(i / width, i % width);
            (rows[i], columns[i]) = ((uint)y, (uint)x);
        }
        return (rows, columns);
    }

    static TilePlanes[] Planes(int block, int channels, int batch)
    {
        int group = GroupOf(block);
        return [.. Enumerable.Range(0, (batch + group - 1) / group).Select(_ => new TilePlanes(DenseNet40Architecture.Size(block), channels, group))];
    }

    /// <summary>Mean and inverse deviation of channels [first, first + count) from what the pictures gave, in their order.</summary>
    /// <param name="block">Block.</param>
    /// <param name="first">First channel.</param>
    /// <param name="count">Channels.</param>
    /// <param name="pictures">Pictures of the batch.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="runningMean">Running means of the block's channels, moved by <paramref name="momentum"/>.</param>
    /// <param name="runningVariance">Running (unbiased) variances.</param>
    /// <param name="momentum">Share of this batch in the running numbers.</param>
    public void MergeStatistics(int block, int first, int count, int pictures, double epsilon,
        Span<float> runningMean, Span<float> runningVariance, double momentum)
    {
        int channels = DenseNet40Architecture.BlockOutputs(block);
        double pixels = DenseNet40Architecture.Size(block) * DenseNet40Architecture.Size(block);
        double total = pixels * pictures;
        for (int c = first; c < first + count; c++)
        {
            double mean = 0, squares = 0;
            for (int n = 0; n < pictures; n++)
                mean += PictureMeans[block].Span[n * channels + c] / pictures;
            for (int n = 0; n < pictures; n++)
            {
                double apart = PictureMeans[block].Span[n * channels + c] - mean;
                squares += PictureSquares[block].Span[n * channels + c] + pixels * apart * apart;
            }
            Mean[block].Span[c] = (float)mean;
            InverseDeviation[block].Span[c] = (float)(1 / Math.Sqrt(squares / total + epsilon));
            runningMean[c] += (float)(momentum * (mean - runningMean[c]));
            runningVariance[c] += (float)(momentum * (squares / (total - 1) - runningVariance[c]));
        }
    }
}
