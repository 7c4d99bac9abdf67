using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

/// <summary>BN, ReLU, global average and the linear layer.</summary>
sealed unsafe class DenseNet40Head(DenseBlockOps ops, DenseNet40FoldedWeights weights)
{
    const int Group = DenseBlockOps.Group;
    const int Layers = DenseNet40Architecture.Layers;
    const int Features = DenseNet40Architecture.Features;
    const int Tiles = 16;
    const int Pixels = 16 * Tiles;
    readonly AlignedFloats means = new(Features);

    /// <summary>Outputs of one of the windows side by side in the last block's planes.</summary>
    /// <param name="planes">Channels of the last block.</param>
    /// <param name="window">Window.</param>
    /// <param name="outputs">Overwritten.</param>
    /// <param name="activated">[12][256], overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(TilePlanes planes, int window, Span<float> outputs, float* activated)
    {
        means.Span.Clear();
        for (int c = 0; c < Features; c += Group)
        {
            var phases = new PlaneRows(planes.Chunk(c, 0).Pixel + window * Tiles, planes.ChannelStride, planes.PhaseStride);
            ops.Activate(phases, Group, weights.Scale(2, Layers) + c, weights.Shift(2, Layers) + c, new PlaneRows(activated, Pixels, Tiles), Tiles, 16);
            ops.Sum(new PlaneRows(activated, Pixels, 0), Group, Pixels, 1, means.Pointer + c);
        }
        foreach (ref float mean in means.Span)
            mean /= Pixels;
        for (int o = 0; o < outputs.Length; o++)
            outputs[o] = weights.Bias[o] + ops.Dot(weights.Linear.Pointer + o * Features, means.Pointer, Features);
    }
}
