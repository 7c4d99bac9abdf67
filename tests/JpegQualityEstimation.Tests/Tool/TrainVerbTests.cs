using JpegQualityEstimation.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class TrainVerbTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AnInterruptedTrainingLeavesAModelToUseAndACheckpointToResume()
    {
        for (int i = 0; i < 3; i++)
            folder.AddPicture($"data/{i}.png", 300, 300, i);
        ToolRun run = folder.RunWith(
            "", new CancellationToken(canceled: true), "train", "quality", "--data", folder["data"], "--out", folder["out/m.safetensors"], "--threads", "1");
        Assert.Equal(130, run.Status);
        Assert.Contains("m.safetensors", folder.FilesBelow("out"));
        Assert.Contains("m.checkpoint.safetensors", folder.FilesBelow("out"));
        using IQualityMapEstimator estimator = QualityMapEstimator.Create(new() { ModelPath = folder["out/m.safetensors"] });
        Assert.Equal("m", estimator.ModelName);
    }

    [Fact]
    public void AFolderWithoutPicturesIsAnErrorOfOneLine()
    {
        Directory.CreateDirectory(folder["none"]);
        ToolRun run = folder.Run("train", "quality", "--data", folder["none"], "--out", folder["m.safetensors"]);
        Assert.Equal(1, run.Status);
        Assert.StartsWith("jqe: data: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownRecipeIsWrongUsage()
    {
        Directory.CreateDirectory(folder["data"]);
        ToolRun run = folder.Run("train", "quality", "--data", folder["data"], "--out", folder["m.safetensors"], "--recipe", "absent");
        Assert.Equal(2, run.Status);
        Assert.Contains("absent", run.Error, StringComparison.Ordinal);
    }
}
