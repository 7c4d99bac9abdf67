using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseHistogramWeights: the parameters laid out for the products (PhaseHistogramLayout) and, for the backward pass,
// the transposes that gradients of inputs are multiplied with.
//   PhaseT [K,V,H]   PooledT [D,V]   AttentionT [heads,D]   TrunkT [G,(heads+1)*D] (only what the attention pooled)
//   CoefficientT [15,Z,H]   CoefficientTrunkT [15*Z,G]   OutputT [226,G]   OutputBlocksT [226,Z]
sealed unsafe class PhaseHistogramWeights
{
    readonly AlignedFloats laid;
    readonly AlignedFloats phaseT, pooledT, attentionT, trunkT, coefficientT, coefficientTrunkT, outputT, outputBlocksT;
    readonly bool withBackward;

    public PhaseHistogramWeights(PhaseHistogramLayout layout, bool withBackward)
    {
        Layout = layout;
        this.withBackward = withBackward;
        PhaseHistogramArchitecture a = layout.Architecture;
        laid = new AlignedFloats(layout.Length);
        phaseT = Transposed(a.Phase.Length);
        pooledT = Transposed(a.Pooled.Length);
        attentionT = Transposed(a.Attention.Length);
        trunkT = Transposed((a.Options.Heads + 1) * a.Options.PooledWidth * a.Options.Trunk);
        coefficientT = Transposed(a.Coefficient.Length);
        coefficientTrunkT = Transposed(a.CoefficientTrunk.Length);
        outputT = Transposed(a.Output.Length);
        outputBlocksT = Transposed(a.OutputBlocks.Length);
    }

    public PhaseHistogramLayout Layout { get; }

    public float* PhaseT => phaseT.Pointer;

    public float* PooledT => pooledT.Pointer;

    public float* AttentionT => attentionT.Pointer;

    public float* TrunkT => trunkT.Pointer;

    public float* CoefficientT => coefficientT.Pointer;

    public float* CoefficientTrunkT => coefficientTrunkT.Pointer;

    public float* OutputT => outputT.Pointer;

    public float* OutputBlocksT => outputBlocksT.Pointer;

    public float* this[PhaseHistogramTensor tensor] => laid.Pointer + Layout[tensor];

    public void Lay(ReadOnlySpan<float> parameters)
    {
        Layout.Lay(parameters, laid.Span);
        if (!withBackward)
            return;
        PhaseHistogramArchitecture a = Layout.Architecture;
        PhaseHistogramOptions o = a.Options;
        Transpose(a.Phase, o.Coefficients, o.Hidden, phaseT);
        Transpose(a.Pooled, 1, o.PhaseWidth, pooledT);
        Transpose(a.Attention, 1, o.PooledWidth, attentionT);
        Transpose(a.Trunk, 1, (o.Heads + 1) * o.PooledWidth, trunkT);
        Transpose(a.Coefficient, PrimaryBlocks.Count, o.Hidden, coefficientT);
        Transpose(a.CoefficientTrunk, 1, o.Trunk, coefficientTrunkT);
        Transpose(a.Output, 1, o.Trunk, outputT);
        Transpose(a.OutputBlocks, 1, o.CoefficientWidth, outputBlocksT);
    }

    AlignedFloats Transposed(int length) => new(withBackward ? length : 0);

    // matrices of [rows, columns] become [columns, rows].
    void Transpose(PhaseHistogramTensor tensor, int matrices, int rows, AlignedFloats transposed)
    {
        int columns = tensor.Columns, padded = PhaseHistogramLayout.Padded(columns);
        float* from = this[tensor];
        float* to = transposed.Pointer;
        for (int m = 0; m < matrices; m++, from += rows * padded, to += rows * columns)
            Transposition.Apply(from, padded, rows, columns, to, rows);
    }
}
