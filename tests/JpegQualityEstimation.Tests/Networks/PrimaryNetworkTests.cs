using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using Xunit;

namespace JpegQualityEstimation.Tests.Networks;

public sealed class PrimaryNetworkTests
{
    [Theory]
    [InlineData(90, "primary,primary-80,primary-90", "primary-90")]
    [InlineData(80, "primary,primary-80,primary-90", "primary-80")]
    [InlineData(89, "primary,primary-80,primary-90", "primary")]
    [InlineData(85, "primary-80,primary-90", "primary-90")]
    [InlineData(82, "primary-80,primary-90", "primary-80")]
    [InlineData(90, "densenet40-90,primary", "primary")]
    [InlineData(90, "densenet40-90", "primary")]
    [InlineData(90, "", "primary")]
    public void TheDefaultModelFollowsTheSecondTable(int second, string names, string expected) =>
        Assert.Equal(expected, PrimaryNetworks.Choose(QuantTable.StandardLuminance(second), names.Split(',')));

    [Fact]
    public void ATableOfItsOwnGoesToTheModelForAnyTable()
    {
        ushort[] steps = QuantTable.StandardLuminance(90).NaturalOrder.ToArray();
        steps[9]++;
        Assert.Equal("primary", PrimaryNetworks.Choose(new QuantTable(steps), ["primary", "primary-90"]));
    }

    [Fact]
    public void ABuildWithoutTheModelSaysSo()
    {
        var error = Assert.Throws<InvalidOperationException>(() => PrimaryNetworks.Bundled("absent"));
        Assert.Matches("carries no weights for primary quantization|no bundled model 'absent'", error.Message);
    }

    [Fact]
    public void EveryBundledModelLoads()
    {
        foreach (string name in PrimaryNetworks.BundledNames)
        {
            PrimaryNetwork network = PrimaryNetworks.Bundled(name);
            Assert.Same(network, PrimaryNetworks.Bundled(name));
            Assert.NotEmpty(network.Metadata);
        }
    }

    [Fact]
    public void AFileOfAnotherNetworkIsRefused()
    {
        using var stream = new MemoryStream();
        QualityNetwork.CreateInitialized(1).Save(stream);
        stream.Position = 0;
        var error = Assert.Throws<WeightsFormatException>(() => PrimaryNetwork.Load(stream, "q.safetensors"));
        Assert.Contains("architecture 'uchida2019'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatDoesNotSayWhatItIsIsRefused()
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, [new Tensor("a", [1], [0])], new Dictionary<string, string>());
        stream.Position = 0;
        var error = Assert.Throws<WeightsFormatException>(() => PrimaryNetwork.Load(stream, "a.safetensors"));
        Assert.Contains("architecture", error.Message, StringComparison.Ordinal);
    }
}
