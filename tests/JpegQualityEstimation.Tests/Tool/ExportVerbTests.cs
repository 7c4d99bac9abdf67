using System.Security.Cryptography;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Onnx;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class ExportVerbTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AWeightFileBecomesAModelThatNamesIt()
    {
        ToolRun run = folder.Run("export", "--onnx", folder["quality.onnx"], "--model", folder.Model, "--json");
        Assert.Equal(0, run.Status);
        var model = new OnnxFile(File.ReadAllBytes(folder["quality.onnx"]));
        Assert.Equal(["maps[n,2,height,width]"], model.Values(12));
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder.Model)));
        Assert.Equal(sha256, model.Metadata["weights_sha256"]);
        Assert.Equal(sha256, Assert.Single(run.Json).GetProperty("sha256").GetString());
    }

    [Fact]
    public void TheBundledQualityNetworkIsTheDefault()
    {
        Assert.Equal(0, folder.Run("export", "--onnx", folder["bundled.onnx"]).Status);
        Assert.Equal(QualityNetwork.Bundled.Name, new OnnxFile(File.ReadAllBytes(folder["bundled.onnx"])).Metadata["name"]);
    }

    [Fact]
    public void ADenseNetIsExported()
    {
        using (FileStream stream = File.Create(folder["dense.safetensors"]))
            DenseNet40Network.CreateInitialized(1).Save(stream);
        Assert.Equal(0, folder.Run("export", "--onnx", folder["dense.onnx"], "--model", folder["dense.safetensors"]).Status);
        Assert.Contains("logits[n,226]", new OnnxFile(File.ReadAllBytes(folder["dense.onnx"])).Values(12));
    }

    [Fact]
    public void APhaseHistogramNetworkIsRefusedWithTheReason()
    {
        using (FileStream stream = File.Create(folder["phase.safetensors"]))
            PhaseHistogramNetwork.CreateInitialized(1).Save(stream);
        ToolRun run = folder.Run("export", "--onnx", folder["phase.onnx"], "--model", folder["phase.safetensors"]);
        Assert.Equal(2, run.Status);
        Assert.Contains("histograms of DCT coefficients", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["phase.onnx"]));
    }

    [Fact]
    public void WhatIsMissingOrBrokenIsWrongUsage()
    {
        Assert.Equal(2, folder.Run("export").Status);
        Assert.Equal(2, folder.Run("export", "--onnx", folder["x.onnx"], "--model", folder["absent"]).Status);
        Assert.Equal(2, folder.Run("export", "--onnx", folder["x.onnx"], "--model", folder.AddBytes("broken", 1, 2, 3)).Status);
    }
}
