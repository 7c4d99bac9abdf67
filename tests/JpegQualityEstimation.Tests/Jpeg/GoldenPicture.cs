using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tests.Jpeg;

// GoldenPicture: the pictures and custom tables of tests/golden/make_jpeg_golden.py, sample for sample.
static class GoldenPicture
{
    public static ImageBuffer Create(int width, int height, PixelFormat format, int seed)
    {
        var picture = new ImageBuffer(width, height, format);
        var lcg = new Lcg(seed);
        int kind = seed % 4, channels = format.BytesPerPixel();
        for (int y = 0, i = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < channels; c++, i++)
                    picture.Pixels[i] = (byte)Math.Clamp(Value(kind, x, y, c, lcg.Next()), 0, 255);
        return picture;
    }

    public static JpegCompression Tables(int seed, ChromaSubsampling subsampling)
    {
        var lcg = new Lcg(seed);
        int most = (seed % 3) switch { 2 => 1000, 1 => 255, _ => 30 };
        return new JpegCompression(Table(ref lcg, most), Table(ref lcg, most), subsampling);
    }

    static QuantTable Table(ref Lcg lcg, int most)
    {
        var steps = new ushort[64];
        for (int i = 0; i < 64; i++)
            steps[i] = (ushort)(1 + lcg.Next() % most);
        return new QuantTable(steps);
    }

    static int Value(int kind, int x, int y, int c, int noise)
    {
        switch (kind)
        {
            case 0:
                return noise & 255;
            case 1:
                int ramp = x * (3 + c) + y * (5 - c) + 40 * c & 511;
                return (ramp < 256 ? ramp : 511 - ramp) + (noise & 15) - 8;
            case 2:
                return (x / 5 + y / 3 + c & 1) == 0 ? 255 : noise & 3;
            default:
                return 128 + ((x * x + 3 * y * y + 7 * c * x) / 16 & 31) - (noise & 7);
        }
    }

    struct Lcg(int seed)
    {
        uint state = (uint)seed;

        public int Next()
        {
            state = state * 1664525 + 1013904223;
            return (int)(state >> 16);
        }
    }
}
