using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

/// <summary>BN, ReLU, global average and the linear layer.</summary>
sealed unsafe class DenseNet40Head(DenseBlockOps ops, DenseNet40FoldedWeights weights)
{
    const int Layers = DenseNet40Architecture.Layers;
    const int Features = DenseNet40Architecture.Features;
    const int Tiles = 16;
    const int Pixels = 16 * Tiles;
    readonly AlignedFloats means = new(Features);

    /// <summary>Outputs of one of the windows side by side in the last block's planes.</summary>
    /// <param name="planes">Channels of the last block.</param>
    /// <param name="window">Window.</param>
    /// <param name="outputs">Overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(TilePlanes planes, int window, Span<float> outputs)
    {
        var phases = new PlaneRows(planes.Chunk(0, 0).Pixel + window * Tiles, planes.ChannelStride, planes.PhaseStride);
        ops.SumActivated(phases, Features, weights.Scale(2, Layers), weights.Shift(2, Layers), Tiles, 16, means.Pointer);
        foreach (ref float mean in means.Span)
            mean /= Pixels;
        for (int o = 0; o < outputs.Length; o++)
            outputs[o] = weights.Bias[o] + ops.Dot(weights.Linear.Pointer + o * Features, means.Pointer, Features);
    }
}
