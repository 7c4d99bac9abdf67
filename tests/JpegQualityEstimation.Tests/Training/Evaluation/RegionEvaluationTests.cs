using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class RegionEvaluationTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Threads_and_other_scenarios_do_not_change_a_number()
    {
        RegionEvaluationOptions options = Options(["75+95+85-mixed-90", "75-aligned-90", "75+70-shifted-80"], Reader("halves", Halves), Reader("nothing", _ => 0));
        RegionEvaluationReport report = RegionEvaluation.Run(options);
        string one = RegionEvaluationFiles.ToJson(report);
        Assert.Equal(one, RegionEvaluationFiles.ToJson(RegionEvaluation.Run(options with { Threads = 5 })));
        Assert.NotEqual(one, RegionEvaluationFiles.ToJson(RegionEvaluation.Run(options with { Seed = 2 })));
        RegionEvaluationReport alone = RegionEvaluation.Run(options with { Scenarios = [options.Scenarios[2]] });
        Assert.Equal(report.Finders[0].Scenarios[2], alone.Finders[0].Scenarios[0]);
    }

    [Fact]
    public void Who_finds_nothing_raises_no_alarm_and_who_marks_half_does()
    {
        RegionEvaluationReport report = RegionEvaluation.Run(Options(["75+95-aligned-90", "75-aligned-90"], Reader("halves", Halves), Reader("nothing", _ => 0)));
        RegionFinderEvaluation halves = report.Finders[0], nothing = report.Finders[1];
        Assert.Equal((1.0, 0.5, 0.0), (halves.Genuine[0].Figures.MarkedPictures, halves.Genuine[0].Figures.MarkedArea, halves.Genuine[0].Figures.SourcesRight));
        Assert.Equal((0.0, 0.0, 1.0), (nothing.Genuine[0].Figures.MarkedPictures, nothing.Genuine[0].Figures.MarkedArea, nothing.Genuine[0].Figures.SourcesRight));
        Assert.Equal((0.0, 0.0, 0.0), (nothing.Spliced[0].Figures.F1, nothing.Spliced[0].Figures.SourcesRight, nothing.Spliced[0].Figures.AllF1));
        Assert.Null(nothing.Spliced[0].Figures.StepAccuracy);
        Assert.Equal(1, halves.Spliced[0].Figures.SourcesRight);
    }

    [Fact]
    public void Finders_are_asked_only_what_they_can_tell()
    {
        EvaluatedRegionFinder aligned = Reader("a", _ => 0) with { Reach = RegionReach.AlignedGround, TellsSources = false }, shifted = aligned with { Name = "s", Reach = RegionReach.ShiftedSource };
        RegionEvaluationReport report = RegionEvaluation.Run(Options(["75+95-aligned-90", "75+95-shifted-90", "75+95-mixed-90", "0-aligned-90"], aligned, shifted));
        Assert.Equal(["75+95-aligned-90", "75+95-mixed-90", "0-aligned-90"], report.Finders[0].Scenarios.Select(scenario => scenario.Name));
        Assert.Equal(["75+95-shifted-90", "75+95-mixed-90", "0-aligned-90"], report.Finders[1].Scenarios.Select(scenario => scenario.Name));
        Assert.Null(report.Finders[0].Spliced[0].Figures.F1);
        Assert.NotNull(report.Finders[0].Spliced[0].Figures.AllF1);
        Assert.Empty(report.Finders[0].Areas);
    }

    [Fact]
    public void The_files_hold_the_report_and_documents_are_renewed()
    {
        RegionEvaluationReport report = RegionEvaluation.Run(Options(["75+95+85-mixed-90", "75-aligned-90"], Reader("halves", Halves)));
        RegionEvaluationFiles.Write(report, folder.File("out"));
        string json = File.ReadAllText(Path.Combine(folder.File("out"), "evaluation.json"));
        RegionEvaluationReport read = RegionEvaluationFiles.FromJson(json);
        Assert.Equal(json, RegionEvaluationFiles.ToJson(read));
        Assert.Equal(File.ReadAllText(Path.Combine(folder.File("out"), "evaluation.md")), RegionEvaluationFiles.ToMarkdown(read));
        ImageBuffer figure = ImageFile.Read(Path.Combine(folder.File("out"), "regions-75+95+85-mixed-90.png"));
        Assert.Equal(16 + 3 * (Width + 16), figure.Width);

        string document = folder.File("doc.md");
        File.WriteAllText(document, $"before\n{RegionEvaluationFiles.Begin}\nold\n{RegionEvaluationFiles.End}\nafter\n");
        RegionEvaluationFiles.WriteInto(read, document);
        string once = File.ReadAllText(document);
        Assert.StartsWith($"before\n{RegionEvaluationFiles.Begin}\nMade of 3 pictures", once);
        Assert.EndsWith($"|\n{RegionEvaluationFiles.End}\nafter\n", once);
        Assert.DoesNotContain("old", once);
        RegionEvaluationFiles.WriteInto(read, document);
        Assert.Equal(once, File.ReadAllText(document));
        File.WriteAllText(document, "no lines");
        Assert.Throws<InvalidDataException>(() => RegionEvaluationFiles.WriteInto(read, document));
        Assert.Throws<InvalidDataException>(() => RegionEvaluationFiles.FromJson("{}"));
        Assert.Throws<InvalidDataException>(() => RegionEvaluationFiles.FromJson("["));
    }

    const int Width = 252, Height = 204;

    RegionEvaluationOptions Options(string[] scenarios, params EvaluatedRegionFinder[] finders) => new()
    {
        DataFolders = [TrainingScene.Folder(folder, (Width + 8, Height + 8), (Width + 8, Height + 8), (Width + 8, Height + 8))],
        Finders = finders,
        Scenarios = [.. scenarios.Select(RegionScenario.Parse)],
        PicturesPerScenario = 2,
        Threads = 1,
    };

    static short Halves(int x) => (short)(x < Width / 2 ? 1 : 0);

    static EvaluatedRegionFinder Reader(string name, Func<int, short> label) => new(name, "", true, RegionReach.All, () => new Columns(label));

    // A label a column.
    sealed class Columns(Func<int, short> label) : IRegionReader
    {
        public RegionFinding Read(PixelView picture, QuantTable second)
        {
            int width = picture.Width;
            short[] labels = [.. Enumerable.Range(0, width * picture.Height).Select(i => label(i % width))];
            return new RegionFinding(labels, [.. Enumerable.Repeat(RegionClaim.Silent, labels.Max() + 1)]);
        }

        public void Dispose()
        {
        }
    }
}
