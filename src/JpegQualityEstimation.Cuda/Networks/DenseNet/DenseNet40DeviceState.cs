using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// DenseNet40DeviceState: what a training step keeps of a batch on a device. Of the activations only the convolutions' outputs
// are kept, in one concatenation buffer a block, in the precision's type; batch norm and ReLU are computed again in the
// backward pass. Beside it G, a float for each of them, and two doubles a channel (DenseNet40State of the processor has the formulas).
// Bytes a window: 4.5 MB of buffers in floats, 2.3 MB in 16 bits, and 4.5 MB of G.
sealed class DenseNet40DeviceState : IDisposable
{
    const int Blocks = DenseNet40Architecture.Blocks;
    const int Layers = DenseNet40Architecture.Layers;
    const int Features = DenseNet40Architecture.Features;

    readonly List<IDisposable> buffers = [];
    readonly CudaStream stream;
    readonly DeviceBuffer<byte>[] values = new DeviceBuffer<byte>[Blocks];
    readonly DeviceBuffer<float>[] gradients = new DeviceBuffer<float>[Blocks];
    readonly DeviceBuffer<float> statistics;
    readonly DeviceBuffer<float> scales;
    readonly DeviceBuffer<double> readers;
    readonly int[,] scaleAt = new int[Blocks, Layers + 1];
    readonly int scaleCount;

    public DenseNet40DeviceState(CudaStream stream, DenseNet40Kernels kernels, DenseNet40TrainingKernels training, DenseNet40Architecture architecture, int batch)
    {
        this.stream = stream;
        Batch = batch;
        long partials = 0, output = 0;
        for (int b = 0; b < Blocks; b++)
        {
            int channels = DenseNet40Architecture.BlockOutputs(b), size = DenseNet40Architecture.Size(b);
            long count = (long)batch * channels * size * size;
            values[b] = Rent<byte>(count * kernels.ValueBytes);
            stream.Clear(values[b]);
            gradients[b] = Rent<float>(count);
            DenseCanvas canvas = Canvas(b, batch);
            for (int l = 0; l <= Layers; l++)
            {
                int inputs = DenseNet40Architecture.LayerInputs(b, l);
                scaleAt[b, l] = scaleCount;
                scaleCount += inputs;
                partials = Math.Max(partials, 2L * training.LayerParts(canvas) * inputs);
                partials = Math.Max(partials, (long)training.LayerGroups(canvas, inputs) * inputs * 108);
            }
            output = Math.Max(output, (long)batch * size * size * (b == 0 ? DenseNet40Architecture.FirstFilters : DenseNet40Architecture.BlockInputs(b)));
            if (b < Blocks - 1)
                partials = Math.Max(partials, Math.Max(2L * training.TransitionParts(canvas) * channels, (long)training.TransitionGroups(channels) * channels * channels));
        }
        partials = Math.Max(partials, Math.Max(2L * training.PhaseParts(batch) * Features, (long)training.FirstGroups(Canvas(0, batch)) * 24 * 9 * architecture.InputChannels));
        statistics = Rent<float>(2 * Blocks * Features);
        scales = Rent<float>(2 * scaleCount);
        readers = Rent<double>(2 * Blocks * Features);
        PictureMeans = Rent<double>((long)batch * Features).Span.Address;
        PictureSquares = Rent<double>((long)batch * Features).Span.Address;
        Partials = Rent<float>(partials).Span.Address;
        Output = Rent<float>(output).Span.Address;
        Averages = Rent<float>((long)batch * Features).Span.Address;
        AverageGradients = Rent<float>((long)batch * Features).Span.Address;
    }

    public int Batch { get; }

    public ulong PictureMeans { get; }

    public ulong PictureSquares { get; }

    /// <summary>Partial sums of whatever is summed.</summary>
    public ulong Partials { get; }

    /// <summary>Gradient of one convolution's outputs.</summary>
    public ulong Output { get; }

    /// <summary>Global averages [n,456].</summary>
    public ulong Averages { get; }

    public ulong AverageGradients { get; }

    public DenseCanvas Canvas(int block, int count)
    {
        int size = DenseNet40Architecture.Size(block);
        return DenseCanvas.Of(values[block].Span.Address, DenseNet40Architecture.BlockOutputs(block), size, size, count);
    }

    /// <summary>G, laid out as the canvas.</summary>
    public ulong Gradients(int block) => gradients[block].Span.Address;

    public ulong Mean(int block) => statistics.Span.Address + (ulong)(2 * block * Features * sizeof(float));

    public ulong Inverse(int block) => Mean(block) + Features * sizeof(float);

    /// <summary>A of a block's channels.</summary>
    public ulong ReaderMeans(int block) => readers.Span.Address + (ulong)(2 * block * Features * sizeof(double));

    /// <summary>B of a block's channels.</summary>
    public ulong ReaderProducts(int block) => ReaderMeans(block) + Features * sizeof(double);

    public ulong Scale(int block, int layer) => scales.Span.Address + (ulong)(scaleAt[block, layer] * sizeof(float));

    public ulong Shift(int block, int layer) => Scale(block, layer) + (ulong)(scaleCount * sizeof(float));

    /// <summary>Nothing has read anything yet.</summary>
    public void ClearReaders() => stream.Clear(readers);

    public void Dispose()
    {
        foreach (IDisposable buffer in buffers)
            buffer.Dispose();
    }

    DeviceBuffer<T> Rent<T>(long length)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = stream.Rent<T>(length);
        buffers.Add(buffer);
        return buffer;
    }
}
