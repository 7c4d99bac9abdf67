using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Tests.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Findings;

public sealed class RegionMapPictureTests
{
    static RegionMap Halves() => RegionFinder.Find(new RegionScene(20, 30, (_, x) => x < 20 ? 0 : 1, (75, 11), (60, 40)).Map());

    [Fact]
    public void PixelsTakeTheLabelsOfTheWindowsAroundThem()
    {
        RegionMap map = Halves();
        short[] pixels = map.ToPixelLabels();
        for (int y = 0; y < map.Height; y++)
            for (int x = 0; x < map.Width; x++)
                if (x is not (19 or 20))
                    Assert.Equal(map.WindowLabels[y * map.Width + x], pixels[(y * 8 + 31) * map.PictureWidth + x * 8 + 31]);
        Assert.Equal((0, 1), (pixels[0], pixels[^1]));
        PixelBox right = map.Sources[1].Bounds;
        Assert.Equal((0, map.PictureHeight, map.PictureWidth), (right.Top, right.Height, right.Left + right.Width));
        Assert.InRange(right.Left, 32 + 8 * 18, 32 + 8 * 21);
    }

    [Fact]
    public void EverySourceHasItsColour()
    {
        RegionMap map = Halves();
        ImageBuffer picture = TestScenes.Waves(map.PictureWidth, map.PictureHeight, 1);
        ImageBuffer sheet = RegionMapPicture.Render(map, picture.View);
        Assert.Equal(sheet.Pixels, RegionMapPicture.Render(map, picture.View).Pixels);
        Assert.Equal(PixelFormat.Rgb24, sheet.Format);
        var colours = new HashSet<(int, int, int)>();
        for (int at = 0; at + 2 < sheet.Pixels.Length; at += 3)
            colours.Add((sheet.Pixels[at], sheet.Pixels[at + 1], sheet.Pixels[at + 2]));
        Assert.Contains(colours, c => Math.Abs(c.Item1 - c.Item2) + Math.Abs(c.Item2 - c.Item3) > 100);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 100)]
    [InlineData(90, 1)]
    public void AnyShapeIsDrawn(int rows, int columns)
    {
        RegionMap map = RegionFinder.Find(new RegionScene(rows, columns, (_, _) => 0, (75, 11)).Map());
        ImageBuffer sheet = RegionMapPicture.Render(map, TestScenes.Waves(map.PictureWidth, map.PictureHeight, 1).View);
        Assert.InRange(sheet.Width, 600, 1600);
    }

    [Fact]
    public void APictureOfAnotherSizeIsRefused()
    {
        RegionMap map = Halves();
        ImageBuffer picture = TestScenes.Waves(map.PictureWidth + 1, map.PictureHeight, 1);
        Assert.Throws<ArgumentException>(() => RegionMapPicture.Render(map, picture.View));
    }
}
