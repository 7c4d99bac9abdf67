using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using Xunit;

namespace JpegQualityEstimation.Tests.Networks;

public sealed class DenseNet40NetworkTests
{
    [Fact]
    public void CountsAreThoseOfThePaper()
    {
        var architecture = new DenseNet40Architecture(PrimaryInput.Rgb, 226);
        // 24*27 + 108 * sum of inputs + 168^2 + 312^2 + 2 * norms + 456*226 + 226
        Assert.Equal(648 + 108 * 8424 + 28224 + 97344 + 2 * (8424 + 168 + 312 + 456) + 456 * 226 + 226, architecture.TrainableCount);
        Assert.Equal(architecture.TrainableCount + 2 * (168 + 312 + 456), architecture.Count);
        int next = 0;
        foreach (TensorPlace place in DenseNet40Network.Places(architecture))
        {
            Assert.Equal(next, place.Offset);
            next += place.Length;
        }
        Assert.Equal(architecture.Count, next);
    }

    [Theory]
    [InlineData(PrimaryInput.Rgb, 226)]
    [InlineData(PrimaryInput.Luma, 15)]
    public void SavedIsLoaded(PrimaryInput input, int outputs)
    {
        DenseNet40Network network = DenseNet40Network.CreateInitialized(3, input, outputs);
        using var stream = new MemoryStream();
        network.Save(stream, new Dictionary<string, string> { ["name"] = "a" });
        stream.Position = 0;
        DenseNet40Network loaded = DenseNet40Network.Load(stream, "a.safetensors");
        Assert.Equal(network.Parameters, loaded.Parameters);
        Assert.Equal((input, outputs, "a"), (loaded.Input, loaded.Outputs, loaded.Name));
        Assert.Equal("tondi2021-densenet40", loaded.Metadata["architecture"]);
    }

    [Fact]
    public void InitializationDependsOnTheSeedAlone()
    {
        Assert.Equal(DenseNet40Network.CreateInitialized(1).Parameters, DenseNet40Network.CreateInitialized(1).Parameters);
        Assert.NotEqual(DenseNet40Network.CreateInitialized(1).Parameters, DenseNet40Network.CreateInitialized(2).Parameters);
    }

    [Theory]
    [InlineData(PrimaryInput.Rgb)]
    [InlineData(PrimaryInput.Luma)]
    public void HighPassFiltersSeeNoMean(PrimaryInput input)
    {
        float[] plain = DenseNet40Network.CreateInitialized(5, input).Parameters;
        float[] passed = DenseNet40Network.CreateInitialized(5, input, initialization: DenseNetInitialization.HighPass).Parameters;
        int channels = input == PrimaryInput.Luma ? 1 : 3, first = 24 * channels * 9;
        Assert.Equal(plain.AsSpan(first), passed.AsSpan(first));
        float[] Filter(int k) => passed[(k * channels * 9)..((k + 1) * channels * 9)];
        for (int k = 0; k < 22; k++)
            for (int c = 0; c < channels; c++)
                Assert.Equal(0, Filter(k)[(c * 9)..(c * 9 + 9)].Sum(w => (double)w), 1e-5);
        for (int k = 0; k < 16; k += 2)
        {
            Assert.Equal(Filter(k).Select(w => -w), Filter(k + 1));
            for (int l = k + 2; l < 16; l += 2)
                Assert.Equal(0, Filter(k).Zip(Filter(l), (a, b) => (double)a * b).Sum(), 1e-4);
        }
        Assert.Equal(plain.AsSpan(22 * channels * 9, 2 * channels * 9), passed.AsSpan(22 * channels * 9, 2 * channels * 9));
    }

    [Theory]
    [InlineData("first.weight", "no tensor 'first.weight'")]
    [InlineData("head.bias", "no tensor 'head.bias'")]
    [InlineData("block2.layer3.gamma", "no tensor 'block2.layer3.gamma'")]
    public void SaysWhichTensorIsMissing(string name, string said) =>
        Assert.Contains(said, Fails(tensors => tensors.RemoveAll(tensor => tensor.Name == name)));

    [Fact]
    public void RefusesWhatIsNoSuchNetwork()
    {
        Assert.Contains("2 input channels", Fails(tensors => Replace(tensors, new Tensor("first.weight", [24, 2, 3, 3], new float[24 * 18]))));
        Assert.Contains("[24]", Fails(tensors => Replace(tensors, new Tensor("first.weight", [24], new float[24]))));
        Assert.Contains("outputs", Fails(tensors => Replace(tensors, new Tensor("head.bias", [0], []))));
        Assert.Contains("head.weight", Fails(tensors => Replace(tensors, new Tensor("head.bias", [14], new float[14]))));
        Assert.Contains("block1.layer1.beta", Fails(tensors => Replace(tensors, new Tensor("block1.layer1.beta", [23], new float[23]))));
        Assert.Contains("not a finite number", Fails(tensors => tensors.Single(tensor => tensor.Name == "block3.mean").Values[7] = float.NaN));
        Assert.Contains("negative variance", Fails(tensors => tensors.Single(tensor => tensor.Name == "block3.variance").Values[7] = -1));
    }

    static void Replace(List<Tensor> tensors, Tensor other) => tensors[tensors.FindIndex(tensor => tensor.Name == other.Name)] = other;

    static string Fails(Action<List<Tensor>> damage)
    {
        DenseNet40Network network = DenseNet40Network.CreateInitialized(3, PrimaryInput.Luma, 15);
        List<Tensor> tensors = [.. DenseNet40Network.ToTensors(network.Architecture, network.Parameters)];
        damage(tensors);
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors);
        stream.Position = 0;
        return Assert.Throws<WeightsFormatException>(() => DenseNet40Network.Load(stream, "bad.safetensors")).Message;
    }
}
