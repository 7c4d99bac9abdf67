using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Tool;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class RobustnessEvaluationTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ThreadsDoNotChangeTheReportAndItIsReadBack()
    {
        Directory.CreateDirectory(folder["data"]);
        for (int i = 0; i < 2; i++)
            OutputFile.Write(folder[$"data/{i}.png"], stream => PngWriter.Write(stream, SyntheticPicture.Create(176, 168, (ulong)i).View));
        var options = new RobustnessEvaluationOptions
        {
            DataFolders = [folder["data"]], Quality = QualityNetwork.CreateInitialized(5), Primary = PrimaryNetworks.Bundled("primary"),
            Qualities = [75], FirstQualities = [75], Threads = 1,
        };
        RobustnessEvaluationReport report = RobustnessEvaluation.Run(options);
        string json = RobustnessEvaluationFiles.ToJson(report);
        Assert.Equal(json, RobustnessEvaluationFiles.ToJson(RobustnessEvaluation.Run(options with { Threads = 2 })));
        Assert.Equal(json, RobustnessEvaluationFiles.ToJson(RobustnessEvaluationFiles.FromJson(json)));
        Assert.Equal(["nothing", "PNG"], report.Alterations.Where(a => a.Unchanged).Select(a => a.Name));
        AlterationEvaluation nothing = report.Alterations[0], png = report.Alterations[1];
        Assert.Equal((nothing.Told, nothing.Found, nothing.NeverCompressed), (png.Told, png.Found, png.NeverCompressed));
        Assert.True(nothing.Told is { Pictures: 1, RightTable: 1, Accuracy: > 0.5 });
        RobustnessEvaluationFiles.Write(report, folder["out"]);
        Assert.Equal(["evaluation.json", "evaluation.md"], folder.FilesBelow("out"));
    }

    [Fact]
    public void AlterationsKeepWhatTheyShould()
    {
        ImageBuffer picture = SyntheticPicture.Create(160, 160, 3);
        foreach (Alteration alteration in Alteration.All)
        {
            ImageBuffer altered = alteration.Apply(picture, 1);
            Assert.Equal(altered.Width, altered.Height);
            Assert.True(altered.Width >= 64, alteration.Name);
            Assert.Equal(altered.Pixels, alteration.Apply(picture, 1).Pixels);
        }
        Assert.Equal(80, Alteration.All.Single(a => a.Name == "resize 0.5").Apply(picture, 1).Width);
        Assert.NotEqual(Alteration.All.Single(a => a.Name == "noise 1").Apply(picture, 1).Pixels, Alteration.All.Single(a => a.Name == "noise 1").Apply(picture, 2).Pixels);
    }
}
