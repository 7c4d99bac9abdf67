using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.PhaseHistogram;

// Sliding tallies against every window by itself: EQUAL, whatever the step, the grid and the call's extent.
public sealed class PhaseEvidenceMapTests
{
    [Theory]
    [InlineData(64, 8, 0, 0)]
    [InlineData(64, 8, 3, 5)]
    [InlineData(64, 5, 2, 7)]
    [InlineData(64, 24, 0, 0)]
    [InlineData(32, 1, 1, 0)]
    [InlineData(16, 9, 0, 4)]
    [InlineData(64, 64, 0, 0)]
    public void EveryWindowEqualsItself(int side, int step, int gridX, int gridY)
    {
        var options = new PhaseEvidenceOptions { Coefficients = 4, Bins = 20, Periods = 7, BinWidth = 3 };
        const int Width = 301, Height = 81;
        float[] luma = PhaseScene.Samples(Width, Height, 4);
        var map = new PhaseEvidenceMap(options, Width, Height, side, step, gridX, gridY);
        Assert.Equal((Width - side) / step + 1, map.Columns);
        var window = new PhaseEvidence(options, side, side);
        (float[] one, float[] all) = PhaseScene.Outputs(options);
        for (int row = 0; row < map.Rows; row += Math.Max(1, 16 / step))
        {
            int first = Math.Min(row % 3, map.Columns - 1);
            (float[] evidence, float[] overall) = PhaseScene.Outputs(options, map.Columns);
            int filled = map.FillRow(luma.AsSpan(row * step * Width), Width, row, first, map.Columns, evidence, overall);
            Assert.Equal(map.Columns - first, filled);
            for (int i = 0; i < filled; i += step == 1 ? 7 : 1)
            {
                int x = (first + i) * step;
                window.Compute(luma.AsSpan(row * step * Width + x), Width, one, all, x - gridX & 7, row * step - gridY & 7);
                Assert.True(evidence.AsSpan(i * one.Length, one.Length).SequenceEqual(one), $"row {row} window {i}");
                Assert.True(overall.AsSpan(i * all.Length, all.Length).SequenceEqual(all), $"row {row} window {i}");
            }
        }
    }

    [Theory]
    [InlineData(PixelFormat.Gray8)]
    [InlineData(PixelFormat.Rgb24)]
    [InlineData(PixelFormat.Bgr24)]
    [InlineData(PixelFormat.Rgba32)]
    [InlineData(PixelFormat.Bgra32)]
    public void PictureGivesWhatItsLumaGives(PixelFormat format)
    {
        const int Width = 90, Height = 70;
        var bytes = new byte[Width * Height * format.BytesPerPixel()];
        new Random(5).NextBytes(bytes);
        var picture = new PixelView(bytes, Width, Height, format);
        var luma = new float[(Width + 3) * Height];
        LumaRows.Convert(picture, luma, Width + 3);
        int step = format.BytesPerPixel();
        int red = format is PixelFormat.Bgr24 or PixelFormat.Bgra32 ? 2 : 0;
        int at = 11 * Width + 7;
        float expected = step == 1 ? bytes[at]
            : (299 * bytes[at * step + red] + 587 * bytes[at * step + 1] + 114 * bytes[at * step + 2 - red]) / 1000f;
        Assert.Equal(expected, luma[11 * (Width + 3) + 7]);

        var options = new PhaseEvidenceOptions { Coefficients = 2 };
        var map = new PhaseEvidenceMap(options, Width, Height, step: 6);
        (float[] Evidence, float[] Overall) a = PhaseScene.Outputs(options, map.Columns);
        (float[] Evidence, float[] Overall) b = PhaseScene.Outputs(options, map.Columns);
        map.FillRow(picture, 1, 0, map.Columns, a.Evidence, a.Overall);
        map.FillRow(luma.AsSpan(6 * (Width + 3)), Width + 3, 1, 0, map.Columns, b.Evidence, b.Overall);
        Assert.Equal(b.Evidence, a.Evidence);
        Assert.Equal(b.Overall, a.Overall);
    }

    [Fact]
    public void PictureSmallerThanAWindowHasNone()
    {
        var map = new PhaseEvidenceMap(new PhaseEvidenceOptions { Coefficients = 1 }, 63, 200);
        Assert.Equal(0, map.Columns);
        Assert.Equal(0, map.FillRow([], 63, 0, 0, 5, [], []));
    }
}
