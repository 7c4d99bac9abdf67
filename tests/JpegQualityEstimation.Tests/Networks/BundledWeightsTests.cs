using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using Xunit;

namespace JpegQualityEstimation.Tests.Networks;

public class BundledWeightsTests
{
    static Stream? Bundled(string resource) => typeof(BundledWeights).Assembly.GetManifestResourceStream(resource);

    [Fact]
    public void DamagedWeightsAreNamedWithBothDigests()
    {
        byte[] good = BundledWeights.Read("quality")!;
        byte[] bad = [.. good];
        bad[^1] ^= 1;
        WeightsFormatException error = Assert.Throws<WeightsFormatException>(
            () => BundledWeights.Read("quality", name => name.EndsWith(BundledWeights.Suffix, StringComparison.Ordinal) ? new MemoryStream(bad) : Bundled(name)));
        Assert.Equal("quality.safetensors", error.File);
        Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(good)), error.Message, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bad)), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WeightsWithoutADigestAreNotTrusted() => Assert.Throws<WeightsFormatException>(
        () => BundledWeights.Read("quality", name => name.EndsWith(BundledWeights.DigestSuffix, StringComparison.Ordinal) ? null : Bundled(name)));

    [Fact]
    public void AnAbsentModelIsNone() => Assert.Null(BundledWeights.Read("absent"));

    [Fact]
    public void EveryBundledModelFitsItsDigest()
    {
        foreach (string name in (string[])[.. PrimaryNetworks.BundledNames, "quality"])
            Assert.NotNull(BundledWeights.Read(name));
    }

    [Theory]
    [InlineData("quality")]
    [InlineData("primary")]
    public void ModelCardsNameTheDigestOfTheBundledFile(string name)
    {
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BundledWeights.Read(name)!));
        string card = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "models", $"{name}.md"));
        Assert.Contains($"| sha256 | `{digest}` |", card, StringComparison.Ordinal);
    }
}
