using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Maps;

public sealed class PrimaryQuantMapPictureTests
{
    static PrimaryQuantMap Map(ImageBuffer picture, int stride = 8, bool phase = true, float phaseProbability = 0.8f)
    {
        var engine = new FakePrimaryEngine(phase) { PhaseProbability = phaseProbability };
        using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new() { Network = engine.Network, Threads = 2 });
        return estimator.EstimateMap(picture.View, QuantTable.StandardLuminance(90), new() { Stride = stride });
    }

    [Theory]
    [InlineData(64, 64, 8)]
    [InlineData(64, 900, 64)]
    [InlineData(640, 80, 8)]
    [InlineData(1900, 70, 32)]
    [InlineData(90, 90, 1)]
    [InlineData(200, 150, 200)]
    public void TheSheetStaysWithinItsLimits(int width, int height, int stride)
    {
        ImageBuffer picture = TestScenes.Waves(width, height, 1);
        ImageBuffer sheet = PrimaryQuantMapPicture.Render(Map(picture, stride), picture.View);
        Assert.InRange(sheet.Width, 600, 1600);
        Assert.InRange(sheet.Height, 300, 2 * 840 + 80);
        Assert.Equal(PixelFormat.Rgb24, sheet.Format);
    }

    [Fact]
    public void EveryFormatOfOnePictureDrawsAlike()
    {
        ImageBuffer picture = TestScenes.Waves(100, 70, 2);
        PrimaryQuantMap map = Map(picture);
        byte[] expected = PrimaryQuantMapPicture.Render(map, picture.View).Pixels;
        Assert.Equal(expected, PrimaryQuantMapPicture.Render(map, TestScenes.Convert(picture, PixelFormat.Bgra32).View).Pixels);
    }

    [Fact]
    public void AWindowIsDrawnAroundItsCentre()
    {
        // Two windows; the right one is flat: its square is hatched grey, the left one coloured, what lies around is blank.
        ImageBuffer picture = TestScenes.Waves(700, 300, 1);
        for (int y = 0; y < 300; y++)
            picture.Pixels.AsSpan(y * picture.Stride + 3 * 500, 3 * 200).Fill(77);
        ImageBuffer sheet = PrimaryQuantMapPicture.Render(Map(picture, 500), picture.View);
        const int Panel = 668, Top = 36, Left = 16 + Panel + 10 + 64 + 16;
        Assert.Equal(Left + Panel + 10 + 132 + 16, sheet.Width);
        Assert.NotEqual((232, 232, 232), At(sheet, 48, 0));
        (int r, int g, int b) blank = At(sheet, 400, 290), flat = At(sheet, 620, 30);
        Assert.Equal((232, 232, 232), blank);
        Assert.True(flat.r == flat.g && flat.g == flat.b && flat.r is 190 or 150, $"{flat}");

        // A pixel of the picture in the second panel; both are averaged down by the same factor.
        (int, int, int) At(ImageBuffer s, int x, int y)
        {
            int at = (Top + y * Panel / 700) * s.Stride + 3 * (Left + x * Panel / 700);
            return (s.Pixels[at], s.Pixels[at + 1], s.Pixels[at + 2]);
        }
    }

    [Theory]
    [InlineData(0.8f, false)]
    [InlineData(0.4f, true)]
    public void AShiftThatIsNotProbableIsGrey(float probability, bool grey)
    {
        // One window; its shift lies in the panel below that of its quality.
        ImageBuffer picture = TestScenes.Waves(700, 300, 1);
        ImageBuffer sheet = PrimaryQuantMapPicture.Render(Map(picture, 1000, phaseProbability: probability), picture.View);
        const int Panel = 668, PanelHeight = 300 * Panel / 700, Top = 36 + PanelHeight + 36, Left = 16 + Panel + 10 + 64 + 16;
        ReadOnlySpan<byte> pixel = sheet.Pixels.AsSpan((Top + 4) * sheet.Stride + 3 * (Left + 4), 3);
        Assert.Equal(grey, pixel.SequenceEqual<byte>([196, 196, 196]));
        Assert.False(pixel.SequenceEqual<byte>([232, 232, 232]));
    }

    [Fact]
    public void AModelWithoutShiftsShowsTheMeanStep()
    {
        ImageBuffer picture = TestScenes.Waves(100, 70, 2);
        Assert.NotEqual(
            PrimaryQuantMapPicture.Render(Map(picture), picture.View).Pixels, PrimaryQuantMapPicture.Render(Map(picture, phase: false), picture.View).Pixels);
    }

    [Fact]
    public void APictureOfAnotherSizeIsRefused()
    {
        ImageBuffer picture = TestScenes.Waves(100, 70, 2);
        PrimaryQuantMap map = Map(picture);
        Assert.Throws<ArgumentException>(() => PrimaryQuantMapPicture.Render(map, picture.View.Crop(0, 0, 99, 70)));
    }

    [Theory]
    [InlineData(639, 800)]
    [InlineData(16001, 800)]
    [InlineData(1600, 63)]
    [InlineData(1600, 16001)]
    public void LimitsOutsideTheirRangeAreRefused(int width, int height)
    {
        ImageBuffer picture = TestScenes.Waves(64, 64, 1);
        PrimaryQuantMap map = Map(picture);
        Assert.Throws<ArgumentOutOfRangeException>(() => PrimaryQuantMapPicture.Render(map, picture.View, new() { MaxWidth = width, MaxPanelHeight = height }));
    }
}
