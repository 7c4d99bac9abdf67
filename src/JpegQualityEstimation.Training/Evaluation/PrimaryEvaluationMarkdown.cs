using System.Globalization;
using System.Text;
using static JpegQualityEstimation.Training.Evaluation.MarkdownTable;

namespace JpegQualityEstimation.Training.Evaluation;

// The report as Markdown: averages beside the paper's, bands of first quality, the 15 steps, each first compression;
// models side by side.

static class PrimaryEvaluationMarkdown
{
    public static string Render(PrimaryEvaluationReport report)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{report.Pictures} pictures, manifest `{report.DataManifest}`, seed {report.Seed}, {QualityEvaluationFiles.SamplingName(report.Subsampling)}, {report.WindowsPerPicture} windows from each double-compressed picture.\n\n");
        foreach (PrimaryModelEvaluation model in report.Models.Where(model => model.Sha256.Length > 0))
            text.Append(CultureInfo.InvariantCulture, $"- {model.Name}: sha256 `{model.Sha256}`\n");
        text.Append('\n');
        Averages(text, report);
        Single(text, report);
        Splices(text, report);
        Bands(text, report);
        Steps(text, report);
        Points(text, report);
        return text.ToString();
    }

    static void Averages(StringBuilder text, PrimaryEvaluationReport report)
    {
        text.Append("## Accuracy and MSE of the 15 steps\n\n");
        Row(text,
        [
            "scenario", "model", "windows", "accuracy", "+-", "MSE", "all 15 right", "phase found",
            "QF1 < QF2: accuracy", "MSE", "QF1 >= QF2: accuracy", "MSE",
        ], header: true);
        foreach (int s in Scenarios(report, scenario => scenario.First != FirstCompression.None))
        {
            string name = report.Models[0].Scenarios[s].Name;
            foreach (PrimaryModelEvaluation model in report.Models)
            {
                PrimaryScenarioEvaluation scenario = model.Scenarios[s];
                PrimaryFigures total = scenario.Total;
                Row(text,
                [
                    name, model.Name, $"{total.Windows}", F(total.Accuracy), F(total.AccuracyError), F(total.Mse), F(total.Exact), F(total.PhaseFound),
                    F(scenario.Below?.Accuracy), F(scenario.Below?.Mse), F(scenario.AtLeast?.Accuracy), F(scenario.AtLeast?.Mse),
                ]);
            }
            foreach (PrimaryPaperFigures paper in PrimaryPaperFigures.Of(name))
                Row(text, [name, paper.Source, "", F(paper.Accuracy), "", F(paper.Mse), "", "", "", "", "", ""]);
        }
        text.Append("\n\"+-\": standard error, were the windows independent.\n\n");
    }

    static void Single(StringBuilder text, PrimaryEvaluationReport report)
    {
        List<int> scenarios = Scenarios(report, scenario => scenario.First == FirstCompression.None);
        if (scenarios.Count == 0)
            return;
        text.Append("## One compression only: share of steps read as 1\n\nThe paper: above 0.8.\n\n");
        Row(text, ["scenario", "model", "windows", "steps read as 1", "MSE from 1", "all 15 read as 1"], header: true);
        foreach (int s in scenarios)
        {
            foreach (PrimaryModelEvaluation model in report.Models)
            {
                PrimaryFigures total = model.Scenarios[s].Total;
                Row(text, [model.Scenarios[s].Name, model.Name, $"{total.Windows}", F(total.Ones), F(total.Mse), F(total.Exact)]);
            }
        }
        text.Append('\n');
    }

    static void Splices(StringBuilder text, PrimaryEvaluationReport report)
    {
        if (report.Models[0].Splices.Count == 0)
            return;
        text.Append("## Splices: windows that lie wholly in one region\n\nAfter Figure 12 of the paper; maps in splice-QUALITIES.png.\n\n");
        Row(text, ["first qualities", "second", "model", "region", "first quality", "windows", "accuracy", "MSE", "phase found"], header: true);
        for (int s = 0; s < report.Models[0].Splices.Count; s++)
        {
            foreach (PrimaryModelEvaluation model in report.Models)
            {
                PrimarySpliceEvaluation splice = model.Splices[s];
                foreach (PrimaryRegionEvaluation region in splice.Regions)
                {
                    PrimaryFigures? figures = region.Figures;
                    Row(text,
                    [
                        splice.Name, $"{splice.SecondQuality}", model.Name, region.Name, $"{region.First}", $"{figures?.Windows ?? 0}",
                        F(figures?.Accuracy), F(figures?.Mse), F(figures?.PhaseFound),
                    ]);
                }
            }
        }
        text.Append('\n');
    }

    static void Bands(StringBuilder text, PrimaryEvaluationReport report)
    {
        List<int> scenarios = Scenarios(report, scenario => scenario.First == FirstCompression.Standard);
        (int From, int To)[] bands =
            [.. scenarios.SelectMany(s => report.Models[0].Scenarios[s].Bands).Select(band => (band.From, band.To)).Distinct().Order()];
        if (bands.Length == 0)
            return;
        text.Append("## By first quality: accuracy / MSE\n\n");
        Row(text, ["scenario", "model", .. bands.Select(band => $"{band.From}-{band.To}")], header: true);
        foreach (int s in scenarios)
        {
            foreach (PrimaryModelEvaluation model in report.Models)
            {
                PrimaryScenarioEvaluation scenario = model.Scenarios[s];
                Row(text, [scenario.Name, model.Name, .. bands.Select(band => Cell(scenario, band.From))]);
            }
        }
        text.Append('\n');

        static string Cell(PrimaryScenarioEvaluation scenario, int from) =>
            scenario.Bands.FirstOrDefault(band => band.From == from)?.Figures is { } figures ? $"{F(figures.Accuracy)} / {MarkdownTable.Number(figures.Mse, 2)}" : "";
    }

    static void Steps(StringBuilder text, PrimaryEvaluationReport report)
    {
        foreach ((string title, Func<PrimaryFigures, IReadOnlyList<double>> values) in new (string, Func<PrimaryFigures, IReadOnlyList<double>>)[]
        {
            ("## Accuracy of each step, zig-zag", figures => figures.StepAccuracy), ("## MSE of each step, zig-zag", figures => figures.StepMse),
        })
        {
            text.Append(title).Append("\n\n");
            Row(text, ["scenario", "model", .. Enumerable.Range(1, PrimarySums.Steps).Select(step => $"{step}")], header: true);
            foreach (int s in Scenarios(report, _ => true))
            {
                foreach (PrimaryModelEvaluation model in report.Models)
                    Row(text, [model.Scenarios[s].Name, model.Name, .. values(model.Scenarios[s].Total).Select(value => MarkdownTable.Number(value, 2))]);
            }
            text.Append('\n');
        }
    }

    static void Points(StringBuilder text, PrimaryEvaluationReport report)
    {
        text.Append("## By first compression\n\n");
        foreach (int s in Scenarios(report, scenario => scenario.First != FirstCompression.None))
        {
            PrimaryScenarioEvaluation shape = report.Models[0].Scenarios[s];
            text.Append(CultureInfo.InvariantCulture, $"### {shape.Name}\n\n");
            Row(text,
            [
                shape.Scenario.First == FirstCompression.Photoshop ? "level" : "quality", "windows",
                .. report.Models.SelectMany(model => new[] { $"{model.Name}: accuracy", "MSE", "all 15 right", "phase found" }),
            ], header: true);
            for (int p = 0; p < shape.Points.Count; p++)
            {
                Row(text,
                [
                    $"{shape.Points[p].First}", $"{shape.Points[p].Figures.Windows}",
                    .. report.Models.Select(model => model.Scenarios[s].Points[p].Figures)
                        .SelectMany(figures => new[] { F(figures.Accuracy), F(figures.Mse), F(figures.Exact), F(figures.PhaseFound) }),
                ]);
            }
            text.Append('\n');
        }
    }

    static List<int> Scenarios(PrimaryEvaluationReport report, Func<PrimaryScenario, bool> chosen) =>
        [.. Enumerable.Range(0, report.Models[0].Scenarios.Count).Where(s => chosen(report.Models[0].Scenarios[s].Scenario))];

    static string F(double? value) => MarkdownTable.Number(value, 3);
}
