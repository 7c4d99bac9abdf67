using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40FoldedWeights: weights for inference. Batch norm with running statistics is one multiply-add a value:
//   scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale
// The layers of the middle block are cut into the part that reads the block's 168 inputs and the part that reads what
// earlier layers have added: overlapping windows share most of the former (DenseNet40Strip).
sealed unsafe class DenseNet40FoldedWeights
{
    const int Blocks = DenseNet40Architecture.Blocks;
    const int Layers = DenseNet40Architecture.Layers;
    readonly AlignedFloats first;
    readonly AlignedFloats[,] scale = new AlignedFloats[Blocks, Layers + 1];
    readonly AlignedFloats[,] shift = new AlignedFloats[Blocks, Layers + 1];
    readonly AlignedFloats[,] packed = new AlignedFloats[Blocks, Layers + 1];

    public DenseNet40FoldedWeights(DenseNet40Network network)
    {
        Architecture = network.Architecture;
        float[] p = network.Parameters;
        int inputs = Architecture.InputChannels;
        int group = DenseBlockOps.Group * 9 * inputs;
        first = new AlignedFloats(2 * group);
        for (int g = 0; g < 2; g++)
            DenseBlockOps.Pack(p.AsSpan(g * group, group), inputs, 3, first.Span.Slice(g * group, group));
        for (int b = 0; b < Blocks; b++)
            for (int l = 0; l <= Layers; l++)
            {
                Fold(p, b, l);
                Pack(p, b, l);
            }
        Linear = new AlignedFloats(Architecture.Outputs * DenseNet40Architecture.Features);
        p.AsSpan(Architecture.Weight(Blocks - 1, Layers), Linear.Length).CopyTo(Linear.Span);
        Bias = p.AsSpan(Architecture.Bias, Architecture.Outputs).ToArray();
    }

    public DenseNet40Architecture Architecture { get; }

    /// <summary>Weights [outputs,456] of the head.</summary>
    public AlignedFloats Linear { get; }

    public float[] Bias { get; }

    /// <summary>Channels that the first of a layer's two convolutions reads, where there are two.</summary>
    public static int Base(int block) => block == 1 ? DenseNet40Architecture.BlockInputs(1) : int.MaxValue;

    /// <summary>Pack of twelve filters of the first convolution.</summary>
    public float* First(int group) => first.Pointer + group * DenseBlockOps.Group * 9 * Architecture.InputChannels;

    public float* Scale(int block, int layer) => scale[block, layer].Pointer;

    public float* Shift(int block, int layer) => shift[block, layer].Pointer;

    /// <summary>Pack of a layer, from an input channel on that a pack begins with; the transition's packs of twelve.</summary>
    public float* Packed(int block, int layer, int channel = 0) => packed[block, layer].Pointer + channel * 9 * DenseBlockOps.Group;

    void Fold(float[] p, int block, int layer)
    {
        int channels = DenseNet40Architecture.LayerInputs(block, layer);
        scale[block, layer] = new AlignedFloats(channels);
        shift[block, layer] = new AlignedFloats(channels);
        for (int c = 0; c < channels; c++)
        {
            double factor = p[Architecture.Gamma(block, layer) + c] / Math.Sqrt(p[Architecture.Variance(block) + c] + DenseNet40Gradient.Epsilon);
            scale[block, layer].Span[c] = (float)factor;
            shift[block, layer].Span[c] = (float)(p[Architecture.Beta(block, layer) + c] - p[Architecture.Mean(block) + c] * factor);
        }
    }

    void Pack(float[] p, int block, int layer)
    {
        int channels = DenseNet40Architecture.LayerInputs(block, layer);
        if (layer == Layers)
        {
            packed[block, layer] = new AlignedFloats(block < Blocks - 1 ? channels * channels : 0);
            int size = DenseBlockOps.Group * channels;
            for (int at = 0; at < packed[block, layer].Length; at += size)
                DenseBlockOps.Pack(p.AsSpan(Architecture.Weight(block, layer) + at, size), channels, 1, packed[block, layer].Span.Slice(at, size));
            return;
        }
        packed[block, layer] = new AlignedFloats(DenseBlockOps.Group * 9 * channels);
        for (int from = 0; from < channels;)
        {
            int count = Math.Min(channels - from, Base(block));
            float[] part = new float[DenseBlockOps.Group * 9 * count];
            for (int k = 0; k < DenseBlockOps.Group; k++)
                p.AsSpan(Architecture.Weight(block, layer) + (k * channels + from) * 9, count * 9).CopyTo(part.AsSpan(k * count * 9));
            DenseBlockOps.Pack(part, count, 3, packed[block, layer].Span.Slice(from * 9 * DenseBlockOps.Group, part.Length));
            from += count;
        }
    }
}
