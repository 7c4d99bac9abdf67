namespace JpegQualityEstimation.Networks;

/// <summary>What a network of primary quantization looks at.</summary>
public enum PrimaryInput
{
    /// <summary>Red, green and blue, divided by 255.</summary>
    Rgb,
    /// <summary>JPEG's luma rounded to a byte, divided by 255.</summary>
    Luma,
}

// DenseNet-40 of Tondi, Costanzo, Huang, Li 2021 (Section 4.2; Huang et al. 2017), 64x64 windows, growth 12.
//   first convolution 3x3, 24 filters
//   3 blocks of 12 layers: BN - ReLU - Conv3x3 (12 filters, zero padding 1) - dropout, each reading all channels before it
//   between blocks: BN - ReLU - Conv1x1 (as many filters as channels) - dropout - average pool 2x2
//   head: BN - ReLU - global average - linear
// Channels 24 -> 168 | 168 -> 312 | 312 -> 456, sides 64, 32, 16. No biases but the linear layer's.
// Flat parameter vector, trainable part: first.weight [24,inputs,3,3]; for each block its layers' gamma [c], beta [c],
// weight [12,c,3,3], then (blocks 0 and 1) the transition's gamma [c], beta [c], weight [c,c]; the head's gamma [456],
// beta [456], weight [outputs,456], bias [outputs]; in a training that also learns grid phases weight [16,456] and bias [16] of
// those (GridPhaseHead), which no model file holds.
// Statistics follow it: for each block the running mean [c] and variance [c] of its channels. All batch norms that read
// a channel see the same mean and variance of it, so they are kept once a channel, not once a reader.
sealed class DenseNet40Architecture
{
    public const string Id = "tondi2021-densenet40";
    public const int Blocks = 3;
    public const int Layers = 12;
    public const int Growth = 12;
    public const int FirstFilters = 24;
    public const int WindowSize = 64;
    public const int Features = 456;
    public const int PhaseOutputs = 16;

    readonly int[,] layerOffsets = new int[Blocks, Layers + 1];
    readonly int[] statisticsOffsets = new int[Blocks];

    public DenseNet40Architecture(PrimaryInput input, int outputs, bool phases = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        Input = input;
        Outputs = outputs;
        HasPhases = phases;
        int at = FirstFilters * InputChannels * 9;
        for (int b = 0; b < Blocks; b++)
        {
            for (int l = 0; l < Layers; l++)
            {
                layerOffsets[b, l] = at;
                at += LayerInputs(b, l) * (2 + Growth * 9);
            }
            layerOffsets[b, Layers] = at;
            if (b < Blocks - 1)
                at += BlockOutputs(b) * (2 + BlockOutputs(b));
        }
        at += Features * (2 + outputs);
        Bias = at;
        PhaseWeight = at += outputs;
        if (phases)
            at += PhaseOutputs * (Features + 1);
        TrainableCount = at;
        for (int b = 0; b < Blocks; b++)
        {
            statisticsOffsets[b] = at;
            at += 2 * BlockOutputs(b);
        }
        Count = at;
    }

    public PrimaryInput Input { get; }

    /// <summary>Numbers a window gets: 226 class scores or 15 steps.</summary>
    public int Outputs { get; }

    /// <summary>Whether grid phases are learnt too.</summary>
    public bool HasPhases { get; }

    public int InputChannels => Input == PrimaryInput.Rgb ? 3 : 1;

    /// <summary>Numbers that the gradient has.</summary>
    public int TrainableCount { get; }

    /// <summary>Trainable numbers and running statistics.</summary>
    public int Count { get; }

    /// <summary>Side of a block's planes: 64, 32, 16.</summary>
    public static int Size(int block) => WindowSize >> block;

    public static int BlockInputs(int block) => FirstFilters + block * Layers * Growth;

    public static int BlockOutputs(int block) => BlockInputs(block + 1);

    public static int LayerInputs(int block, int layer) => BlockInputs(block) + layer * Growth;

    /// <summary>Gamma [c] of a layer, its transition or the head (layer 12); beta [c] and the weights follow.</summary>
    public int Gamma(int block, int layer) => layerOffsets[block, layer];

    public int Beta(int block, int layer) => Gamma(block, layer) + LayerInputs(block, layer);

    public int Weight(int block, int layer) => Beta(block, layer) + LayerInputs(block, layer);

    /// <summary>Bias [outputs] of the linear layer.</summary>
    public int Bias { get; }

    /// <summary>Weights [16,456] of the grid phases, where they are learnt; else where they would begin, the end of what is trained.</summary>
    public int PhaseWeight { get; }

    /// <summary>Bias [16] of the grid phases.</summary>
    public int PhaseBias => PhaseWeight + PhaseOutputs * Features;

    /// <summary>The same without grid phases: what a model file holds.</summary>
    public DenseNet40Architecture WithoutPhases => HasPhases ? new(Input, Outputs) : this;

    /// <summary>A model's parameters as these lie, the grid phases' 0.</summary>
    public float[] FromModel(ReadOnlySpan<float> model) =>
        [.. model[..PhaseWeight], .. new float[TrainableCount - PhaseWeight], .. model[PhaseWeight..]];

    /// <summary>What a model file holds of these parameters.</summary>
    public float[] ToModel(ReadOnlySpan<float> parameters) => [.. parameters[..PhaseWeight], .. parameters[TrainableCount..]];

    /// <summary>Running mean [c] of a block's channels.</summary>
    public int Mean(int block) => statisticsOffsets[block];

    /// <summary>Running variance [c] of a block's channels.</summary>
    public int Variance(int block) => statisticsOffsets[block] + BlockOutputs(block);
}
