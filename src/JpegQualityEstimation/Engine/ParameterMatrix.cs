namespace JpegQualityEstimation.Engine;

/// <summary>A weight matrix [rows, columns] in a flat parameter vector.</summary>
/// <param name="Offset">Of its first number.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs; those of a convolution are [channels, taps].</param>
/// <param name="Taps">Taps of a convolution, 1 where it is none.</param>
readonly record struct ParameterMatrix(int Offset, int Rows, int Columns, int Taps = 1)
{
    public int Length => Rows * Columns;
}
