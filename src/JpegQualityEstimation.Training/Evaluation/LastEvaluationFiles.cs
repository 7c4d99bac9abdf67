using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using static JpegQualityEstimation.Training.Evaluation.MarkdownTable;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>Writes an evaluation of the last compression as JSON and Markdown.</summary>
public static class LastEvaluationFiles
{
    static readonly string[] Columns = ["right grid", "right table", "wrong table", "steps answered", "of these right", "a multiple"];

    /// <summary>Writes evaluation.json and evaluation.md into a folder, which is created.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(LastEvaluationReport report, string folder)
    {
        ArgumentNullException.ThrowIfNull(report);
        EvaluationFile.WriteReport(folder, ToJson(report), ToMarkdown(report));
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is not such a report.</exception>
    public static LastEvaluationReport FromJson(string json) =>
        EvaluationFile.Read(json, LastEvaluationJson.Default.LastEvaluationReport, report => report is { Scenarios.Count: > 0 }, "no report of the last compression");

    /// <summary>The report as indented JSON.</summary>
    public static string ToJson(LastEvaluationReport report) =>
        JsonSerializer.Serialize(report, LastEvaluationJson.Default.LastEvaluationReport) + "\n";

    /// <summary>The report as one line of JSON.</summary>
    public static string ToJsonLine(LastEvaluationReport report) =>
        JsonSerializer.Serialize(report, LastEvaluationJsonLine.Default.LastEvaluationReport);

    /// <summary>The report as Markdown tables.</summary>
    public static string ToMarkdown(LastEvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Pictures} pictures, manifest `{report.DataManifest}`, seed {report.Seed}.\n\n");
        text.Append("## Never compressed: share in which a grid is detected\n\n");
        Row(text, ["pictures", "false alarms"], header: true);
        foreach (LastScenarioEvaluation scenario in Of(report, LastHistory.None))
            Row(text, [scenario.Sampling == Jpeg.ChromaSubsampling.Gray ? "grayscale" : "colour", Number(scenario.Detected, 3)]);
        Table(text, report, "One compression, standard tables", "sampling", LastHistory.Single, s => QualityEvaluationFiles.SamplingName(s.Sampling), "quality");
        Table(text, report, "One compression, Photoshop's tables", "sampling", LastHistory.Photoshop, s => QualityEvaluationFiles.SamplingName(s.Sampling), "level");
        Table(text, report, "Two compressions, grids shifted: the last one's", "first", LastHistory.Shifted, s => $"{s.First}", "last");
        Table(text, report, "Two compressions, grids aligned: the last one's", "first", LastHistory.Aligned, s => $"{s.First}", "last");
        return text.ToString();
    }

    static void Table(StringBuilder text, LastEvaluationReport report, string title, string first, LastHistory history, Func<LastScenarioEvaluation, string> name, string last)
    {
        if (!Of(report, history).Any())
            return;
        text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
        Row(text, [first, last, .. Columns], header: true);
        foreach (LastScenarioEvaluation s in Of(report, history))
            Row(text,
            [
                name(s), $"{s.Last}", Number(s.RightOrigin, 3), Number(s.RightTable, 3), Number(s.WrongTable, 3),
                Number(s.AnsweredSteps, 3), Number(s.RightSteps, 4), Number(s.MultipleSteps, 4),
            ]);
    }

    static IEnumerable<LastScenarioEvaluation> Of(LastEvaluationReport report, LastHistory history) =>
        report.Scenarios.Where(scenario => scenario.History == history);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(LastEvaluationReport))]
sealed partial class LastEvaluationJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(LastEvaluationReport))]
sealed partial class LastEvaluationJsonLine : JsonSerializerContext;
