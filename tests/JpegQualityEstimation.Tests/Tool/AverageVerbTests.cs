using System.Security.Cryptography;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class AverageVerbTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Saved(string name, ulong seed, IReadOnlyDictionary<string, string>? metadata = null)
    {
        PhaseHistogramNetwork drawn = PhaseHistogramNetwork.CreateInitialized(seed);
        using FileStream stream = File.Create(folder[name]);
        new PhaseHistogramNetwork(drawn.Options, drawn.Parameters, name, metadata ?? new Dictionary<string, string>()).Save(stream, halves: false);
        return folder[name];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheMeanIsTaken(bool half)
    {
        string one = Saved("one.safetensors", 1), two = Saved("two.safetensors", 2, new Dictionary<string, string> { ["seed"] = "2", ["calibration.steps"] = "1" });
        ToolRun run = folder.Run(["average", "--model", one, two, "--share", "1", "3", "--out", folder["mean.safetensors"], .. half ? (string[])["--half"] : []]);
        Assert.True(run.Status == 0, run.Error);
        float[] a = PhaseHistogramNetwork.Load(one).Parameters, b = PhaseHistogramNetwork.Load(two).Parameters;
        PhaseHistogramNetwork mean = PhaseHistogramNetwork.Load(folder["mean.safetensors"]);
        for (int i = 0; i < a.Length; i++)
        {
            float expected = (float)(0.25 * a[i] + 0.75 * b[i]);
            Assert.Equal(half ? (float)(Half)expected : expected, mean.Parameters[i]);
        }
        Assert.Equal("2", mean.Metadata["seed"]);
        Assert.Equal("mean", mean.Metadata["name"]);
        Assert.DoesNotContain("calibration.steps", mean.Metadata.Keys);
        string[] lines = mean.Metadata[ModelAverage.Key].TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("0.25 ", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(" two.safetensors", lines[1], StringComparison.Ordinal);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder["mean.safetensors"]))), run.Output.Trim()["sha256: ".Length..]);
    }

    [Fact]
    public void WhatHasNoMeanIsRefused()
    {
        string one = Saved("one.safetensors", 1), dense = folder["dense.safetensors"], short_ = folder["short.safetensors"], absent = folder["absent.safetensors"];
        using (FileStream stream = File.Create(dense))
            DenseNet40Network.CreateInitialized(1, PrimaryInput.Luma, 226).Save(stream);
        using (FileStream stream = File.Create(short_))
            Safetensors.Write(stream, [Safetensors.Read(one).Tensors[0]]);
        Refused("two models", one);
        Refused("statistic", dense, dense);
        Refused("tensors", one, short_);
        Refused("absent.safetensors", one, absent);
        Refused("shares", one, one, "--share", "1");
        Refused("above 0", one, one, "--share", "1", "0");

        void Refused(string reason, params string[] arguments)
        {
            ToolRun run = folder.Run(["average", "--out", folder["mean.safetensors"], "--model", .. arguments]);
            Assert.Equal(2, run.Status);
            Assert.Contains(reason, run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("Parameter", run.Error, StringComparison.Ordinal);
            Assert.False(File.Exists(folder["mean.safetensors"]));
        }
    }
}
