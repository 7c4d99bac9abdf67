namespace JpegQualityEstimation.Maps;

/// <summary>
/// How the first compression's 8x8 grid lies against the second's: the rows and columns, modulo 8, that were cut off at
/// the top and left between the two (Tondi 2021, section 2; <c>jqe simulate --shift</c>).
/// </summary>
/// <param name="Row">Rows, 0..7.</param>
/// <param name="Column">Columns, 0..7.</param>
/// <param name="Probability">How sure the model is of it, 0..1. A first compression that left no trace (finer than the
/// second, or none) still has a most probable shift, often (0, 0): its probability is then small.</param>
public readonly record struct GridShift(int Row, int Column, float Probability)
{
    /// <summary>Whether both grids are one (aligned double compression).</summary>
    public bool IsAligned => Row == 0 && Column == 0;
}
