using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Maps;

public sealed class WindowEvidenceTests
{
    static readonly ushort[] Second = QuantTable.StandardLuminance(90).ZigZagOrder();

    // Flat, but for the first n blocks of 64 in reading order, which hold an edge.
    static ImageBuffer Edges(int n, int height = 20)
    {
        var picture = new ImageBuffer(64, 64, PixelFormat.Gray8);
        picture.Pixels.AsSpan().Fill(100);
        for (int block = 0; block < n; block++)
            for (int y = 0; y < 8; y++)
                for (int x = 0; x < 4; x++)
                    picture.Pixels[(block / 8 * 8 + y) * 64 + block % 8 * 8 + x] += (byte)height;
        return picture;
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(7, false)]
    [InlineData(8, true)]
    [InlineData(64, true)]
    public void BlocksWithTextureAreCounted(int blocks, bool determined)
    {
        var evidence = WindowEvidence.Of(Edges(blocks).View, Second, 0, 0);
        Assert.Equal((64, blocks, 0), evidence.Count(0, 0));
        Assert.Equal(determined, evidence.Determines(0, 0));
    }

    // A vertical edge of height h in the middle of a block: c(0,1) = 8 h * 0.5 * sum of four cosines / sqrt(8) = 3.6 h.
    // The second step there is 2 at quality 90: half of it is below the floor of 1.45.
    [Theory]
    [InlineData(90, 1, 64)]
    [InlineData(50, 1, 0)]
    [InlineData(50, 2, 64)]
    [InlineData(10, 5, 0)]
    [InlineData(10, 9, 64)]
    public void TextureIsWhatTheSecondTableLeaves(int quality, int height, int textured) => Assert.Equal(
        textured, WindowEvidence.Of(Edges(64, height).View, QuantTable.StandardLuminance(quality).ZigZagOrder(), 0, 0).Count(0, 0).Textured);

    [Fact]
    public void OnlyBlocksWhollyInsideCount()
    {
        var picture = new ImageBuffer(90, 90, PixelFormat.Gray8);
        picture.Pixels.AsSpan().Fill(255);
        var evidence = WindowEvidence.Of(picture.View, Second, 2, 3);
        Assert.Equal((64, 0, 64 * 64), evidence.Count(2, 3));
        Assert.Equal((64, 0, 64 * 64), evidence.Count(10, 11));
        Assert.Equal((56, 0, 56 * 64), evidence.Count(5, 3));
        Assert.Equal((49, 0, 49 * 64), evidence.Count(5, 9));
        Assert.False(evidence.Determines(2, 3));
    }

    [Fact]
    public void SumsAgreeWithCountingOneWindowAlone()
    {
        ImageBuffer picture = TestScenes.Sparse(200, 160, 3);
        var whole = WindowEvidence.Of(picture.View, Second, 0, 0);
        for (int y = 0; y + 64 <= 160; y += 24)
            for (int x = 0; x + 64 <= 200; x += 8)
                Assert.Equal(WindowEvidence.Of(picture.View.Crop(x, y, 64, 64), Second, 0, 0).Count(0, 0), whole.Count(y, x));
    }

    // Rounding a slow ramp to whole levels leaves coefficients that are no texture.
    [Fact]
    public void NeitherRoundingNorNoiseOfOneLevelIsTextureAtStepOne()
    {
        var picture = new ImageBuffer(64, 64, PixelFormat.Gray8);
        var random = new Random(1);
        for (int i = 0; i < picture.Pixels.Length; i++)
            picture.Pixels[i] = (byte)(100 + Math.Round(0.1 * (i % 64) / 8 + random.NextDouble() - 0.5));
        Assert.False(WindowEvidence.Of(picture.View, QuantTable.StandardLuminance(100).ZigZagOrder(), 0, 0).Determines(0, 0));
    }
}
