namespace JpegQualityEstimation.Jpeg;

/// <summary>The rectangle of a picture that a round trip is made for.</summary>
/// <param name="Row">First row.</param>
/// <param name="Column">First column.</param>
/// <param name="Rows">At least 1.</param>
/// <param name="Columns">At least 1.</param>
readonly record struct WantedPixels(int Row, int Column, int Rows, int Columns)
{
    public int EndRow => Row + Rows;

    public int EndColumn => Column + Columns;
}
