using System.Runtime.CompilerServices;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Engine.Cpu;

// PixelConversion: bytes to the network's input, RGB / 255 with a fourth channel of zero: out [width, 4].
static unsafe class PixelConversion
{
    const float Scale = 1f / 255;

    /// <summary>Columns [x, x + width) of one row of any format.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(PixelView picture, int y, int x, int width, float* output)
    {
        ReadOnlySpan<byte> row = picture.Row(y);
        (int red, int green, int blue, int step) = picture.Format switch
        {
            PixelFormat.Gray8 => (0, 0, 0, 1),
            PixelFormat.Rgb24 => (0, 1, 2, 3),
            PixelFormat.Bgr24 => (2, 1, 0, 3),
            PixelFormat.Rgba32 => (0, 1, 2, 4),
            _ => (2, 1, 0, 4),
        };
        row = row.Slice(x * step, width * step);
        for (int i = 0; i < row.Length; i += step, output += 4)
        {
            output[0] = row[i + red] * Scale;
            output[1] = row[i + green] * Scale;
            output[2] = row[i + blue] * Scale;
        }
    }
}
