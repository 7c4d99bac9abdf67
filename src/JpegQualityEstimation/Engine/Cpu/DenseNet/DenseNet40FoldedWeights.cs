using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40FoldedWeights: weights for inference. Batch norm with running statistics is one multiply-add a value:
//   scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale
// Layers are packed for tiles (WinogradTwelve).
sealed unsafe class DenseNet40FoldedWeights
{
    const int Blocks = DenseNet40Architecture.Blocks;
    const int Layers = DenseNet40Architecture.Layers;
    readonly AlignedFloats[,] scale = new AlignedFloats[Blocks, Layers + 1];
    readonly AlignedFloats[,] shift = new AlignedFloats[Blocks, Layers + 1];
    readonly AlignedFloats[] firstTiles = new AlignedFloats[2];
    readonly AlignedFloats[,] tiles = new AlignedFloats[Blocks, Layers];
    readonly AlignedFloats[] transitions = new AlignedFloats[Blocks - 1];

    public DenseNet40FoldedWeights(DenseNet40Network network)
    {
        Architecture = network.Architecture;
        float[] p = network.Parameters;
        int inputs = Architecture.InputChannels;
        int group = DenseBlockOps.Group * 9 * inputs;
        One.Span.Fill(1);
        for (int g = 0; g < 2; g++)
        {
            firstTiles[g] = new AlignedFloats(WinogradFilters.Count(inputs));
            WinogradFilters.Pack(p.AsSpan(g * group, group), inputs, firstTiles[g].Span);
        }
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

    public float* Scale(int block, int layer) => scale[block, layer].Pointer;

    public float* Shift(int block, int layer) => shift[block, layer].Pointer;

    /// <summary>Packs of twelve filters of the transition behind a block.</summary>
    public float* Transition(int block) => transitions[block].Pointer;

    /// <summary>Twelve filters of the first convolution for tiles.</summary>
    public float* FirstTiles(int group) => firstTiles[group].Pointer;

    /// <summary>A layer's filters for tiles.</summary>
    public float* Tiles(int block, int layer) => tiles[block, layer].Pointer;

    /// <summary>Scale of what has no batch norm: pixels, which are not negative.</summary>
    public AlignedFloats One { get; } = new(3);

    public AlignedFloats Zero { get; } = new(3);

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
        int size = DenseBlockOps.Group * channels;
        if (layer < Layers)
        {
            tiles[block, layer] = new AlignedFloats(WinogradFilters.Count(channels));
            WinogradFilters.Pack(p.AsSpan(Architecture.Weight(block, layer), 9 * size), channels, tiles[block, layer].Span);
        }
        else if (block < Blocks - 1)
        {
            transitions[block] = new AlignedFloats(channels * channels);
            for (int at = 0; at < transitions[block].Length; at += size)
                DenseBlockOps.Pack(p.AsSpan(Architecture.Weight(block, layer) + at, size), channels, transitions[block].Span.Slice(at, size));
        }
    }
}
