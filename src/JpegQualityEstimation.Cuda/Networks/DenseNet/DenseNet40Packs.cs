using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// DenseNet40Packs: the weights of DenseNet-40 as the forward kernels read them, packed on the device from a flat parameter
// vector. With splits, layers of the middle block also in two parts: over the block's 168 inputs and over what was added,
// since overlapping windows share most of the former (CudaDenseNet40Strip).
sealed class DenseNet40Packs : IDisposable
{
    const int Blocks = DenseNet40Architecture.Blocks;
    const int Layers = DenseNet40Architecture.Layers;
    const int Growth = DenseNet40Architecture.Growth;

    /// <summary>Channels of the middle block's inputs.</summary>
    public const int SplitInputs = 168;

    readonly DenseNet40Kernels kernels;
    readonly DenseNet40Architecture architecture;
    readonly long[,] layerAt = new long[Blocks, Layers + 1];
    readonly long[,] splitAt = new long[Layers, 2];
    readonly Table layerFragments = new();
    readonly Table layerRows = new();
    readonly Table matrixFragments = new();
    readonly Table matrixRows = new();
    readonly long[] transitionAt = new long[Blocks];
    readonly long[,] gradientAt = new long[Blocks, Layers];
    readonly Table gradientFragments = new();
    readonly long headAt;
    readonly DeviceBuffer<byte> packed;
    readonly DeviceBuffer<int> tables;

    /// <param name="stream">Rents the memory.</param>
    /// <param name="kernels">Which kernels run a layer.</param>
    /// <param name="architecture">Where weights lie.</param>
    /// <param name="splits">The middle block in two parts too.</param>
    /// <param name="training">Transitions as training reads them too.</param>
    public DenseNet40Packs(CudaStream stream, DenseNet40Kernels kernels, DenseNet40Architecture architecture, bool splits, bool training)
    {
        (this.kernels, this.architecture) = (kernels, architecture);
        long bytes = 0;
        for (int b = 0; b < Blocks; b++)
        {
            for (int l = 0; l < Layers; l++)
            {
                int channels = DenseNet40Architecture.LayerInputs(b, l);
                layerAt[b, l] = AddLayer(architecture.Weight(b, l), channels, 0, channels, ref bytes);
                if (training && kernels.UsesTensorCores)
                    gradientAt[b, l] = Add(gradientFragments, true, architecture.Weight(b, l), Growth, channels, 0, channels, kernels.GradientBytes(channels), ref bytes);
                if (splits && b == 1)
                {
                    splitAt[l, 0] = AddLayer(architecture.Weight(b, l), channels, 0, SplitInputs, ref bytes);
                    if (l > 0)
                        splitAt[l, 1] = AddLayer(architecture.Weight(b, l), channels, SplitInputs, channels - SplitInputs, ref bytes);
                }
            }
            int outputs = DenseNet40Architecture.BlockOutputs(b);
            if (b < Blocks - 1 && training)
                transitionAt[b] = Add(matrixRows, false, architecture.Weight(b, Layers), outputs, outputs, 0, outputs, 4L * outputs * outputs, ref bytes);
            if (b < Blocks - 1)
                layerAt[b, Layers] = Add(kernels.UsesTensorCores ? matrixFragments : matrixRows, kernels.UsesTensorCores,
                    architecture.Weight(b, Layers), outputs, outputs, 0, outputs, kernels.PointwiseBytes(outputs, outputs), ref bytes);
        }
        headAt = Add(matrixRows, false, architecture.Weight(Blocks - 1, Layers), architecture.Outputs, DenseNet40Architecture.Features, 0,
            DenseNet40Architecture.Features, 4L * architecture.Outputs * DenseNet40Architecture.Features, ref bytes);
        packed = stream.Rent<byte>(bytes);
        int[] all = [.. gradientFragments.Values, .. layerFragments.Values, .. layerRows.Values, .. matrixFragments.Values, .. matrixRows.Values];
        tables = stream.Rent<int>(all.Length);
        stream.Upload<int>(all, tables);
    }

    /// <summary>Packs the weights of a parameter vector on the device.</summary>
    public void Pack(CudaStream stream, DeviceSpan<float> parameters)
    {
        ulong table = tables.Span.Address;
        kernels.PackGradients(stream, parameters.Address, Next(gradientFragments), gradientFragments.Rows, packed.Span.Address);
        kernels.PackLayers(stream, true, parameters.Address, Next(layerFragments), layerFragments.Rows, packed.Span.Address);
        kernels.PackLayers(stream, false, parameters.Address, Next(layerRows), layerRows.Rows, packed.Span.Address);
        kernels.PackMatrices(stream, true, parameters.Address, Next(matrixFragments), matrixFragments.Rows, packed.Span.Address);
        kernels.PackMatrices(stream, false, parameters.Address, Next(matrixRows), matrixRows.Rows, packed.Span.Address);

        ulong Next(Table rows)
        {
            ulong at = table;
            table += (ulong)rows.Values.Count * sizeof(int);
            return at;
        }
    }

    /// <summary>Weights of a layer, or (layer 12) of the transition.</summary>
    public ulong At(int block, int layer) => packed.Span.Address + (ulong)layerAt[block, layer];

    /// <summary>Weights of a layer of the middle block over the block's inputs (part 0) or over what was added (part 1).</summary>
    public ulong Split(int layer, int part) => packed.Span.Address + (ulong)splitAt[layer, part];

    /// <summary>Weights of a layer for the gradient of its inputs on tensor cores.</summary>
    public ulong Gradient(int block, int layer) => packed.Span.Address + (ulong)gradientAt[block, layer];

    /// <summary>Weights [channels][outputs] of a transition in training.</summary>
    public ulong Transition(int block) => packed.Span.Address + (ulong)transitionAt[block];

    /// <summary>Weights [456][outputs] of the head.</summary>
    public ulong Head => packed.Span.Address + (ulong)headAt;

    public void Dispose()
    {
        packed.Dispose();
        tables.Dispose();
    }

    long AddLayer(int source, int channels, int first, int taken, ref long bytes)
    {
        bool fragments = kernels.LayerUsesTensorCores(taken);
        return Add(fragments ? layerFragments : layerRows, fragments, source, Growth, channels, first, taken, kernels.LayerBytes(taken), ref bytes);
    }

    // Destinations count values of the packed type.
    long Add(Table table, bool fragments, int source, int outputs, int channels, int first, int taken, long size, ref long bytes)
    {
        long at = bytes;
        bytes += (size + 255) / 256 * 256;
        table.Values.AddRange([source, outputs, channels, first, taken, (int)(at / (fragments ? kernels.ValueBytes : sizeof(float)))]);
        return at;
    }

    sealed class Table
    {
        public List<int> Values { get; } = [];

        public int Rows => Values.Count / 6;
    }
}
