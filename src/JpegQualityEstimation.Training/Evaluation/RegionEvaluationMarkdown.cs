using System.Globalization;
using System.Text;
using static JpegQualityEstimation.Training.Evaluation.MarkdownTable;

namespace JpegQualityEstimation.Training.Evaluation;

// The report as Markdown: spliced pictures by grids and last quality, false alarms, donors by size, each scenario; finders
// side by side.

static class RegionEvaluationMarkdown
{
    static readonly string[] Columns =
    [
        "finder", "pictures", "donors: F1", "IoU", "found", "sources right", "foreign or not: F1", "IoU", "steps right", "quality error", "grid right",
    ];

    public static string Render(RegionEvaluationReport report, bool scenarios)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"Made of {report.Pictures} pictures, manifest `{report.DataManifest}`, seed {report.Seed}, {QualityEvaluationFiles.SamplingName(report.Subsampling)}, {report.PicturesPerScenario} for each scenario.\n\n");
        foreach (RegionFinderEvaluation finder in report.Finders.Where(finder => finder.Sha256.Length > 0))
            text.Append(CultureInfo.InvariantCulture, $"- {finder.Name}: sha256 `{finder.Sha256}`\n");
        if (report.Finders.Any(finder => finder.Sha256.Length > 0))
            text.Append('\n');
        Spliced(text, report);
        Genuine(text, report);
        Areas(text, report);
        if (scenarios)
            Scenarios(text, report);
        return text.ToString();
    }

    static void Spliced(StringBuilder text, RegionEvaluationReport report)
    {
        (RegionGrids? Grids, int Last)[] groups = [.. report.Finders.SelectMany(finder => finder.Spliced).Select(group => (group.Grids, group.Last)).Distinct().Order()];
        if (groups.Length == 0)
            return;
        text.Append("## Spliced pictures\n\n");
        Row(text, ["grids", "last quality", .. Columns], header: true);
        foreach ((RegionGrids? grids, int last) in groups)
            foreach (RegionFinderEvaluation finder in report.Finders)
                if (finder.Spliced.FirstOrDefault(group => group.Grids == grids && group.Last == last) is { } group)
                    Row(text, [Word(grids), $"{last}", .. Cells(finder.Name, group.Figures)]);
        text.Append(
            "\nDonors: mean over donors, each beside the label matched to it. Found: F1 of at least 0.5; steps, quality and grid are of the donors found. "
            + "Foreign or not: all donors as one, mean over pictures; all that a finder without sources says.\n\n");
    }

    static void Genuine(StringBuilder text, RegionEvaluationReport report)
    {
        int[] lasts = [.. report.Finders.SelectMany(finder => finder.Genuine).Select(group => group.Last).Distinct().Order()];
        if (lasts.Length == 0)
            return;
        text.Append("## Genuine pictures: false alarms\n\n");
        Row(text, ["last quality", "finder", "pictures", "with anything called foreign", "area called foreign"], header: true);
        foreach (int last in lasts)
            foreach (RegionFinderEvaluation finder in report.Finders)
                if (finder.Genuine.FirstOrDefault(group => group.Last == last)?.Figures is { } figures)
                    Row(text, [$"{last}", finder.Name, $"{figures.Pictures}", Number(figures.MarkedPictures, 3), Number(figures.MarkedArea, 4)]);
        text.Append('\n');
    }

    static void Areas(StringBuilder text, RegionEvaluationReport report)
    {
        (RegionGrids Grids, double From, double To)[] bands = [.. report.Finders.SelectMany(finder => finder.Areas).Select(area => (area.Grids, area.From, area.To)).Distinct().Order()];
        if (bands.Length == 0)
            return;
        text.Append("## Donors by their share of the picture\n\n");
        Row(text, ["grids", "share", "finder", "donors", "F1", "IoU", "found"], header: true);
        foreach ((RegionGrids grids, double from, double to) in bands)
            foreach (RegionFinderEvaluation finder in report.Finders)
                if (finder.Areas.FirstOrDefault(area => area.Grids == grids && area.From == from) is { } area)
                    Row(text,
                    [
                        Word(grids), string.Create(CultureInfo.InvariantCulture, $"{100 * from:0}-{100 * to:0} %"), finder.Name, $"{area.Donors}",
                        Number(area.F1, 3), Number(area.Iou, 3), Number(area.Found, 3),
                    ]);
    }

    static void Scenarios(StringBuilder text, RegionEvaluationReport report)
    {
        text.Append("\n## Each scenario\n\nGROUND+DONORS-GRIDS-LAST, qualities; 0: never compressed before.\n\n");
        Row(text, ["scenario", .. Columns, "called foreign"], header: true);
        foreach (string name in report.Finders.SelectMany(finder => finder.Scenarios).Select(scenario => scenario.Name).Distinct())
            foreach (RegionFinderEvaluation finder in report.Finders)
                if (finder.Scenarios.FirstOrDefault(scenario => scenario.Name == name)?.Figures is { } figures)
                    Row(text, [name, .. Cells(finder.Name, figures), Number(figures.MarkedArea, 4)]);
    }

    static string[] Cells(string finder, RegionFigures figures) =>
    [
        finder, $"{figures.Pictures}", Number(figures.F1, 3), Number(figures.Iou, 3), Number(figures.Found, 3), Number(figures.SourcesRight, 3),
        Number(figures.AllF1, 3), Number(figures.AllIou, 3), Number(figures.StepAccuracy, 3), Number(figures.QualityError, 2), Number(figures.ShiftRight, 3),
    ];

    static string Word(RegionGrids? grids) => grids?.ToString().ToLowerInvariant() ?? "";
}
