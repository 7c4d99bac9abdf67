using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Tests.Maps;

// Pictures for the map tests, all from a seed.
static class TestScenes
{
    // Unclipped noise of every grey level.
    public static ImageBuffer Noise(int width, int height, PixelFormat format, int seed)
    {
        var picture = new ImageBuffer(width, height, format);
        var random = new Random(seed);
        foreach (ref byte sample in picture.Pixels.AsSpan())
            sample = (byte)random.Next(1, 255);
        return picture;
    }

    // A ramp with few spots, some of them clipped.
    public static ImageBuffer Sparse(int width, int height, int seed)
    {
        var picture = new ImageBuffer(width, height, PixelFormat.Gray8);
        var random = new Random(seed);
        for (int i = 0; i < picture.Pixels.Length; i++)
        {
            int ramp = 60 + i % width;
            picture.Pixels[i] = random.Next(120) switch { 0 => 0, 1 => 255, 2 => (byte)(ramp + 9), _ => (byte)ramp };
        }
        return picture;
    }

    // Colour waves with some noise: textured everywhere, different in every channel.
    public static ImageBuffer Waves(int width, int height, int seed)
    {
        var picture = new ImageBuffer(width, height, PixelFormat.Rgb24);
        var random = new Random(seed);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < 3; c++)
                {
                    double level = 128 + 50 * Math.Sin(x * 0.31 + c) + 40 * Math.Sin(y * 0.23 - c) + random.Next(-12, 13);
                    picture.Pixels[y * picture.Stride + 3 * x + c] = (byte)Math.Clamp(level, 1, 254);
                }
            }
        }
        return picture;
    }

    // The same picture in another order of samples; alpha is filled with noise that nobody may read.
    public static ImageBuffer Convert(ImageBuffer source, PixelFormat format)
    {
        var target = new ImageBuffer(source.Width, source.Height, format);
        int from = source.Format.BytesPerPixel(), to = format.BytesPerPixel();
        for (int i = 0; i < source.Width * source.Height; i++)
        {
            ReadOnlySpan<byte> s = source.Pixels.AsSpan(i * from, from);
            Span<byte> t = target.Pixels.AsSpan(i * to, to);
            (byte r, byte g, byte b) = from == 1 ? (s[0], s[0], s[0]) : (s[0], s[1], s[2]);
            if (to == 1)
                t[0] = g;
            else if (format is PixelFormat.Bgr24 or PixelFormat.Bgra32)
                (t[0], t[1], t[2]) = (b, g, r);
            else
                (t[0], t[1], t[2]) = (r, g, b);
            if (to == 4)
                t[3] = (byte)(i * 37);
        }
        return target;
    }
}
