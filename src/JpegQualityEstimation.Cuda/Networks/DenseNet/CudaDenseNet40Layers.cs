using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// CudaDenseNet40Layers: inference of parts of the network on one stream, over whatever canvases.
//   layer       BN - ReLU - Conv3x3 of the channels before it -> its twelve channels beside them
//   transition  BN - ReLU - mean of 2x2 - Conv1x1
sealed class CudaDenseNet40Layers(CudaStream stream, DenseNet40Kernels kernels, CudaDenseNet40Weights weights)
{
    const int Blocks = DenseNet40Architecture.Blocks;
    const int Layers = DenseNet40Architecture.Layers;

    /// <summary>The first convolution of bytes: pixel (y, x) of image n at n * imageBytes + y * rowBytes + 3 x, right sides rightBytes further.</summary>
    public void First(ulong bytes, long imageBytes, long rowBytes, long rightBytes, in DenseCanvas canvas) =>
        kernels.First(stream, bytes, imageBytes, rowBytes, rightBytes, weights.Architecture.InputChannels, weights.First, canvas);

    /// <summary>A layer of a block over all channels before it.</summary>
    public void Layer(in DenseCanvas canvas, int block, int layer) =>
        Layer(canvas, block, layer, 0, DenseNet40Architecture.LayerInputs(block, layer), false, weights.Packs.At(block, layer));

    /// <summary>What a layer of the middle block reads of the block's inputs.</summary>
    public void Inputs(in DenseCanvas canvas, int layer) =>
        Layer(canvas, 1, layer, 0, DenseNet40Packs.SplitInputs, false, weights.Packs.Split(layer, 0));

    /// <summary>Adds to a layer's channels what it reads beyond the block's inputs.</summary>
    public void Growth(in DenseCanvas canvas, int layer) =>
        Layer(canvas, 1, layer, DenseNet40Packs.SplitInputs, DenseNet40Architecture.LayerInputs(1, layer), true, weights.Packs.Split(layer, 1));

    /// <summary>The next block's first channels.</summary>
    /// <param name="source">Canvas of the block.</param>
    /// <param name="block">Block.</param>
    /// <param name="rightShift">Column of the source under column 0 of the target in right edges.</param>
    /// <param name="means">Room for the means, channels times <see cref="DenseCanvas.Pixels"/> of the target.</param>
    /// <param name="target">Canvas of the next block.</param>
    public void Transition(in DenseCanvas source, int block, int rightShift, ulong means, in DenseCanvas target)
    {
        int channels = DenseNet40Architecture.BlockOutputs(block);
        kernels.Pool(stream, source, rightShift, channels, weights.Norms.Scale(block, Layers), weights.Norms.Shift(block, Layers), means, target);
        kernels.Pointwise(stream, means, channels, weights.Packs.At(block, Layers), channels, target);
    }

    /// <summary>Global averages and outputs [n,outputs] of the last block.</summary>
    public void Head(in DenseCanvas canvas, ulong features, ulong outputs) =>
        kernels.Head(stream, canvas, weights.Norms.Scale(Blocks - 1, Layers), weights.Norms.Shift(Blocks - 1, Layers), weights.Packs.Head, weights.Bias,
            weights.Architecture.Outputs, features, outputs);

    void Layer(in DenseCanvas canvas, int block, int layer, int first, int end, bool add, ulong packed) =>
        kernels.Layer(stream, canvas, first, end, DenseNet40Architecture.LayerInputs(block, layer), add, packed,
            weights.Norms.Scale(block, layer), weights.Norms.Shift(block, layer), DropoutKey.None);
}
