using System.Text.Json;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class EvaluateVerbTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    string[] Command(params string[] more)
    {
        folder.AddPicture("data/a.png", 64, 64);
        return ["evaluate", "quality", "--data", folder["data"], "--quick", "--qualities", "50", "--splices", "0", "--threads", "1", .. more];
    }

    [Fact]
    public void TablesGoToStandardOutputAndToFilesWhereAsked()
    {
        ToolRun run = folder.Run(Command("--model", folder.Model, "--out", folder["report"]));
        Assert.Equal(0, run.Status);
        Assert.Contains("|", run.Output, StringComparison.Ordinal);
        Assert.Contains("untrained-5", run.Output, StringComparison.Ordinal);
        Assert.Contains("evaluation.json", folder.FilesBelow("report"));
        Assert.Contains("evaluation.md", folder.FilesBelow("report"));
        Assert.Contains(folder.FilesBelow("report"), file => file.EndsWith(".png", StringComparison.Ordinal));
    }

    [Fact]
    public void JsonIsOneObjectOnOneLineWithEveryModel()
    {
        ToolRun run = folder.Run(Command("--model", $"ours={folder.Model}", "--model", $"theirs={folder.Model}", "--json"));
        Assert.Equal(0, run.Status);
        JsonElement report = Assert.Single(run.Json);
        Assert.Contains("ours", report.ToString(), StringComparison.Ordinal);
        Assert.Contains("theirs", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void NetworksAloneStandBesideWhatIsServed()
    {
        ToolRun run = folder.Run(Command("--network", $"alone={folder.Model}", "--model", folder.Model, "--network", folder.Model, "--json"));
        Assert.Equal(0, run.Status);
        JsonElement models = Assert.Single(run.Json).GetProperty("models");
        Assert.Equal(["untrained-5", "alone", "untrained-5, network alone"], models.EnumerateArray().Select(model => model.GetProperty("name").GetString()));
        Assert.Equal([false, true, true], models.EnumerateArray().Select(model => model.GetProperty("networkOnly").GetBoolean()));
    }

    [Fact]
    public void TheBundledModelHasAName()
    {
        ToolRun run = folder.Run(Command("--model", "ours=quality", "--network", "alone=quality"));
        Assert.Equal(0, run.Status);
        Assert.Contains("| ours |", run.Output, StringComparison.Ordinal);
        Assert.Contains("without evidence of the last grid: alone.", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, folder.Run(Command("--network", "absent")).Status);
    }

    [Fact]
    public void TwoModelsOfOneNameAreRefused()
    {
        ToolRun run = folder.Run(Command("--model", folder.Model, "--model", folder.Model));
        Assert.Equal(2, run.Status);
        Assert.Contains("NAME=FILE", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderWithoutPicturesIsAnErrorOfOneLine()
    {
        Directory.CreateDirectory(folder["none"]);
        ToolRun run = folder.Run("evaluate", "quality", "--data", folder["none"], "--model", folder.Model);
        Assert.Equal(1, run.Status);
        Assert.StartsWith("jqe: data: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }
}
