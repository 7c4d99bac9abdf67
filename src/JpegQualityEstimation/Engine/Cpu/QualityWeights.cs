using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu;

// QualityWeights: the flat OIHW parameters laid out as the kernels read them.
//   Forward[l]   packed [3,3,c,64] of layers 0..5
//   Backward[l]  packed, flipped and transposed weights of layers 1..6, so that the input gradient is a forward
//                convolution of dOut: [3,3,k,c] with tap (2-r, 2-s); of layer 6 its two outputs alone
//   Last         [2,3,3,64] of layer 6
// With Winograd, Forward and Backward of layers 1..5 are the transformed weights [36,64,64] instead; where there is no
// backward pass, [64,64,64] of the larger tiles.
sealed unsafe class QualityWeights
{
    readonly Conv3x3Ops ops;
    readonly ConvolutionAlgorithm algorithm;
    readonly bool withBackward;
    readonly AlignedFloats natural = new(9 * 64 * 64);
    readonly AlignedFloats last = new(2 * 9 * 64);
    readonly AlignedFloats biases = new(QualityArchitecture.Layers * 64);
    readonly AlignedFloats[] forward = new AlignedFloats[QualityArchitecture.Layers];
    readonly AlignedFloats[] backward = new AlignedFloats[QualityArchitecture.Layers];

    public QualityWeights(Conv3x3Ops ops, ConvolutionAlgorithm algorithm, bool withBackward)
    {
        this.ops = ops;
        this.algorithm = algorithm;
        this.withBackward = withBackward;
        for (int l = 0; l < QualityArchitecture.Layers; l++)
        {
            long terms = !IsTiled(l) ? 9 : withBackward ? 36 : 64;
            forward[l] = new AlignedFloats(l < 6 ? terms * Padded(QualityArchitecture.InputChannels(l)) * 64 : 0);
            backward[l] = new AlignedFloats(withBackward && l > 0 ? terms * Padded(QualityArchitecture.OutputChannels(l)) * 64 : 0);
        }
    }

    /// <summary>The layer goes tile by tile.</summary>
    public bool IsTiled(int layer) => algorithm == ConvolutionAlgorithm.Winograd && layer is > 0 and < QualityArchitecture.Layers - 1;

    public static int Padded(int channels) => channels <= 4 ? 4 : 64;

    public float* Forward(int layer) => forward[layer].Pointer;

    public float* Backward(int layer) => backward[layer].Pointer;

    public float* Last => last.Pointer;

    public float* Bias(int layer) => biases.Pointer + layer * 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Lay(ReadOnlySpan<float> parameters)
    {
        for (int l = 0; l < QualityArchitecture.Layers; l++)
        {
            int channels = QualityArchitecture.InputChannels(l);
            int outputs = QualityArchitecture.OutputChannels(l);
            ReadOnlySpan<float> w = QualityArchitecture.Weight(parameters, l);
            QualityArchitecture.Bias(parameters, l).CopyTo(biases.Span[(l * 64)..]);
            if (l < 6)
            {
                int padded = Padded(channels);
                natural.Span.Clear();
                float* to = natural.Pointer;
                for (int k = 0, at = 0; k < outputs; k++)
                    for (int c = 0; c < channels; c++)
                        for (int tap = 0; tap < 9; tap++, at++)
                            to[(tap * padded + c) * 64 + k] = w[at];
                Pack(l, padded, forward[l]);
            }
            else
            {
                for (int k = 0; k < outputs; k++)
                    for (int c = 0; c < channels; c++)
                        for (int tap = 0; tap < 9; tap++)
                            last.Span[(k * 9 + tap) * 64 + c] = w[(k * channels + c) * 9 + tap];
            }
            if (backward[l].Length > 0)
            {
                int padded = Padded(outputs);
                natural.Span.Clear();
                float* to = natural.Pointer;
                for (int k = 0, at = 0; k < outputs; k++)
                    for (int c = 0; c < channels; c++)
                        for (int tap = 0; tap < 9; tap++, at++)
                            to[((8 - tap) * padded + k) * 64 + c] = w[at];
                Pack(l, padded, backward[l]);
            }
        }
    }

    void Pack(int layer, int channels, AlignedFloats packed)
    {
        if (channels == 4 && packed == forward[layer])
            ops.PackFromThree(natural.Pointer, packed.Pointer);
        else if (channels == 4)
            ops.PackFromTwo(natural.Pointer, packed.Pointer);
        else if (IsTiled(layer) && !withBackward)
            ops.PackLargeTiles(natural.Pointer, packed.Pointer);
        else if (IsTiled(layer))
            ops.PackTiles(natural.Pointer, packed.Pointer);
        else
            ops.Pack(channels, natural.Span, packed.Span);
    }
}
