using JpegQualityEstimation.Images;
using Xunit;

namespace JpegQualityEstimation.Tests.Images;

public sealed class PngRoundTripTests
{
    public static TheoryData<int, int, PixelFormat> Shapes()
    {
        TheoryData<int, int, PixelFormat> cases = [];
        foreach ((int width, int height) in new[] { (1, 1), (1, 7), (5, 1), (21, 3), (64, 64), (97, 31), (700, 40) })
            foreach (PixelFormat format in Enum.GetValues<PixelFormat>())
                cases.Add(width, height, format);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void PixelsComeBack(int width, int height, PixelFormat format)
    {
        foreach (bool smooth in new[] { false, true })
        {
            ImageBuffer image = Picture(width, height, format, smooth);
            ImageBuffer read = ImageFile.Read(Png(image), "memory");
            Assert.Equal((width, height), (read.Width, read.Height));
            Assert.Equal(format == PixelFormat.Gray8 ? PixelFormat.Gray8 : PixelFormat.Rgb24, read.Format);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    for (int c = 0; c < read.Format.BytesPerPixel(); c++)
                        Assert.Equal(Channel(image, x, y, c), read.Pixels[y * read.Stride + x * read.Format.BytesPerPixel() + c]);
        }
    }

    [Fact]
    public void SamePixelsSameBytes()
    {
        ImageBuffer image = Picture(200, 100, PixelFormat.Rgb24, true);
        Assert.Equal(Png(image), Png(image));
    }

    [Fact]
    public void RowsOutsideTheViewAreNotWritten()
    {
        ImageBuffer image = Picture(40, 30, PixelFormat.Bgra32, false);
        using MemoryStream stream = new();
        PngWriter.Write(stream, image.View.Crop(7, 5, 20, 11));
        ImageBuffer read = ImageFile.Read(stream.ToArray(), "memory");
        Assert.Equal((20, 11), (read.Width, read.Height));
        Assert.Equal(Channel(image, 7, 5, 0), read.Pixels[0]);
        Assert.Equal(Channel(image, 26, 15, 2), read.Pixels[^1]);
    }

    static byte[] Png(ImageBuffer image)
    {
        using MemoryStream stream = new();
        PngWriter.Write(stream, image.View);
        return stream.ToArray();
    }

    static byte Channel(ImageBuffer image, int x, int y, int c)
    {
        bool swapped = image.Format is PixelFormat.Bgr24 or PixelFormat.Bgra32;
        return image.Pixels[y * image.Stride + x * image.Format.BytesPerPixel() + (swapped ? 2 - c : c)];
    }

    static ImageBuffer Picture(int width, int height, PixelFormat format, bool smooth)
    {
        ImageBuffer image = new(width, height, format);
        Random random = new(width * 1000 + height);
        if (smooth)
            for (int i = 0; i < image.Pixels.Length; i++)
                image.Pixels[i] = (byte)(128 + 100 * Math.Sin(i * 0.01) + i % 3 * 5);
        else
            random.NextBytes(image.Pixels);
        return image;
    }
}
