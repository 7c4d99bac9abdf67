using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using static JpegQualityEstimation.Training.Evaluation.MarkdownTable;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>Writes and reads an evaluation after alterations as JSON, and writes it as Markdown.</summary>
public static class RobustnessEvaluationFiles
{
    /// <summary>Writes evaluation.json and evaluation.md into a folder, which is created.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(RobustnessEvaluationReport report, string folder)
    {
        ArgumentNullException.ThrowIfNull(report);
        EvaluationFile.WriteReport(folder, ToJson(report), ToMarkdown(report));
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is not such a report.</exception>
    public static RobustnessEvaluationReport FromJson(string json) =>
        EvaluationFile.Read(json, RobustnessEvaluationJson.Default.RobustnessEvaluationReport, report => report is { Alterations.Count: > 0 }, "no report of alterations");

    /// <summary>The report as indented JSON.</summary>
    public static string ToJson(RobustnessEvaluationReport report) =>
        JsonSerializer.Serialize(report, RobustnessEvaluationJson.Default.RobustnessEvaluationReport) + "\n";

    /// <summary>The report as one line of JSON.</summary>
    public static string ToJsonLine(RobustnessEvaluationReport report) =>
        JsonSerializer.Serialize(report, RobustnessEvaluationJsonLine.Default.RobustnessEvaluationReport);

    /// <summary>The report as Markdown tables.</summary>
    public static string ToMarkdown(RobustnessEvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{report.Pictures} pictures, manifest `{report.DataManifest}`, seed {report.Seed}, 4:2:0. Pixels unchanged by: {string.Join(", ", report.Alterations.Where(a => a.Unchanged).Select(a => a.Name))}.\n\n");
        Quality(text, report);
        Primary(text, report);
        return text.ToString();
    }

    static void Quality(StringBuilder text, RobustnessEvaluationReport report)
    {
        text.Append("## Quality maps of altered pictures\n\n");
        int[] qualities = [.. report.Alterations[0].Qualities.Select(point => point.Quality)];
        Row(text,
        [
            "altered by", .. qualities.SelectMany(quality => new[] { $"{quality}: error", "flagged", "undetermined" }),
            "never compressed: flagged", "undetermined",
        ], header: true);
        foreach (AlterationEvaluation a in report.Alterations)
        {
            Row(text,
            [
                a.Name, .. a.Qualities.SelectMany(point => new[] { Number(point.Error, 2), Number(point.Flagged, 3), Number(point.Undetermined, 3) }),
                Number(a.NeverCompressed.Flagged, 3), Number(a.NeverCompressed.Undetermined, 3),
            ]);
        }
        text.Append('\n');
    }

    static void Primary(StringBuilder text, RobustnessEvaluationReport report)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"## Primary quantization of altered pictures, first quality {string.Join(" or ", report.FirstQualities)}, second {report.SecondQuality}\n\n");
        Row(text,
        [
            "altered by", "windows", "told: accuracy", "MSE", "phase found", "undetermined",
            "from pixels: a table", "the second one", "accuracy", "MSE", "phase found", "undetermined",
        ], header: true);
        foreach (AlterationEvaluation a in report.Alterations)
        {
            Row(text,
            [
                a.Name, $"{a.Told.Windows}", .. Figures(a.Told),
                Number(a.Found.Pictures, 3), Number(a.Found.RightTable, 3), .. Figures(a.Found),
            ]);
        }
        text.Append('\n');
    }

    static string[] Figures(AlteredPrimary figures) =>
        [Number(figures.Accuracy, 3), Number(figures.Mse, 2), Number(figures.PhaseFound, 3), Number(figures.Undetermined, 3)];
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, Converters = [typeof(NineDigits)])]
[JsonSerializable(typeof(RobustnessEvaluationReport))]
sealed partial class RobustnessEvaluationJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, Converters = [typeof(NineDigits)])]
[JsonSerializable(typeof(RobustnessEvaluationReport))]
sealed partial class RobustnessEvaluationJsonLine : JsonSerializerContext;
