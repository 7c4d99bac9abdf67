using System.Buffers.Binary;
using System.Text.Json;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Training;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class CalibrateVerbTests : IDisposable
{
    readonly ToolFolder folder = new();
    readonly string model;

    public CalibrateVerbTests()
    {
        Directory.CreateDirectory(folder["data"]);
        for (int i = 0; i < 3; i++)
            TrainingScene.Save(folder[$"data/p{i}.png"], TrainingScene.Texture(136, 130, i));
        model = folder["primary.safetensors"];
        using FileStream stream = File.Create(model);
        PhaseHistogramNetwork.CreateInitialized(1).Save(stream, halves: true);
    }

    public void Dispose() => folder.Dispose();

    static byte[] Values(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        return file[(8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(file))..];
    }

    [Fact]
    public void PrimaryGetsACalibrationAndKeepsItsTensors()
    {
        ToolRun run = folder.Run("calibrate", "primary", "--data", folder["data"], "--model", model, "--out", folder["out.safetensors"], "--windows", "4", "--threads", "1", "--json");
        Assert.True(run.Status == 0, run.Error);
        JsonElement result = Assert.Single(run.Json);
        Assert.Equal(1, result.GetProperty("heldOut").GetInt32());
        JsonElement steps = result.GetProperty("steps");
        Assert.True(steps.GetProperty("after").GetProperty("nll").GetDouble() <= steps.GetProperty("before").GetProperty("nll").GetDouble());
        Assert.Equal(9, result.GetProperty("answered").EnumerateObject().Count());
        Assert.Equal(Values(model), Values(folder["out.safetensors"]));
        PrimaryNetwork calibrated = PrimaryNetwork.Load(folder["out.safetensors"]);
        Assert.NotSame(PrimaryCalibration.None, calibrated.Calibration);
        Assert.Contains("1 pictures held out of manifest", calibrated.Metadata["calibration.data"], StringComparison.Ordinal);
        ToolRun again = folder.Run("calibrate", "primary", "--data", folder["data"], "--model", folder["out.safetensors"], "--out", folder["again.safetensors"], "--windows", "4", "--threads", "2");
        Assert.Equal(0, again.Status);
        Assert.Equal(File.ReadAllBytes(folder["out.safetensors"]), File.ReadAllBytes(folder["again.safetensors"]));
    }

    [Fact]
    public void QualityGetsALogisticMapUnlessItsFlagFalls()
    {
        ToolRun run = folder.Run("calibrate", "quality", "--data", folder["data"], "--model", folder.Model, "--out", folder["q.safetensors"], "--threads", "2");
        // An untrained network's flag may fall with compression.
        if (run.Status != 0)
        {
            Assert.Contains("does not rise", run.Error, StringComparison.Ordinal);
            return;
        }
        Assert.NotNull(QualityNetwork.Load(folder["q.safetensors"]).Calibration);
        Assert.Equal(Values(folder.Model), Values(folder["q.safetensors"]));
        Assert.Contains("calibration.flag:", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("calibrate")]
    [InlineData("calibrate primary")]
    [InlineData("calibrate primary --data . --model absent.safetensors --out x.safetensors")]
    [InlineData("evaluate calibration")]
    [InlineData("evaluate calibration --data . --model absent.safetensors")]
    [InlineData("evaluate calibration --data . --second 0")]
    public void WrongUsageIsSaid(string arguments) => Assert.Equal(2, folder.Run(arguments.Split(' ')).Status);

    [Fact]
    public void ThreadsDoNotChangeTheEvaluationAndItsFilesAreWritten()
    {
        var options = new CalibrationEvaluationOptions
        {
            DataFolders = [folder["data"]], Primary = PrimaryNetwork.Load(model), Quality = QualityNetwork.Load(folder.Model), Windows = 4, SecondQualities = [90],
            MaxPictures = 1, Threads = 1,
        };
        CalibrationEvaluationReport report = CalibrationEvaluation.Run(options);
        Assert.Equal(CalibrationEvaluationFiles.ToJson(report), CalibrationEvaluationFiles.ToJson(CalibrationEvaluation.Run(options with { Threads = 2 })));
        Assert.Equal(["nonaligned-90", "aligned-90", "single-90", "any-90", "all"], report.Steps.Select(pair => pair.Name));
        Assert.Equal(["nonaligned-90", "aligned-90", "any-90", "all"], report.Shifts.Select(pair => pair.Name));
        Assert.All(report.Steps, pair => Assert.Equal(pair.Before.Error, pair.After.Error));
        Assert.Equal(["90", "all"], report.Thresholds[0].Qualities.Select(quality => quality.Name));
        Assert.Equal(CalibrationEvaluationFiles.ToMarkdown(report), CalibrationEvaluationFiles.ToMarkdown(CalibrationEvaluationFiles.FromJson(CalibrationEvaluationFiles.ToJson(report))));
        CalibrationEvaluationFiles.Write(report, folder["out"]);
        Assert.Equal(
            ["evaluation.json", "evaluation.md", "reliability-flag.png", "reliability-shift.png", "reliability-steps.png"], folder.FilesBelow("out"));
    }
}
