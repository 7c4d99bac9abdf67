using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Maps;

public sealed class QualityMapPictureTests
{
    static QualityMap Ramp(int width, int height)
    {
        int n = width * height;
        float[] quality = new float[n], flag = new float[n];
        byte[] reliability = new byte[n];
        for (int i = 0; i < n; i++)
        {
            quality[i] = 100f * (i % width) / width;
            flag[i] = (float)(i / width) / height;
            reliability[i] = (byte)(i % width < width / 3 ? 0 : 255);
        }
        return new QualityMap(width, height, quality, flag, reliability);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 200)]
    [InlineData(640, 480)]
    [InlineData(2000, 30)]
    [InlineData(30, 3000)]
    [InlineData(1700, 1300)]
    public void TheSheetStaysWithinItsLimits(int width, int height)
    {
        ImageBuffer sheet = QualityMapPicture.Render(Ramp(width, height), TestScenes.Waves(width, height, 1).View);
        Assert.InRange(sheet.Width, 300, 1600);
        Assert.InRange(sheet.Height, 64, 1300);
        Assert.Equal(PixelFormat.Rgb24, sheet.Format);
    }

    [Fact]
    public void EveryFormatOfOnePictureDrawsAlike()
    {
        ImageBuffer picture = TestScenes.Waves(50, 40, 2);
        byte[] expected = QualityMapPicture.Render(Ramp(50, 40), picture.View).Pixels;
        foreach (PixelFormat format in Enum.GetValues<PixelFormat>().Where(f => f != PixelFormat.Gray8))
            Assert.Equal(expected, QualityMapPicture.Render(Ramp(50, 40), TestScenes.Convert(picture, format).View).Pixels);
    }

    [Fact]
    public void APictureOfAnotherSizeIsRefused() =>
        Assert.Throws<ArgumentException>(() => QualityMapPicture.Render(Ramp(20, 20), TestScenes.Waves(20, 21, 1).View));

    [Theory]
    [InlineData(639, 1200)]
    [InlineData(16001, 1200)]
    [InlineData(1600, 63)]
    [InlineData(1600, 16001)]
    public void LimitsOutsideTheirRangeAreRefused(int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => QualityMapPicture.Render(
            Ramp(20, 20), TestScenes.Waves(20, 20, 1).View, new QualityMapPictureOptions { MaxWidth = width, MaxPanelHeight = height }));

    [Fact]
    public void EveryLetterOfTheLegendHasAGlyph()
    {
        const string used = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-%/()=+";
        foreach (char c in used)
            Assert.True(Drawing(c) != Drawing('?'), $"no glyph for {c}");
        Assert.Equal(used.Length, used.Select(Drawing).Distinct().Count());
        Assert.Equal(Drawing('?'), Drawing('\u00e9'));
        Assert.Equal(Drawing('Q'), Drawing('q'));
    }

    static string Drawing(char c) => string.Concat(
        from row in Enumerable.Range(0, Glyphs.Height)
        from column in Enumerable.Range(0, Glyphs.Width)
        select Glyphs.Ink(c, column, row) ? '#' : '.');
}
