using System.Text.Json;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class QualityEvaluationTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Threads_do_not_change_the_report()
    {
        QualityEvaluationOptions options = Options(TrainingScene.Folder(folder, (80, 72), (72, 90), (75, 75)));
        string one = QualityEvaluationFiles.ToJson(QualityEvaluation.Run(options with { Threads = 1 }));
        Assert.Equal(one, QualityEvaluationFiles.ToJson(QualityEvaluation.Run(options with { Threads = 3 })));
        Assert.NotEqual(one, QualityEvaluationFiles.ToJson(QualityEvaluation.Run(options with { Seed = 2 })));
    }

    [Fact]
    public void The_files_hold_every_model_sampling_and_quality()
    {
        QualityEvaluationOptions options = Options(TrainingScene.Folder(folder, (80, 72), (72, 90)));
        var shares = new List<double>();
        QualityEvaluationReport report = QualityEvaluation.Run(options, new Collect(shares));
        Assert.Equal(1, shares.Max(), 9);
        QualityEvaluationFiles.Write(report, folder.File("out"));
        Assert.Equal(
            ["evaluation.json", "evaluation.md", "figure2-420.png", "figure2-gray.png", "table1-420.png", "table1-gray.png"],
            Directory.GetFiles(folder.File("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        JsonElement json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.File("out"), "evaluation.json"))).RootElement;
        Assert.Equal(2, json.GetProperty("models").GetArrayLength());
        JsonElement sampling = json.GetProperty("models")[1].GetProperty("samplings")[1];
        Assert.Equal("Gray", sampling.GetProperty("sampling").GetString());
        Assert.Equal([50, 95, 100], sampling.GetProperty("points").EnumerateArray().Select(p => p.GetProperty("quality").GetInt32()));
        Assert.Equal(3, sampling.GetProperty("splices").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, sampling.GetProperty("splices")[2].GetProperty("flagAuc").ValueKind);
        string text = File.ReadAllText(Path.Combine(folder.File("out"), "evaluation.md"));
        Assert.Contains("| 4:2:0 | one |", text);
        Assert.Contains("| gray | two |", text);
        Assert.DoesNotContain("NaN", text);
    }

    [Fact]
    public void Figures_are_those_of_the_summaries()
    {
        QualityEvaluationReport report = QualityEvaluation.Run(Options(TrainingScene.Folder(folder, (80, 72), (72, 90))));
        foreach (SamplingEvaluation sampling in report.Models.SelectMany(model => model.Samplings))
        {
            Assert.Equal(sampling.Points.Average(p => p.Error), sampling.Error, 9);
            Assert.Equal(sampling.Points.Where(p => p.Quality is >= 10 and <= 95).Average(p => p.Error), sampling.ErrorInner, 9);
            Assert.Equal(sampling.Points.Where(p => p.Quality <= 95).Average(p => p.Flagged), sampling.FlaggedAtMost95, 9);
            Assert.All(sampling.Points, p => Assert.True(p.Error >= Math.Abs(p.Mean - p.Quality) - 1e-9));
            Assert.All(sampling.Splices, s => Assert.InRange(s.QualityAuc, 0, 1));
        }
        Assert.Equal(4, report.Models[0].DoubleCompression.Count);
    }

    [SkippableFact]
    public void The_published_model_tells_jpeg_from_never_compressed()
    {
        string weights = SharedFolder.Require("reference", "uchida2019", "published.safetensors");
        string data = SharedFolder.Require("corpus", "train");
        var options = new QualityEvaluationOptions
        {
            DataFolders = [data],
            Models = [new EvaluatedModel("published", QualityNetwork.Load(weights))],
            MaxPictures = 2,
            Qualities = [30, 80],
            Samplings = [ChromaSubsampling.Samp420],
            DoubleCompression = false,
        };
        SamplingEvaluation figures = QualityEvaluation.Run(options).Models[0].Samplings[0];
        Assert.InRange(figures.Error, 0, 8);
        Assert.Equal(1, figures.FlaggedAtMost95);
        Assert.Equal(0, figures.NeverCompressed.Flagged);
        Assert.All(figures.Splices.Where(s => s.FlagAuc is not null), s => Assert.InRange(s.FlagAuc!.Value, 0.8, 1));
    }

    static QualityEvaluationOptions Options(string data) => new()
    {
        DataFolders = [data],
        Models =
        [
            new EvaluatedModel("one", QualityNetwork.CreateInitialized(1)),
            new EvaluatedModel("two", QualityNetwork.CreateInitialized(2)),
        ],
        Qualities = [50, 95, 100],
        Samplings = [ChromaSubsampling.Samp420, ChromaSubsampling.Gray],
        Threads = 2,
    };

    sealed class Collect(List<double> shares) : IProgress<double>
    {
        public void Report(double value)
        {
            lock (shares)
                shares.Add(value);
        }
    }
}
