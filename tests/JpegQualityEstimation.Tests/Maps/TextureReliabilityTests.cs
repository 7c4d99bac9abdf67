using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Maps;

public sealed class TextureReliabilityTests
{
    static byte[] Fill(ImageBuffer picture)
    {
        byte[] reliability = new byte[picture.Width * picture.Height];
        reliability.AsSpan().Fill(77);
        TextureReliability.Fill(picture.View, reliability);
        return reliability;
    }

    static ImageBuffer Gray(int width, int height, Func<int, int, double> level)
    {
        var picture = new ImageBuffer(width, height, PixelFormat.Gray8);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                picture.Pixels[y * width + x] = (byte)Math.Clamp(Math.Round(level(x, y)), 0, 255);
        return picture;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(128)]
    public void AFlatPictureIsNotReliable(byte level) =>
        Assert.All(Fill(Gray(90, 70, (_, _) => level)), score => Assert.Equal(0, score));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(0.13, 0.29)]
    [InlineData(0.5, 0.5)]
    [InlineData(1.7, 0)]
    [InlineData(0.9, 1.3)]
    public void ARampIsNotReliableWhateverItsSlope(double across, double down) =>
        Assert.All(Fill(Gray(80, 80, (x, y) => 8 + across * x + down * y)), score => Assert.Equal(0, score));

    [Fact]
    public void AColourRampIsNotReliable()
    {
        var picture = new ImageBuffer(120, 60, PixelFormat.Rgb24);
        for (int y = 0; y < 60; y++)
        {
            for (int x = 0; x < 120; x++)
            {
                Span<byte> p = picture.Pixels.AsSpan(y * picture.Stride + 3 * x, 3);
                (p[0], p[1], p[2]) = ((byte)(10 + 2 * x), (byte)(200 - x - y), (byte)(20 + 3 * y));
            }
        }
        Assert.All(Fill(picture), score => Assert.Equal(0, score));
    }

    [Fact]
    public void NoiseIsFullyReliable() =>
        Assert.All(Fill(TestScenes.Noise(70, 50, PixelFormat.Gray8, 3)), score => Assert.Equal(255, score));

    [Fact]
    public void BlackAndWhiteTextIsSaturated() =>
        Assert.All(Fill(Gray(64, 64, (x, y) => (x / 3 + y / 5) % 2 * 255)), score => Assert.Equal(0, score));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(15, 400)]
    [InlineData(400, 15)]
    [InlineData(8, 8)]
    public void ATooSmallPictureIsNotReliable(int width, int height) =>
        Assert.All(Fill(TestScenes.Noise(width, height, PixelFormat.Gray8, 4)), score => Assert.Equal(0, score));

    [Fact]
    public void ThresholdSizeIsReliable() =>
        Assert.All(Fill(TestScenes.Noise(16, 16, PixelFormat.Gray8, 4)), score => Assert.Equal(255, score));

    [Fact]
    public void HalfFlatHalfNoisySwitchesWithinTheReceptiveField()
    {
        ImageBuffer noise = TestScenes.Noise(120, 40, PixelFormat.Gray8, 5);
        byte[] scores = Fill(Gray(120, 40, (x, y) => x < 60 ? 100 : noise.Pixels[y * 120 + x]));
        Assert.Equal(0, scores[20 * 120 + 30]);
        Assert.Equal(255, scores[20 * 120 + 90]);
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(17, 40)]
    [InlineData(33, 33)]
    [InlineData(34, 71)]
    [InlineData(97, 19)]
    public void RunningSumsEqualTheDirectCount(int width, int height)
    {
        ImageBuffer picture = TestScenes.Sparse(width, height, 6);
        byte[] scores = Fill(picture);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                Assert.Equal(Direct(picture, x, y), scores[y * width + x]);
    }

    [Theory]
    [InlineData(17)]
    [InlineData(50)]
    [InlineData(83)]
    public void EveryFormatOfAPictureReadsAlike(int width)
    {
        ImageBuffer gray = TestScenes.Sparse(width, 40, 6);
        byte[] expected = Fill(gray);
        foreach (PixelFormat format in (PixelFormat[])[PixelFormat.Rgb24, PixelFormat.Bgr24, PixelFormat.Rgba32, PixelFormat.Bgra32])
        {
            var picture = new ImageBuffer(width, 40, format);
            int bytes = format.BytesPerPixel();
            for (int i = 0; i < gray.Pixels.Length; i++)
                picture.Pixels.AsSpan(i * bytes, 3).Fill(gray.Pixels[i]);
            Assert.Equal(expected, Fill(picture));
        }
    }

    [Theory]
    [InlineData(40, 100, 1)]
    [InlineData(33, 71, 7)]
    [InlineData(64, 90, 34)]
    [InlineData(20, 16, 5)]
    [InlineData(12, 90, 20)]
    public void BandsOfRowsEqualTheWhole(int width, int height, int rows)
    {
        ImageBuffer picture = TestScenes.Sparse(width, height, 6);
        byte[] whole = Fill(picture), banded = new byte[whole.Length];
        banded.AsSpan().Fill(77);
        for (int y = 0; y < height; y += rows)
            TextureReliability.Fill(picture.View, banded, y, Math.Min(height, y + rows));
        Assert.Equal(whole, banded);
    }

    static byte Direct(ImageBuffer picture, int x, int y)
    {
        int count = 0, area = 0;
        for (int v = Math.Max(0, y - 16); v <= Math.Min(picture.Height - 1, y + 16); v++)
        {
            for (int u = Math.Max(0, x - 16); u <= Math.Min(picture.Width - 1, x + 16); u++)
            {
                area++;
                count += Textured(picture, u, v) ? 1 : 0;
            }
        }
        double low = TextureReliability.NothingShare, high = TextureReliability.EnoughShare;
        return (byte)Math.Clamp(((double)count / area - low) * (255 / (high - low)), 0, 255);
    }

    static bool Textured(ImageBuffer picture, int x, int y)
    {
        int At(int u, int v) => picture.Pixels[v * picture.Width + u];
        int here = At(x, y);
        if (here is 0 or 255)
            return false;
        return x > 0 && x + 1 < picture.Width && Math.Abs(2 * here - At(x - 1, y) - At(x + 1, y)) >= 2
            || y > 0 && y + 1 < picture.Height && Math.Abs(2 * here - At(x, y - 1) - At(x, y + 1)) >= 2;
    }

    [Fact]
    public void EveryFormatOfOnePictureScoresAlike()
    {
        ImageBuffer gray = TestScenes.Sparse(75, 52, 7);
        byte[] expected = Fill(gray);
        foreach (PixelFormat format in Enum.GetValues<PixelFormat>())
            Assert.Equal(expected, Fill(TestScenes.Convert(gray, format)));
    }
}
