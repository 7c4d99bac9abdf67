using System.Text.Json;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class EvaluateRegionsVerbTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheVerbMeasuresAndWritesItsTablesAgain()
    {
        Directory.CreateDirectory(folder["data"]);
        for (int i = 0; i < 3; i++)
        {
            using FileStream stream = File.Create(folder[$"data/{i}.png"]);
            PngWriter.Write(stream, SyntheticPicture.Create(200, 168, (ulong)i).View);
        }
        string[] scenarios = ["75+95+85-mixed-90", "75-aligned-90"];
        ToolRun run = folder.Run(
            ["evaluate", "regions", "--data", folder["data"], "--scenarios", .. scenarios, "--pictures-each", "1", "--threads", "1", "--out", folder["out"], "--json",
                "--model", "bianchi-piva2012-aligned", "--model", "shifted=bianchi-piva2012-nonaligned", "--model", "galvan2014", "--model", "primary"]);
        Assert.Equal(0, run.Status);
        JsonElement finders = Assert.Single(run.Json).GetProperty("finders");
        Assert.Equal(
            ["bianchi-piva2012-aligned", "shifted", "galvan2014", "primary"], finders.EnumerateArray().Select(finder => finder.GetProperty("name").GetString()));
        Assert.Equal(["evaluation.json", "evaluation.md", "regions-75+95+85-mixed-90.png"], folder.FilesBelow("out"));

        File.WriteAllText(folder["doc.md"], $"{RegionEvaluationFiles.Begin}\n{RegionEvaluationFiles.End}\n");
        ToolRun again = folder.Run("evaluate", "regions", "--from", folder["out/evaluation.json"], "--into", folder["doc.md"]);
        Assert.Equal(0, again.Status);
        Assert.Contains("| mixed | 90 | primary | 1 |", File.ReadAllText(folder["doc.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public void WrongArgumentsAreRefused()
    {
        folder.AddPicture("data/a.png", 200, 168);
        Assert.Equal(2, folder.Run("evaluate", "regions").Status);
        Assert.Equal(2, folder.Run("evaluate", "regions", "--data", folder["data"], "--from", folder["data/a.png"]).Status);
        Assert.Equal(2, folder.Run("evaluate", "regions", "--from", folder["none.json"]).Status);
        Assert.Equal(2, folder.Run("evaluate", "regions", "--data", folder["data"], "--scenarios", "75-askew-90").Status);
        Assert.Equal(2, folder.Run("evaluate", "regions", "--data", folder["data"], "--model", "nobody").Status);
    }
}
