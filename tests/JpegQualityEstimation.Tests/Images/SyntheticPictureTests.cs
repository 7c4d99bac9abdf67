using System.Security.Cryptography;
using JpegQualityEstimation.Images;
using Xunit;

namespace JpegQualityEstimation.Tests.Images;

public sealed class SyntheticPictureTests
{
    [Theory]
    [InlineData(SyntheticContent.Scene, "e9afe3e7a32e8f8b")]
    [InlineData(SyntheticContent.DeadLeaves, "9b0a7404033c958e")]
    [InlineData(SyntheticContent.Noise, "2b59d2d5ffedc714")]
    [InlineData(SyntheticContent.Gradient, "ce288c42330d6798")]
    [InlineData(SyntheticContent.Text, "fd19f9a90838cf13")]
    public void BytesAreTheSameEverywhere(SyntheticContent content, string sha256)
    {
        ImageBuffer image = SyntheticPicture.Create(320, 200, 7, content);
        if (Environment.GetEnvironmentVariable("JQE_DUMP") is { } folder)
            OutputFile.Write(Path.Combine(folder, content + ".png"), s => PngWriter.Write(s, image.View));
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(image.Pixels))[..16]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 50)]
    [InlineData(33, 2)]
    [InlineData(257, 129)]
    public void EverySizeWorks(int width, int height)
    {
        foreach (SyntheticContent content in Enum.GetValues<SyntheticContent>())
            Assert.Equal(width * height * 3, SyntheticPicture.Create(width, height, 3, content).Pixels.Length);
    }

    [Fact]
    public void SeedsDiffer() =>
        Assert.NotEqual(SyntheticPicture.Create(64, 64, 1).Pixels, SyntheticPicture.Create(64, 64, 2).Pixels);
}
