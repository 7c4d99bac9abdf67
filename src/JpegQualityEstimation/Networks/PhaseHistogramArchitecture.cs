namespace JpegQualityEstimation.Networks;

// The phase-histogram network: weighs, for each of the 64 grid phases, the histograms of DCT magnitudes.
// Inputs of a window: evidence E [K,64,F], overall A [K,F], second steps s [K] (clipped to 1..64; only with SecondTable).
//   u_c     = (s_c / 8, 2 / s_c), zero without SecondTable
//   h[c,p]  = relu(E[c,p] Wd[c] + A[c] Wa[c] + u_c Wq[c] + b1[c] + (p = 0: b0[c]))           [K,64,H]
//   v[p]    = relu(sum over c of h[c,p] W2[c] + phase[p])                                     [64,V]
//   w[p]    = relu(v[p] W3 + b3)                                                              [64,D]
//   alpha   = softmax over p of w[p] Wk + kb[p], one per head                                 [64,heads]
//   x       = (sum over p of alpha[p,head] w[p] for each head, mean over p of w[p], the bins of A averaged by four, u)
//   g       = relu(x Wg + bg)                                                                 [G]
//   t_c     = relu((sum over p of alpha[p,0] h[c,p]) W4[c] + b4[c] + g Wt[c]), c < 15         [15,Z]
//   logits  = g Wo + bo + t_c W5 in the columns of block c                                    [226], PrimaryBlocks
// Flat parameter vector: the tensors of Tensors in their order, each row-major with inputs slower than outputs.

/// <summary>One tensor of the flat parameter vector, seen as rows of the last extent; Index: among all of them.</summary>
sealed record PhaseHistogramTensor(string Name, int[] Shape, int Offset, int Index)
{
    public int Columns => Shape[^1];

    public int Length { get; } = Shape.Aggregate(1, (product, extent) => checked(product * extent));

    public int Rows => Length / Columns;
}

/// <summary>Where each tensor of a phase-histogram network lies in the flat parameter vector.</summary>
sealed class PhaseHistogramArchitecture
{
    public const string Id = "phase-histogram";
    public const int Phases = 64;

    readonly List<PhaseHistogramTensor> tensors = [];

    public PhaseHistogramArchitecture(PhaseHistogramOptions options)
    {
        if (options.Fault() is string fault)
            throw new ArgumentException(fault, nameof(options));
        Options = options;
        int k = options.Coefficients, h = options.Hidden, v = options.PhaseWidth, d = options.PooledWidth;
        int z = options.CoefficientWidth, g = options.Trunk, blocks = PrimaryBlocks.Count;
        Evidence = Add("evidence.weight", k, options.Features, h);
        Overall = Add("overall.weight", k, options.Features, h);
        Second = Add("second.weight", k, 2, h);
        HiddenBias = Add("hidden.bias", k, h);
        AlignedBias = Add("hidden.aligned_bias", k, h);
        Phase = Add("phase.weight", k, h, v);
        PhaseBias = Add("phase.bias", Phases, v);
        Pooled = Add("pooled.weight", v, d);
        PooledBias = Add("pooled.bias", d);
        Attention = Add("attention.weight", d, options.Heads);
        AttentionBias = Add("attention.bias", Phases, options.Heads);
        Trunk = Add("trunk.weight", options.TrunkInputs, g);
        TrunkBias = Add("trunk.bias", g);
        Coefficient = Add("coefficient.weight", blocks, h, z);
        CoefficientBias = Add("coefficient.bias", blocks, z);
        CoefficientTrunk = Add("coefficient.trunk_weight", g, blocks * z);
        Output = Add("output.weight", g, PrimaryBlocks.Outputs);
        OutputBias = Add("output.bias", PrimaryBlocks.Outputs);
        OutputBlocks = Add("output.block_weight", z, PrimaryBlocks.Outputs);
    }

    public PhaseHistogramOptions Options { get; }

    public int ParameterCount => tensors[^1].Offset + tensors[^1].Length;

    public IReadOnlyList<PhaseHistogramTensor> Tensors => tensors;

    /// <summary>Wd [K,F,H].</summary>
    public PhaseHistogramTensor Evidence { get; }

    /// <summary>Wa [K,F,H].</summary>
    public PhaseHistogramTensor Overall { get; }

    /// <summary>Wq [K,2,H].</summary>
    public PhaseHistogramTensor Second { get; }

    /// <summary>b1 [K,H].</summary>
    public PhaseHistogramTensor HiddenBias { get; }

    /// <summary>b0 [K,H], added for phase 0, which the second grid shares.</summary>
    public PhaseHistogramTensor AlignedBias { get; }

    /// <summary>W2 [K,H,V].</summary>
    public PhaseHistogramTensor Phase { get; }

    /// <summary>phase [64,V].</summary>
    public PhaseHistogramTensor PhaseBias { get; }

    /// <summary>W3 [V,D].</summary>
    public PhaseHistogramTensor Pooled { get; }

    /// <summary>b3 [D].</summary>
    public PhaseHistogramTensor PooledBias { get; }

    /// <summary>Wk [D,heads].</summary>
    public PhaseHistogramTensor Attention { get; }

    /// <summary>kb [64,heads].</summary>
    public PhaseHistogramTensor AttentionBias { get; }

    /// <summary>Wg [X,G].</summary>
    public PhaseHistogramTensor Trunk { get; }

    /// <summary>bg [G].</summary>
    public PhaseHistogramTensor TrunkBias { get; }

    /// <summary>W4 [15,H,Z].</summary>
    public PhaseHistogramTensor Coefficient { get; }

    /// <summary>b4 [15,Z].</summary>
    public PhaseHistogramTensor CoefficientBias { get; }

    /// <summary>Wt [G,15*Z].</summary>
    public PhaseHistogramTensor CoefficientTrunk { get; }

    /// <summary>Wo [G,226].</summary>
    public PhaseHistogramTensor Output { get; }

    /// <summary>bo [226].</summary>
    public PhaseHistogramTensor OutputBias { get; }

    /// <summary>W5 [Z,226]: the columns of block c are read by t_c alone.</summary>
    public PhaseHistogramTensor OutputBlocks { get; }

    PhaseHistogramTensor Add(string name, params int[] shape)
    {
        var tensor = new PhaseHistogramTensor(name, shape, tensors.Count == 0 ? 0 : ParameterCount, tensors.Count);
        tensors.Add(tensor);
        return tensor;
    }
}
