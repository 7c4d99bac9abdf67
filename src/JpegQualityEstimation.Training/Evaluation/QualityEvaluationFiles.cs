using System.Text.Json;
using System.Text.Json.Serialization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// The files of an evaluation: evaluation.json (all numbers), evaluation.md (tables), figure2-SAMPLING.png (Figure 2 of
// the paper: mean and standard deviation of the estimate over the true quality), table1-SAMPLING.png (share flagged).

/// <summary>Writes an evaluation as JSON, Markdown and pictures.</summary>
public static class QualityEvaluationFiles
{
    /// <summary>Writes all files into a folder, which is created.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(QualityEvaluationReport report, string folder)
    {
        ArgumentNullException.ThrowIfNull(report);
        EvaluationFile.WriteReport(folder, ToJson(report), QualityEvaluationMarkdown.Render(report));
        for (int i = 0; i < report.Models[0].Samplings.Count; i++)
        {
            string name = SamplingName(report.Models[0].Samplings[i].Sampling);
            Picture($"figure2-{name.Replace(":", "")}.png", Figure2(report, i, name));
            Picture($"table1-{name.Replace(":", "")}.png", Flags(report, i, name));
        }

        void Picture(string name, LinePlot plot) =>
            OutputFile.Write(Path.Combine(folder, name), stream => PngWriter.Write(stream, plot.Draw(720, 560).View));
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is not such a report.</exception>
    public static QualityEvaluationReport FromJson(string json) =>
        EvaluationFile.Read(json, QualityEvaluationJson.Default.QualityEvaluationReport, report => report is { Models.Count: > 0 }, "no report of quality networks");

    /// <summary>The report as indented JSON.</summary>
    public static string ToJson(QualityEvaluationReport report) =>
        JsonSerializer.Serialize(report, QualityEvaluationJson.Default.QualityEvaluationReport) + "\n";

    /// <summary>The report as Markdown tables.</summary>
    public static string ToMarkdown(QualityEvaluationReport report) => QualityEvaluationMarkdown.Render(report);

    /// <summary>The report as one line of JSON.</summary>
    public static string ToJsonLine(QualityEvaluationReport report) =>
        JsonSerializer.Serialize(report, QualityEvaluationJsonLine.Default.QualityEvaluationReport);

    internal static string SamplingName(ChromaSubsampling sampling) => sampling switch
    {
        ChromaSubsampling.Samp420 => "4:2:0",
        ChromaSubsampling.Samp422 => "4:2:2",
        ChromaSubsampling.Samp440 => "4:4:0",
        ChromaSubsampling.Samp444 => "4:4:4",
        _ => "gray",
    };

    static LinePlot Figure2(QualityEvaluationReport report, int sampling, string name)
    {
        var plot = new LinePlot
        {
            Title = $"Estimated quality, {name}", XLabel = "true quality", YLabel = "estimate", XRange = (0, 102), YRange = (0, 102), LegendAtLeft = true,
        };
        foreach (ModelEvaluation model in report.Models)
            plot.Add(model.Name, [.. model.Samplings[sampling].Points.Select(p => new PlotPoint(p.Quality, p.Mean, p.Deviation))]);
        plot.Add("true", [new PlotPoint(0, 0), new PlotPoint(100, 100)]);
        return plot;
    }

    static LinePlot Flags(QualityEvaluationReport report, int sampling, string name)
    {
        var plot = new LinePlot
        {
            Title = $"Share called JPEG, {name}", XLabel = "true quality (102 = never compressed)", YLabel = "share", XRange = (0, 104), YRange = (-0.02, 1.05), LegendAtLeft = true,
        };
        foreach (ModelEvaluation model in report.Models)
        {
            plot.Add(model.Name,
            [
                .. model.Samplings[sampling].Points.Select(p => new PlotPoint(p.Quality, p.Flagged)),
                new PlotPoint(102, model.Samplings[sampling].NeverCompressed.Flagged),
            ]);
        }
        return plot;
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(QualityEvaluationReport))]
sealed partial class QualityEvaluationJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(QualityEvaluationReport))]
sealed partial class QualityEvaluationJsonLine : JsonSerializerContext;
