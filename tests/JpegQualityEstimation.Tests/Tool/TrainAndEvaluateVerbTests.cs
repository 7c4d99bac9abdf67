using System.Text.Json;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class TrainAndEvaluateVerbTests : IDisposable
{
    const string Recipe = """{"name":"tiny","patchSize":16,"batchSize":1,"steps":2,"phase":"random"}""";

    readonly ToolFolder folder = new();
    readonly TemporaryFolder pictures = new();

    public void Dispose()
    {
        folder.Dispose();
        pictures.Dispose();
    }

    [Fact]
    public void A_model_is_trained_resumed_and_evaluated()
    {
        string data = TrainingScene.Folder(pictures, (80, 72), (72, 90));
        File.WriteAllBytes(Path.Combine(data, "photo.jpg"), [0xFF, 0xD8, 0xFF]);
        string recipe = pictures.File("tiny.json"), model = Path.Combine(pictures.Path, "new", "model.safetensors");
        File.WriteAllText(recipe, Recipe);
        ToolRun run = folder.Run("train", "quality", "--data", data, "--out", model, "--recipe", recipe, "--seed", "7", "--threads", "1");
        Assert.Equal(0, run.Status);
        Assert.Contains("photo.jpg", run.Error);
        Assert.Contains("Finished after step 2", run.Error);
        Assert.Equal("7", QualityNetwork.Load(model).Metadata["seed"]);

        run = folder.Run("train", "quality", "--data", data, "--out", model, "--resume", "--steps", "3", "--seed", "7");
        Assert.Equal(0, run.Status);
        Assert.Equal("3", QualityNetwork.Load(model).Metadata["steps"]);

        run = folder.Run("train", "quality", "--data", data, "--out", model, "--resume", "--seed", "8");
        Assert.Equal(1, run.Status);
        Assert.Contains("seed 7", run.Error);

        string report = pictures.File("report");
        run = folder.Run(
            "evaluate", "quality", "--data", data, "--model", model, "--model", $"other={folder.Model}", "--qualities", "50", "95",
            "--splices", "0", "--pictures", "1", "--out", report, "--json");
        Assert.Equal(0, run.Status);
        JsonElement json = Assert.Single(run.Json);
        Assert.Equal(["model", "other"], json.GetProperty("models").EnumerateArray().Select(m => m.GetProperty("name").GetString()));
        Assert.Equal(1, json.GetProperty("pictures").GetInt32());
        Assert.True(File.Exists(Path.Combine(report, "evaluation.md")));
    }

    [Theory]
    [InlineData("train", "quality", "--out", "x.safetensors")]
    [InlineData("train", "quality", "--data", "here", "--out", "x.safetensors", "--recipe", "nothere")]
    [InlineData("train", "quality", "--data", "here", "--out", "x.safetensors", "--threads", "0")]
    [InlineData("train", "quality", "--data", "here", "--out", "x.safetensors", "--minutes", "0")]
    [InlineData("train", "quality", "--data", "here", "--out", "x.safetensors", "--steps", "0")]
    [InlineData("train", "quality", "--data", "here", "--out", "x.safetensors", "--device", "cuda")]
    [InlineData("evaluate", "quality")]
    [InlineData("evaluate", "quality", "--data", "here", "--model", "nothere.safetensors")]
    [InlineData("evaluate", "quality", "--data", "here", "--device", "cuda")]
    [InlineData("evaluate", "quality", "--data", "here", "--pictures", "-1")]
    public void Wrong_usage_is_status_2(params string[] arguments)
    {
        ToolRun run = folder.Run(Array.ConvertAll(arguments, argument => argument == "here" ? pictures.Path : argument));
        Assert.Equal(2, run.Status);
        Assert.DoesNotContain("   at ", run.Error);
    }
}
