namespace JpegQualityEstimation.Networks;

/// <summary>A loss over the outputs of one window, with its gradient.</summary>
interface IBlockLoss
{
    /// <summary>The loss of one window.</summary>
    /// <param name="logits">[226], in the order of <see cref="PrimaryBlocks"/>; a regression head has [15].</param>
    /// <param name="steps">[15] true steps, from 1.</param>
    /// <param name="dLogits">Overwritten with the gradient, as long as the logits.</param>
    double Apply(ReadOnlySpan<float> logits, ReadOnlySpan<byte> steps, Span<float> dLogits);
}
