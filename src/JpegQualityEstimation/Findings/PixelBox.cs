namespace JpegQualityEstimation.Findings;

/// <summary>A rectangle of pixels.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Width">Columns; 0 where there is no pixel.</param>
/// <param name="Height">Rows; 0 where there is no pixel.</param>
public readonly record struct PixelBox(int Left, int Top, int Width, int Height);
