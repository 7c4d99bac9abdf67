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
}
