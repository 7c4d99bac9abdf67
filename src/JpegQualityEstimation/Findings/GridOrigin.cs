namespace JpegQualityEstimation.Findings;

/// <summary>Where the 8x8 grid of a compression lies in a picture.</summary>
/// <param name="Row">Row of the first block corner, 0..7; 0 for a whole decoded JPEG file.</param>
/// <param name="Column">Column of it, 0..7.</param>
public readonly record struct GridOrigin(int Row, int Column)
{
    /// <summary>Origins an 8x8 grid can have.</summary>
    internal const int Count = 64;

    /// <summary>8 * row + column.</summary>
    internal int Index => Row * 8 + Column;

    internal static GridOrigin At(int index) => new(index / 8, index % 8);
}
