using System.Text.Json;
using System.Text.Json.Serialization;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training.Evaluation;

// The files of an evaluation: evaluation.json (all numbers), evaluation.md (all tables), regions-SCENARIO.png (picture,
// truth and labels of every finder).

/// <summary>Writes an evaluation of finders of regions as JSON, Markdown and pictures.</summary>
public static class RegionEvaluationFiles
{
    /// <summary>Line before the tables in a document that <see cref="WriteInto"/> renews.</summary>
    public const string Begin = "<!-- begin: jqe evaluate regions -->";

    /// <summary>Line after them.</summary>
    public const string End = "<!-- end: jqe evaluate regions -->";

    /// <summary>Writes all files into a folder, which is created.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(RegionEvaluationReport report, string folder)
    {
        ArgumentNullException.ThrowIfNull(report);
        EvaluationFile.WriteReport(folder, ToJson(report), ToMarkdown(report));
        foreach (RegionPicture figure in report.Figures)
            OutputFile.Write(Path.Combine(folder, $"regions-{figure.Name}.png"), stream => PngWriter.Write(stream, figure.Image.View));
    }

    /// <summary>Puts the tables, without those of single scenarios, in the place of what stands between <see cref="Begin"/> and <see cref="End"/>.</summary>
    /// <exception cref="InvalidDataException">The document has no such lines, once and in this order.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static void WriteInto(RegionEvaluationReport report, string document)
    {
        string text = File.ReadAllText(document);
        int begin = text.IndexOf(Begin + "\n", StringComparison.Ordinal), end = text.IndexOf("\n" + End, StringComparison.Ordinal);
        if (begin < 0 || end < begin || text.LastIndexOf(Begin, StringComparison.Ordinal) != begin || text.LastIndexOf("\n" + End, StringComparison.Ordinal) != end)
            throw new InvalidDataException($"{document} does not hold the lines {Begin} and {End} once each, in this order");
        EvaluationFile.Write(document, $"{text[..begin]}{Begin}\n{RegionEvaluationMarkdown.Render(report, scenarios: false)}{text[(end + 1)..]}");
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote; figures are not in it.</summary>
    /// <exception cref="InvalidDataException">It is not such a report.</exception>
    public static RegionEvaluationReport FromJson(string json) =>
        EvaluationFile.Read(json, RegionEvaluationJson.Default.RegionEvaluationReport, report => report is { Finders: not null }, "no report of finders of regions");

    /// <summary>The report as indented JSON.</summary>
    public static string ToJson(RegionEvaluationReport report) =>
        JsonSerializer.Serialize(report, RegionEvaluationJson.Default.RegionEvaluationReport) + "\n";

    /// <summary>The report as one line of JSON.</summary>
    public static string ToJsonLine(RegionEvaluationReport report) =>
        JsonSerializer.Serialize(report, RegionEvaluationJsonLine.Default.RegionEvaluationReport);

    /// <summary>The report as Markdown tables.</summary>
    public static string ToMarkdown(RegionEvaluationReport report) => RegionEvaluationMarkdown.Render(report, scenarios: true);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RegionEvaluationReport))]
sealed partial class RegionEvaluationJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RegionEvaluationReport))]
sealed partial class RegionEvaluationJsonLine : JsonSerializerContext;
