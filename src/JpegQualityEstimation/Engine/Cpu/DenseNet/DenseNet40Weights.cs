using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40Weights: one parameter vector, packed as the kernels read it: for tiles, a layer at a time when it is worked on, so that what is
// packed is in the caches; 1x1 convolutions a pack of twelve outputs (backward: of twelve inputs) after the other (DenseBlockOps.Pack,
// PackTransposed). The first convolution has no backward pack: nobody asks for its input's gradient.
sealed unsafe class DenseNet40Weights
{
    const int Last = DenseNet40Architecture.Layers;
    readonly DenseNet40Architecture architecture;
    readonly DenseBlockOps ops;
    readonly AlignedFloats first;
    readonly AlignedFloats layer = new(WinogradFilters.Count(DenseNet40Architecture.Features));
    readonly AlignedFloats taps = new(9 * DenseBlockOps.Group * DenseNet40Architecture.Features);
    readonly AlignedFloats[] forward = new AlignedFloats[DenseNet40Architecture.Blocks - 1];
    readonly AlignedFloats[] backward = new AlignedFloats[DenseNet40Architecture.Blocks - 1];

    public DenseNet40Weights(DenseNet40Architecture architecture, DenseBlockOps ops)
    {
        (this.architecture, this.ops) = (architecture, ops);
        first = new AlignedFloats(2 * WinogradFilters.Count(architecture.InputChannels));
        for (int b = 0; b < forward.Length; b++)
        {
            int channels = DenseNet40Architecture.BlockOutputs(b);
            forward[b] = new AlignedFloats(channels * channels);
            backward[b] = new AlignedFloats(channels * channels);
        }
    }

    /// <summary>Filters [12 group, 12 group + 12) of the first convolution for tiles.</summary>
    public float* First(int group) => first.Pointer + group * WinogradFilters.Count(architecture.InputChannels);

    /// <summary>Packs of twelve filters of the transition behind a block.</summary>
    public float* Forward(int block) => forward[block].Pointer;

    public float* Backward(int block) => backward[block].Pointer;

    /// <summary>Takes in the filters of the first convolution and of the transitions.</summary>
    public void Lay(float[] parameters)
    {
        int group = DenseBlockOps.Group * 9 * architecture.InputChannels;
        int packed = WinogradFilters.Count(architecture.InputChannels);
        for (int g = 0; g < 2; g++)
            WinogradFilters.Pack(parameters.AsSpan(g * group, group), architecture.InputChannels, first.Span.Slice(g * packed, packed));
        for (int b = 0; b < forward.Length; b++)
        {
            int channels = DenseNet40Architecture.BlockOutputs(b);
            int size = channels * DenseBlockOps.Group;
            ReadOnlySpan<float> weights = parameters.AsSpan(architecture.Weight(b, Last), channels * channels);
            for (int at = 0; at < weights.Length; at += size)
            {
                DenseBlockOps.Pack(weights.Slice(at, size), channels, forward[b].Span.Slice(at, size));
                DenseBlockOps.PackTransposed(weights, channels, channels, at / channels, backward[b].Span.Slice(at, size));
            }
        }
    }

    /// <summary>A dense layer's filters for tiles, turned by half a turn for the gradient of its inputs; valid until the next call.</summary>
    public float* Layer(float[] parameters, int block, int layer, bool turned)
    {
        fixed (float* p = parameters)
            ops.PackFilters(p + architecture.Weight(block, layer), DenseNet40Architecture.LayerInputs(block, layer), turned, taps.Pointer, this.layer.Pointer);
        return this.layer.Pointer;
    }
}
