namespace JpegQualityEstimation.Engine.Ops;

// WindowGrid: where the 64x64 windows of a map lie. Window (y, x) has its top left pixel at
//   row OriginRow + y * Stride, column OriginColumn + x * Stride,
// the origin being a block corner of the second grid. All windows that fit into the picture, no others.
readonly record struct WindowGrid(int Rows, int Columns, int Stride, int OriginRow, int OriginColumn)
{
    /// <summary>Side of a window in pixels.</summary>
    public const int Side = 64;

    public static WindowGrid Over(int width, int height, int stride, int originRow, int originColumn) => new(
        Count(height, stride, originRow), Count(width, stride, originColumn), stride, originRow, originColumn);

    public int Top(int y) => OriginRow + y * Stride;

    public int Left(int x) => OriginColumn + x * Stride;

    static int Count(int length, int stride, int origin) => length - origin < Side ? 0 : (length - origin - Side) / stride + 1;
}
