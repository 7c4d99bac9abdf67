using System.Runtime.InteropServices;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Onnx;
using Xunit;

namespace JpegQualityEstimation.Tests.Onnx;

public sealed class OnnxStructureTests
{
    [Fact]
    public void QualityNetworkIsSevenConvolutions()
    {
        QualityNetwork network = QualityNetwork.CreateInitialized(3);
        OnnxFile model = Read(stream => OnnxExport.Write(stream, network));
        RequireSound(model);
        Assert.Equal(["image[n,3,height,width]"], model.Values(11));
        Assert.Equal(["maps[n,2,height,width]"], model.Values(12));
        Assert.Equal(["Conv", "Relu", "Conv", "Relu", "Conv", "Relu", "Conv", "Relu", "Conv", "Relu", "Conv", "Relu", "Conv"], model.Nodes.Select(n => n.Text(4)));
        long[] dilations = [.. model.Nodes.Where(n => n.Text(4) == "Conv").SelectMany(n => n.Messages(5).Single(a => a.Text(1) == "dilations").Numbers(8))];
        Assert.Equal([1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 2, 2, 1, 1], dilations);
        Assert.Equal(network.Parameters, Floats(model.Constants));
        Assert.Equal(network.Name, model.Metadata["name"]);
        Assert.Equal("uchida2019", model.Metadata["architecture"]);
    }

    [Theory]
    [InlineData(PrimaryInput.Rgb, "windows[n,3,64,64]")]
    [InlineData(PrimaryInput.Luma, "windows[n,1,64,64]")]
    public void DenseNet40HoldsEveryParameter(PrimaryInput input, string windows)
    {
        DenseNet40Network network = DenseNet40Network.CreateInitialized(3, input);
        OnnxFile model = Read(stream => OnnxExport.Write(stream, network));
        RequireSound(model);
        Assert.Equal([windows], model.Values(11));
        Assert.Equal(["logits[n,226]", "probabilities[n,226]"], model.Values(12));
        Assert.Equal(39, model.Nodes.Count(n => n.Text(4) == "Conv"));
        Assert.Equal(39, model.Nodes.Count(n => n.Text(4) == "BatchNormalization"));
        float[] trainable = Floats(model.Constants.Where(c => !c.Text(8).EndsWith(".mean", StringComparison.Ordinal)
            && !c.Text(8).EndsWith(".variance", StringComparison.Ordinal) && c.Text(8) != "blocks.sizes"));
        Assert.Equal(network.Architecture.TrainableCount, trainable.Length);
        Assert.Equal(network.Parameters[..trainable.Length].Order(), trainable.Order());
    }

    [Fact]
    public void ARegressionHeadGivesSteps()
    {
        OnnxFile model = Read(stream => OnnxExport.Write(stream, DenseNet40Network.CreateInitialized(3, outputs: 15)));
        RequireSound(model);
        Assert.Equal(["steps[n,15]"], model.Values(12));
    }

    [Fact]
    public void TheCallersMetadataStand()
    {
        OnnxFile model = Read(stream => OnnxExport.Write(stream, QualityNetwork.CreateInitialized(3), new Dictionary<string, string> { ["weights_sha256"] = "ab" }));
        Assert.Equal("ab", model.Metadata["weights_sha256"]);
        Assert.Equal(64, model.Metadata["parameters_sha256"].Length);
    }

    [Fact]
    public void APhaseHistogramNetworkIsRefused()
    {
        using var weights = new MemoryStream();
        PhaseHistogramNetwork.CreateInitialized(1).Save(weights);
        weights.Position = 0;
        PrimaryNetwork network = PrimaryNetwork.Load(weights, "histograms");
        NotSupportedException refusal = Assert.Throws<NotSupportedException>(() => OnnxExport.Write(Stream.Null, network));
        Assert.Contains("DCT", refusal.Message, StringComparison.Ordinal);
    }

    static OnnxFile Read(Action<Stream> write)
    {
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        write(first);
        write(second);
        Assert.Equal(first.ToArray(), second.ToArray());
        return new OnnxFile(first.ToArray());
    }

    // Versions; and every name is made once, before it is read, with as many numbers as its shape asks for.
    static void RequireSound(OnnxFile model)
    {
        Assert.Equal(8, model.Number(1));
        Assert.Equal(13, model.Message(8).Number(2));
        var made = new HashSet<string>();
        foreach (string name in model.Graph.Messages(11).Select(v => v.Text(1)).Concat(model.Constants.Select(c => c.Text(8))))
            Assert.True(made.Add(name), name);
        foreach (OnnxFile node in model.Nodes)
        {
            Assert.All(node.Texts(1), input => Assert.Contains(input, made));
            Assert.All(node.Texts(2), output => Assert.True(made.Add(output), output));
        }
        Assert.All(model.Graph.Messages(12), output => Assert.Contains(output.Text(1), made));
        foreach (OnnxFile constant in model.Constants)
            Assert.Equal(constant.Numbers(1).Aggregate(1L, (p, e) => p * e) * (constant.Number(2) == 1 ? 4 : 8), constant.Bytes(9).Length);
    }

    static float[] Floats(IEnumerable<OnnxFile> constants) =>
        [.. constants.SelectMany(c => MemoryMarshal.Cast<byte, float>(c.Bytes(9)).ToArray())];
}
