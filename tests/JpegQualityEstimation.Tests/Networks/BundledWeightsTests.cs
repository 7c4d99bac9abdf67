using JpegQualityEstimation.Models;
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
        Assert.All(PrimaryNetworks.BundledNames, name => Assert.Equal(name, PrimaryNetworks.Bundled(name).Name));
    }

    [Theory]
    [InlineData("densenet40-90")]
    [InlineData("primary-80")]
    [InlineData("primary-90")]
    public void SpecialisedModelsAreLoadedOnceAndAreWhatTheirNamesSay(string name)
    {
        Assert.Equal(["densenet40-90", "primary-80", "primary-90"], SpecialisedModels.Names);
        PrimaryNetwork network = SpecialisedModels.Load(name);
        Assert.Equal(name, network.Name);
        Assert.Same(network, SpecialisedModels.Load(name));
        Assert.Same(network, name switch { "primary-80" => SpecialisedModels.Primary80, "primary-90" => SpecialisedModels.Primary90, _ => SpecialisedModels.DenseNet40At90 });
    }

    [Fact]
    public void SpecialisedModelsThatAreNotThereAreNamed()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => SpecialisedModels.Load("primary"));
        Assert.Contains("primary-80, primary-90", error.Message, StringComparison.Ordinal);
        Assert.Null(SpecialisedModels.Read("primary"));
    }

    // Above this the specialised models have a package of their own.
    [Fact]
    public void TheCorePackageCarriesBelowFiveMegabytesOfWeights() =>
        Assert.True(BundledWeights.Names(typeof(BundledWeights).Assembly).Sum(name => BundledWeights.Read(name)!.Length) < 5_000_000);

    [Theory]
    [InlineData("quality", "quality")]
    [InlineData("primary", "primary")]
    [InlineData("primary-80", "primary-80")]
    [InlineData("primary-90", "primary-90")]
    [InlineData("densenet40-90", "densenet40")]
    public void ModelCardsNameTheDigestOfTheBundledFile(string name, string page)
    {
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData((BundledWeights.Read(name) ?? SpecialisedModels.Read(name))!));
        string card = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "models", $"{page}.md"));
        Assert.Contains($"| sha256 | `{digest}` |", card, StringComparison.Ordinal);
    }
}
