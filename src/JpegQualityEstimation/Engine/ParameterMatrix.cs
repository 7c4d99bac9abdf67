namespace JpegQualityEstimation.Engine;

/// <summary>A weight matrix [rows, columns] in a flat parameter vector.</summary>
readonly record struct ParameterMatrix(int Offset, int Rows, int Columns)
{
    public int Length => Rows * Columns;
}
