using System.Runtime.CompilerServices;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// WindowPixels: one row of RGB bytes to the network's input: three planes / 255, or JPEG's rounded luma / 255.
static unsafe class WindowPixels
{
    const float Scale = 1f / 255;

    public static void Row(byte* rgb, int width, PrimaryInput input, float* output, int channelStride)
    {
        for (int x = 0; x < width; x++, rgb += 3)
        {
            if (input == PrimaryInput.Luma)
            {
                output[x] = YccConversion.Luminance(rgb[0], rgb[1], rgb[2]) * Scale;
                continue;
            }
            for (int c = 0; c < 3; c++)
                output[x + c * channelStride] = rgb[c] * Scale;
        }
    }

    /// <summary>A 64x64 window to tiles; row holds 3 x 64 floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tiles(byte* window, PrimaryInput input, TilePlanes planes, float* row)
    {
        const int Size = DenseNet40Architecture.WindowSize;
        for (int y = 0; y < Size; y++, window += 3 * Size)
        {
            Row(window, Size, input, row, Size);
            for (int c = 0; c < planes.Channels; c++)
                for (int p = 0; p < 4; p++)
                {
                    float* from = row + c * Size + p;
                    float* to = planes.At(y, p) + c * planes.ChannelStride;
                    for (int x = 0; x < Size / 4; x++)
                        to[x] = from[4 * x];
                }
        }
    }
}
