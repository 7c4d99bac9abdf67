using System.Text.Json;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class EvaluateLastVerbTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ThreadsDoNotChangeTheReportAndItsFilesAreWritten()
    {
        for (int i = 0; i < 2; i++)
        {
            Directory.CreateDirectory(folder["data"]);
            using FileStream stream = File.Create(folder[$"data/{i}.png"]);
            PngWriter.Write(stream, SyntheticPicture.Create(144, 120, (ulong)i).View);
        }
        var options = new LastEvaluationOptions
        {
            DataFolders = [folder["data"]], Qualities = [75], Samplings = [ChromaSubsampling.Samp420, ChromaSubsampling.Gray], PhotoshopLevels = [10],
            Pairs = [(60, 90)], Threads = 1,
        };
        LastEvaluationReport report = LastEvaluation.Run(options);
        Assert.Equal(LastEvaluationFiles.ToJson(report), LastEvaluationFiles.ToJson(LastEvaluation.Run(options with { Threads = 2 })));
        Assert.Equal(2 + 2 + 1 + 2, report.Scenarios.Count);
        Assert.All(report.Scenarios, s => Assert.Equal(s.History == LastHistory.None ? 0 : 1, s.Detected));
        Assert.All(report.Scenarios.Where(s => s.History == LastHistory.Single), s => Assert.Equal((1, 1, 0, 1), (s.RightOrigin, s.RightTable, s.WrongTable, s.RightSteps)));
        LastEvaluationFiles.Write(report, folder["out"]);
        Assert.Equal(["evaluation.json", "evaluation.md"], folder.FilesBelow("out"));
        Assert.Contains("| 4:2:0 | 75 | 1.000 | 1.000 |", File.ReadAllText(folder["out/evaluation.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public void TheVerbRunsAndRefusesWrongQualities()
    {
        folder.AddPicture("data/a.png", 70, 64);
        ToolRun run = folder.Run("evaluate", "last", "--data", folder["data"], "--qualities", "90", "--threads", "1", "--json");
        Assert.Equal(0, run.Status);
        JsonElement report = Assert.Single(run.Json);
        Assert.Equal(1, report.GetProperty("pictures").GetInt32());
        Assert.Equal(2, folder.Run("evaluate", "last", "--data", folder["data"], "--qualities", "0").Status);
    }
}
