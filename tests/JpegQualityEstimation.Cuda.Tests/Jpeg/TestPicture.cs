using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Cuda.Tests.Jpeg;

// Pictures and tables by arithmetic: smooth, textured, saturated and noisy parts side by side.
static class TestPicture
{
    public static ImageBuffer Create(int width, int height, PixelFormat format, int seed)
    {
        var picture = new ImageBuffer(width, height, format);
        var random = new Random(seed);
        int channels = format == PixelFormat.Gray8 ? 1 : 3, bytes = format.BytesPerPixel();
        double a = random.NextDouble() * 0.3 + 0.03, b = random.NextDouble() * 0.3 + 0.03;
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < channels; c++)
                {
                    double value = 128 + 70 * Math.Sin(a * x + c) + 60 * Math.Cos(b * y - c * 0.5 * x * a);
                    if ((x / 24 + y / 16 + seed) % 4 == 0)
                        value += random.Next(-60, 60);
                    if ((x / 16 + y / 24 + seed) % 7 == 0)
                        value = value > 128 ? 255 : 0;
                    picture.Pixels[y * picture.Stride + x * bytes + c] = (byte)Math.Clamp(value, 0, 255);
                }
        return picture;
    }

    public static QuantTable Table(int seed, int most)
    {
        var random = new Random(seed);
        ushort[] steps = new ushort[64];
        for (int i = 0; i < 64; i++)
            steps[i] = (ushort)(1 + random.Next(most));
        return new QuantTable(steps);
    }
}
