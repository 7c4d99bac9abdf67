using System.Text.Json.Nodes;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using Xunit;

namespace JpegQualityEstimation.Tests.Networks;

public sealed class PhaseHistogramNetworkTests
{
    const string Name = "some.safetensors";

    static readonly PhaseHistogramOptions Shape = new()
    {
        Coefficients = 15, Bins = 8, BinWidth = 0.5f, Periods = 3, Hidden = 16, PhaseWidth = 16, PooledWidth = 16, Heads = 3, CoefficientWidth = 16, Trunk = 16, SecondTable = true,
    };

    [Fact]
    public void SavedAndLoadedIsTheSame()
    {
        PhaseHistogramNetwork network = PhaseHistogramNetwork.CreateInitialized(7, Shape);
        using var stream = new MemoryStream();
        network.Save(stream, new Dictionary<string, string> { ["recipe"] = "none" });
        stream.Position = 0;
        PhaseHistogramNetwork loaded = PhaseHistogramNetwork.Load(stream, Name);
        Assert.Equal(network.Parameters, loaded.Parameters);
        Assert.Equal(Shape, loaded.Options);
        Assert.Equal("untrained-7", loaded.Name);
        Assert.Equal("none", loaded.Metadata["recipe"]);
    }

    [Fact]
    public void SeedsRepeatAndDiffer()
    {
        float[] one = PhaseHistogramNetwork.CreateInitialized(1, Shape).Parameters;
        Assert.Equal(one, PhaseHistogramNetwork.CreateInitialized(1, Shape).Parameters);
        Assert.NotEqual(one, PhaseHistogramNetwork.CreateInitialized(2, Shape).Parameters);
        Assert.All(one, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void TensorsFillTheParametersWithoutGaps()
    {
        var architecture = new PhaseHistogramArchitecture(new PhaseHistogramOptions());
        int next = 0;
        foreach (PhaseHistogramTensor tensor in architecture.Tensors)
        {
            Assert.Equal(next, tensor.Offset);
            Assert.Equal(tensor.Length, tensor.Rows * tensor.Columns);
            next += tensor.Length;
        }
        Assert.Equal(next, architecture.ParameterCount);
    }

    [Theory]
    [InlineData("hidden", "17", "hidden = 17")]
    [InlineData("hidden", "0", "hidden = 0")]
    [InlineData("hidden", "-16", "hidden = -16")]
    [InlineData("hidden", "\"16\"", "JSON")]
    [InlineData("hidden", "1e99", "JSON")]
    [InlineData("trunk", "1000000", "trunk")]
    [InlineData("coefficients", "14", "coefficients")]
    [InlineData("coefficients", "65", "coefficients")]
    [InlineData("bins", "6", "bins")]
    [InlineData("binWidth", "0", "binWidth")]
    [InlineData("binWidth", "1e-45", "binWidth")]
    [InlineData("binWidth", "1e999", "binWidth")]
    [InlineData("heads", "16", "heads")]
    [InlineData("heads", null, "heads")]
    [InlineData("secondTable", null, "secondTable")]
    [InlineData("width", "16", "width")]
    public void OptionsThatCannotBeAreRefused(string key, string? value, string part)
    {
        JsonObject json = JsonNode.Parse(Shape.ToJson())!.AsObject();
        json.Remove(key);
        if (value is not null)
            json[key] = JsonNode.Parse(value);
        WeightsFormatException error = Refused(metadata => metadata["options"] = json.ToJsonString());
        Assert.Contains(part, error.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"\\ud800\": 1}")]
    [InlineData("{} 1")]
    public void OptionsThatAreNoObjectAreRefused(string options) =>
        Assert.Contains("the options are", Refused(metadata => metadata["options"] = options).Reason, StringComparison.Ordinal);

    [Fact]
    public void AnotherShapeThanTheTensorsIsRefused()
    {
        string wider = (Shape with { PooledWidth = 32 }).ToJson();
        Assert.Contains("pooled.weight", Refused(metadata => metadata["options"] = wider).Reason, StringComparison.Ordinal);
    }

    // The widest shape that can be has 285 million weights; a small file must not make room for them.
    [Fact]
    public void WideOptionsOfASmallFileAllocateNothing()
    {
        string widest = (Shape with
        {
            Coefficients = 64, Bins = 256, Periods = 128, Hidden = 1024, PhaseWidth = 1024, PooledWidth = 1024, Heads = 15, CoefficientWidth = 1024, Trunk = 4096,
        }).ToJson();
        Refused(metadata => metadata["options"] = widest);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(metadata => metadata["options"] = widest);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    [Theory]
    [InlineData("architecture")]
    [InlineData("options")]
    public void MissingMetadataAreRefused(string key) => Assert.Contains(key, Refused(metadata => metadata.Remove(key)).Reason, StringComparison.Ordinal);

    [Fact]
    public void AnotherArchitectureIsRefused() =>
        Assert.Contains("uchida2019", Refused(metadata => metadata["architecture"] = "uchida2019").Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void WeightsThatAreNoNumbersAreRefused(float value)
    {
        foreach (int tensor in (int[])[0, 6, 18])
            Assert.Contains("finite", Refused(_ => { }, tensors => tensors[tensor].Values[^1] = value).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingTensorIsRefused() =>
        Assert.Contains("trunk.bias", Refused(_ => { }, tensors => tensors.RemoveAll(t => t.Name == "trunk.bias")).Reason, StringComparison.Ordinal);

    [Fact]
    public void ATensorOfAnotherShapeIsRefused() =>
        Assert.Contains("evidence.weight", Refused(_ => { }, tensors => tensors[0] = new Tensor(tensors[0].Name, [tensors[0].Values.Length], tensors[0].Values)).Reason, StringComparison.Ordinal);

    static WeightsFormatException Refused(Action<Dictionary<string, string>> spoilMetadata, Action<List<Tensor>>? spoilTensors = null)
    {
        PhaseHistogramNetwork network = PhaseHistogramNetwork.CreateInitialized(1, Shape);
        var metadata = new Dictionary<string, string> { ["architecture"] = "phase-histogram", ["options"] = Shape.ToJson() };
        var tensors = PhaseHistogramNetwork.ToTensors(network.Architecture, network.Parameters).ToList();
        spoilMetadata(metadata);
        spoilTensors?.Invoke(tensors);
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors, metadata);
        stream.Position = 0;
        var error = Assert.Throws<WeightsFormatException>(() => PhaseHistogramNetwork.Load(stream, Name));
        Assert.Equal(Name, error.File);
        return error;
    }
}
