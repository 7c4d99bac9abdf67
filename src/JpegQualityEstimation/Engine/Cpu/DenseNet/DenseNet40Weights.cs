using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40Weights: one parameter vector, packed as the kernels read it (DenseBlockOps.Pack, PackTransposed).
// Forward weights of a 1x1 convolution: a pack of twelve outputs after the other; backward weights: a pack of twelve
// input channels after the other. The first convolution has no backward pack: nobody asks for its input's gradient.
sealed unsafe class DenseNet40Weights
{
    const int Last = DenseNet40Architecture.Layers;
    readonly DenseNet40Architecture architecture;
    readonly AlignedFloats first;
    readonly AlignedFloats[,] forward = new AlignedFloats[DenseNet40Architecture.Blocks, Last + 1];
    readonly AlignedFloats?[,] backward = new AlignedFloats?[DenseNet40Architecture.Blocks, Last + 1];

    public DenseNet40Weights(DenseNet40Architecture architecture, bool withBackward)
    {
        this.architecture = architecture;
        first = new AlignedFloats(DenseNet40Architecture.FirstFilters * 9 * architecture.InputChannels);
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
            for (int l = 0; l <= Last; l++)
            {
                int count = Count(b, l);
                forward[b, l] = new AlignedFloats(count);
                if (withBackward)
                    backward[b, l] = new AlignedFloats(count);
            }
    }

    /// <summary>Pack of filters [12 group, 12 group + 12) of the first convolution.</summary>
    public float* First(int group) => first.Pointer + group * DenseBlockOps.Group * 9 * architecture.InputChannels;

    /// <summary>A dense layer's pack, or (layer 12) the transition's packs.</summary>
    public float* Forward(int block, int layer) => forward[block, layer].Pointer;

    public float* Backward(int block, int layer) => backward[block, layer]!.Pointer;

    /// <summary>Takes in the filters of a parameter vector.</summary>
    public void Lay(float[] parameters, int threads)
    {
        int group = DenseBlockOps.Group * 9 * architecture.InputChannels;
        for (int g = 0; g < 2; g++)
            DenseBlockOps.Pack(parameters.AsSpan(g * group, group), architecture.InputChannels, 3, first.Span.Slice(g * group, group));
        Parallel.For(0, DenseNet40Architecture.Blocks * (Last + 1), new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            int b = i / (Last + 1);
            int l = i % (Last + 1);
            int channels = DenseNet40Architecture.LayerInputs(b, l);
            int side = l < Last ? 3 : 1;
            int outputs = l < Last ? DenseBlockOps.Group : channels;
            int count = Count(b, l);
            ReadOnlySpan<float> weights = parameters.AsSpan(architecture.Weight(b, l), count);
            int size = count / outputs * DenseBlockOps.Group;
            for (int at = 0; at < count; at += size)
                DenseBlockOps.Pack(weights.Slice(at, size), channels, side, forward[b, l].Span.Slice(at, size));
            if (backward[b, l] is not { } turned)
                return;
            size = outputs * side * side * DenseBlockOps.Group;
            for (int c = 0; c < channels && count > 0; c += DenseBlockOps.Group)
                DenseBlockOps.PackTransposed(weights, outputs, channels, side, c, turned.Span.Slice(c / DenseBlockOps.Group * size, size));
        });
    }

    // The head's linear layer is no convolution and is read where it lies.
    static int Count(int block, int layer)
    {
        int channels = DenseNet40Architecture.LayerInputs(block, layer);
        return layer < Last ? DenseBlockOps.Group * 9 * channels : block < DenseNet40Architecture.Blocks - 1 ? channels * channels : 0;
    }
}
