using System.Globalization;

namespace JpegQualityEstimation.Cuda.Runtime;

/// <summary>Size of a grid in blocks, or of a block in threads.</summary>
readonly record struct Dim3(int X, int Y = 1, int Z = 1)
{
    public long Count => (long)X * Y * Z;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{X}x{Y}x{Z}");
}
