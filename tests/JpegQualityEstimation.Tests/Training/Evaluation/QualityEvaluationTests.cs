using System.Text.Json;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;
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
        Assert.Equal(JsonValueKind.Null, sampling.GetProperty("splices")[2].GetProperty("bands").ValueKind);
        Assert.Equal(["50-89", "90-96", "97-100"], sampling.GetProperty("splices")[0].GetProperty("bands").EnumerateArray().Select(b => b.GetProperty("qualities").GetString()));
        Assert.Equal("Samp420-60-75", json.GetProperty("models")[0].GetProperty("doubleCompression")[0].EnumerateObject().First().Value.GetString());
        Assert.Equal(QualityEvaluationFiles.ToJson(report), QualityEvaluationFiles.ToJson(QualityEvaluationFiles.FromJson(QualityEvaluationFiles.ToJson(report))));
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
            foreach (SpliceEvaluation splices in sampling.Splices.Where(s => s.Bands is not null))
            {
                Assert.Equal(splices.Count, splices.Bands!.Sum(band => band.Count));
                Assert.Equal(splices.FlagAuc!.Value, splices.Bands!.Sum(band => band.Count * band.FlagAuc) / splices.Count, 9);
                Assert.Equal(splices.QualityBestF1, splices.Bands!.Sum(band => band.Count * band.QualityBestF1) / splices.Count, 9);
            }
        }
        Assert.Equal(10, report.Models[0].DoubleCompression.Count);
        Assert.Equal(5, report.Models[0].DoubleCompression.Count(point => point.Aligned));
        QualityPoint[] uncompressed = [.. report.Models[0].Samplings.Where(s => s.Sampling != ChromaSubsampling.Gray).Select(s => s.NeverCompressed)];
        Assert.All(uncompressed, point => Assert.Equal(uncompressed[0], point));
    }

    [Theory]
    [InlineData(SpliceKind.JpegInNeverCompressed)]
    [InlineData(SpliceKind.NeverCompressedInJpeg)]
    [InlineData(SpliceKind.JpegInJpeg)]
    public void A_splice_is_made_of_what_its_mask_says(SpliceKind kind)
    {
        ImageBuffer host = TrainingScene.Texture(80, 72, 1), donor = TrainingScene.Texture(90, 64, 2);
        foreach (QualityBand band in QualitySplice.BandsOf(kind))
        {
            var random = new CounterRandom(1, 2, 3);
            var splice = QualitySplice.Create(host, donor, kind, band, ChromaSubsampling.Samp420, new JpegRoundTrip(), ref random);
            Assert.Equal((80, 57), (splice.Picture.Width, splice.Picture.Height));
            if (kind != SpliceKind.JpegInJpeg)
                Assert.Equal(kind == SpliceKind.JpegInNeverCompressed, splice.DonorIsLower);
            if (kind == SpliceKind.JpegInNeverCompressed)
            {
                for (int i = 0; i < splice.Mask.Length; i++)
                    if (!splice.Mask[i])
                        Assert.True(splice.Picture.Pixels.AsSpan(3 * i, 3).SequenceEqual(host.Pixels.AsSpan(i / 80 * host.Stride + i % 80 * 3, 3)));
            }
            var again = new CounterRandom(1, 2, 3);
            Assert.Equal(splice.Picture.Pixels, QualitySplice.Create(host, donor, kind, band, ChromaSubsampling.Samp420, new JpegRoundTrip(), ref again).Picture.Pixels);
        }
    }

    [Fact]
    public void Qualities_of_a_band_are_all_drawn_and_no_others()
    {
        var random = new CounterRandom(5, 6, 7);
        var band = new QualityBand(97, 100);
        var drawn = new SortedSet<int>();
        for (int i = 0; i < 100; i++)
            drawn.Add(band.Draw(ref random));
        Assert.Equal([97, 98, 99, 100], drawn);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(85)]
    public void Maps_of_models_that_share_work_are_those_of_their_estimators(int jpegQuality)
    {
        ImageBuffer picture = TrainingScene.Texture(160, 144, 3);
        if (jpegQuality > 0)
            picture = JpegRoundTrip.Apply(picture.View, JpegCompression.FromQuality(jpegQuality));
        QualityNetwork one = QualityNetwork.CreateInitialized(1), two = QualityNetwork.CreateInitialized(2);
        EvaluatedModel[] models =
        [
            new("one", one), new("two alone", two) { NetworkOnly = true }, new("one alone", one) { NetworkOnly = true }, new("two", two),
        ];
        using var maps = new EvaluatedMaps(models);
        var taken = new List<int>();
        maps.Estimate(picture.View, (model, map) =>
        {
            taken.Add(model);
            using IQualityMapEstimator estimator = QualityMapEstimator.Create(
                new() { Network = models[model].Network, NetworkOnly = models[model].NetworkOnly, Threads = 1 });
            QualityMap expected = estimator.Estimate(picture.View);
            Assert.Equal(expected.Quality, map.Quality);
            Assert.Equal(expected.Compressed, map.Compressed);
            Assert.Equal(expected.Summary, map.Summary);
            Assert.Equal(expected.LastCompression is null, map.LastCompression is null);
        }, default);
        Assert.Equal([0, 1, 2, 3], taken);
    }

    [SkippableFact]
    public void The_published_model_tells_jpeg_from_never_compressed()
    {
        string weights = SharedFolder.Require("reference", "uchida2019", "published.safetensors");
        string data = SharedFolder.Require("corpus", "train");
        var options = new QualityEvaluationOptions
        {
            DataFolders = [data],
            Models = [new EvaluatedModel("published", QualityNetwork.Load(weights)) { NetworkOnly = true }],
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
