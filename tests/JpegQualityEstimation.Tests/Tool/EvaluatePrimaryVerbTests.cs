using System.Security.Cryptography;
using System.Text.Json;
using JpegQualityEstimation.Models;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class EvaluatePrimaryVerbTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    string[] Command(params string[] more)
    {
        folder.AddPicture("data/a.png", 80, 90);
        folder.AddBytes("data/photo.jpg", 0xFF, 0xD8, 0xFF);
        return ["evaluate", "primary", "--data", folder["data"], "--threads", "1", .. more];
    }

    // An untrained network.
    string Model()
    {
        Skip.IfNot(PrimaryArchitectures.Known.ContainsKey(PhaseHistogramArchitecture.Id), "this build runs no phase-histogram network");
        string path = folder["primary.safetensors"];
        using FileStream stream = File.Create(path);
        PhaseHistogramNetwork.CreateInitialized(1).Save(stream, new Dictionary<string, string> { ["name"] = "untrained" });
        return path;
    }

    [Fact]
    public void TablesGoToStandardOutputAndToFilesWhereAsked()
    {
        ToolRun run = folder.Run(Command("--model", "closed-form", "--scenarios", "aligned-90", "single-90", "--windows", "1", "--windows-each", "1", "--out", folder["report"]));
        Assert.Equal(0, run.Status);
        Assert.Contains("| aligned-90 | closed-form | 39 |", run.Output, StringComparison.Ordinal);
        Assert.Contains("skipped data/photo.jpg: is a JPEG file", run.Error, StringComparison.Ordinal);
        Assert.Equal(
            [
                "accuracy-aligned-90.png", "evaluation.json", "evaluation.md", "mse-aligned-90.png", "step-accuracy-aligned-90.png",
                "step-accuracy-single-90.png", "step-mse-aligned-90.png", "step-mse-single-90.png",
            ],
            folder.FilesBelow("report"));
        Assert.Equal(run.Output.Trim(), File.ReadAllText(folder["report/evaluation.md"]).Trim());
    }

    [SkippableFact]
    public void JsonIsOneObjectOnOneLineWithEveryModelAndItsHash()
    {
        string model = Model();
        ToolRun run = folder.Run(Command(
            "--model", $"ours={model}", "--model", $"theirs={model}", "--second", "70", "--scenarios", "single-70", "--windows", "1",
            "--windows-each", "1", "--subsampling", "444", "--json"));
        Assert.Equal(0, run.Status);
        JsonElement report = Assert.Single(run.Json);
        Assert.Equal("Samp444", report.GetProperty("subsampling").GetString());
        JsonElement[] models = [.. report.GetProperty("models").EnumerateArray()];
        Assert.Equal(["ours", "theirs"], models.Select(m => m.GetProperty("name").GetString()));
        Assert.All(models, m => Assert.Equal(64, m.GetProperty("sha256").GetString()!.Length));
        Assert.Equal(
            ["single-70", "nonaligned-70", "aligned-70"], models[0].GetProperty("scenarios").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.Equal(models[0].GetProperty("scenarios").ToString(), models[1].GetProperty("scenarios").ToString());
    }

    [Fact]
    public void SpecialisedModelsHaveNamesAndHashes()
    {
        ToolRun run = folder.Run(Command(
            "--model", "primary-90", "--model", "other=primary-80", "--scenarios", "single-90", "--windows", "1", "--windows-each", "1", "--json"));
        Assert.Equal(0, run.Status);
        JsonElement[] models = [.. Assert.Single(run.Json).GetProperty("models").EnumerateArray()];
        Assert.Equal(["primary-90", "other"], models.Select(m => m.GetProperty("name").GetString()));
        foreach ((JsonElement model, string name) in models.Zip(["primary-90", "primary-80"]))
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(SpecialisedModels.Read(name)!)), model.GetProperty("sha256").GetString());
    }

    [Fact]
    public void TwoModelsOfOneNameAreRefused()
    {
        ToolRun run = folder.Run(Command("--model", "closed-form", "--model", "closed-form"));
        Assert.Equal(2, run.Status);
        Assert.Contains("NAME=FILE", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderWithoutPicturesIsAnErrorOfOneLine()
    {
        Directory.CreateDirectory(folder["none"]);
        ToolRun run = folder.Run("evaluate", "primary", "--data", folder["none"], "--model", "closed-form");
        Assert.Equal(1, run.Status);
        Assert.StartsWith("jqe: data: no usable picture", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ARegressionIsJustAnotherModel()
    {
        string path = folder["niu.safetensors"];
        using (FileStream stream = File.Create(path))
            DenseNet40Network.CreateInitialized(1, PrimaryInput.Rgb, 15).Save(stream, new Dictionary<string, string> { ["name"] = "niu2020" });
        ToolRun run = folder.Run(Command("--model", path, "--pictures", "1", "--scenarios", "single-90", "--windows", "1", "--windows-each", "1", "--json"));
        Assert.Equal("", run.Error.Replace("skipped data/photo.jpg: is a JPEG file", "", StringComparison.Ordinal).Trim());
        Assert.Equal("niu2020", Assert.Single(run.Json).GetProperty("models")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void TheClosedFormNeedsNoFile()
    {
        ToolRun run = folder.Run(Command(
            "--model", "closed-form", "--model", "comb=closed-form", "--scenarios", "nonaligned-90", "--windows", "1", "--windows-each", "1", "--json"));
        Assert.Equal(0, run.Status);
        JsonElement[] models = [.. Assert.Single(run.Json).GetProperty("models").EnumerateArray()];
        Assert.Equal(["closed-form", "comb"], models.Select(m => m.GetProperty("name").GetString()));
        Assert.Equal(models[0].GetProperty("scenarios").ToString(), models[1].GetProperty("scenarios").ToString());
    }

    [Fact]
    public void AModelOfAnotherKindIsNamedWithTheReason()
    {
        ToolRun run = folder.Run(Command("--model", folder.Model));
        Assert.Equal(2, run.Status);
        Assert.Contains("model.safetensors", run.Error, StringComparison.Ordinal);
        Assert.Contains("architecture 'uchida2019'", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--data", "absent")]
    [InlineData("--model", "absent.safetensors")]
    [InlineData("--device", "cuda")]
    public void WhatIsNotThereIsWrongUsage(string option, string value)
    {
        string[] command = Command();
        ToolRun run = folder.Run(option == "--data" ? ["evaluate", "primary", "--data", value] : [.. command, option, value]);
        Assert.Equal(2, run.Status);
        Assert.Empty(run.Output);
        Assert.StartsWith("jqe: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(value, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--scenarios", "sideways-90")]
    [InlineData("--second", "0")]
    [InlineData("--second", "101")]
    [InlineData("--windows", "-1")]
    [InlineData("--windows-each", "33")]
    [InlineData("--pictures", "-1")]
    [InlineData("--subsampling", "411")]
    [InlineData("--threads", "0")]
    public void ValuesOutOfRangeAreWrongUsage(string option, string value)
    {
        ToolRun run = folder.Run(Command("--model", "closed-form", option, value));
        Assert.Equal(2, run.Status);
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }
}
