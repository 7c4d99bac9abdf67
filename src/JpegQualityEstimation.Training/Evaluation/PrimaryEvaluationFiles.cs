using System.Text.Json;
using System.Text.Json.Serialization;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training.Evaluation;

// The files of an evaluation: evaluation.json (all numbers), evaluation.md (tables), and for each scenario
// accuracy-SCENARIO.png and mse-SCENARIO.png over the first quality (or Photoshop level; Figure 11 of the paper) and
// step-accuracy-SCENARIO.png and step-mse-SCENARIO.png over the 15 steps (Figures 3, 4, 6 to 10); splice-QUALITIES.png: a
// splice and the maps of all models (Figure 12).

/// <summary>Writes an evaluation of primary-quantization networks as JSON, Markdown and pictures.</summary>
public static class PrimaryEvaluationFiles
{
    /// <summary>Writes all files into a folder, which is created.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(PrimaryEvaluationReport report, string folder)
    {
        ArgumentNullException.ThrowIfNull(report);
        EvaluationFile.WriteReport(folder, ToJson(report), ToMarkdown(report));
        for (int s = 0; s < report.Models[0].Scenarios.Count; s++)
        {
            PrimaryScenarioEvaluation scenario = report.Models[0].Scenarios[s];
            Plot($"step-accuracy-{scenario.Name}.png", OverSteps(report, s, mse: false));
            Plot($"step-mse-{scenario.Name}.png", OverSteps(report, s, mse: true));
            if (scenario.Points.Count < 2)
                continue;
            Plot($"accuracy-{scenario.Name}.png", OverFirst(report, s, mse: false));
            Plot($"mse-{scenario.Name}.png", OverFirst(report, s, mse: true));
        }
        foreach (PrimarySplicePicture splice in report.SplicePictures)
            Picture($"splice-{splice.Name}.png", splice.Image);

        void Plot(string name, LinePlot plot) => Picture(name, plot.Draw(720, 480));

        void Picture(string name, ImageBuffer picture) =>
            OutputFile.Write(Path.Combine(folder, name), stream => PngWriter.Write(stream, picture.View));
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote; pictures are not in it.</summary>
    /// <exception cref="InvalidDataException">It is not such a report.</exception>
    public static PrimaryEvaluationReport FromJson(string json) =>
        EvaluationFile.Read(json, PrimaryEvaluationJson.Default.PrimaryEvaluationReport, report => report is { Models.Count: > 0 }, "no report of primary-quantization networks");

    /// <summary>The report as indented JSON.</summary>
    public static string ToJson(PrimaryEvaluationReport report) =>
        JsonSerializer.Serialize(report, PrimaryEvaluationJson.Default.PrimaryEvaluationReport) + "\n";

    /// <summary>The report as Markdown tables.</summary>
    public static string ToMarkdown(PrimaryEvaluationReport report) => PrimaryEvaluationMarkdown.Render(report);

    /// <summary>The report as one line of JSON.</summary>
    public static string ToJsonLine(PrimaryEvaluationReport report) =>
        JsonSerializer.Serialize(report, PrimaryEvaluationJsonLine.Default.PrimaryEvaluationReport);

    static LinePlot OverFirst(PrimaryEvaluationReport report, int scenario, bool mse) => Plot(
        report, scenario, mse, report.Models[0].Scenarios[scenario].Scenario.First == FirstCompression.Photoshop ? "Photoshop level" : "first quality",
        model => model.Points.Select(point => new PlotPoint(point.First, mse ? point.Figures.Mse : point.Figures.Accuracy)));

    static LinePlot OverSteps(PrimaryEvaluationReport report, int scenario, bool mse) => Plot(
        report, scenario, mse, "step, zig-zag",
        model => (mse ? model.Total.StepMse : model.Total.StepAccuracy).Select((value, i) => new PlotPoint(i + 1, value)));

    static LinePlot Plot(
        PrimaryEvaluationReport report, int scenario, bool mse, string x, Func<PrimaryScenarioEvaluation, IEnumerable<PlotPoint>> points)
    {
        (string Name, PlotPoint[] Points)[] curves = [.. report.Models.Select(model => (model.Name, points(model.Scenarios[scenario]).ToArray()))];
        double most = mse ? Math.Max(1, curves.Max(curve => curve.Points.Max(point => point.Y))) : 1;
        // Accuracy falls to the right and the error grows: the legend stands where the curves are not.
        var plot = new LinePlot
        {
            Title = $"{(mse ? "MSE" : "Accuracy")}, {report.Models[0].Scenarios[scenario].Name}", XLabel = x, YLabel = mse ? "MSE" : "accuracy",
            YRange = (0, 1.05 * most), LegendAtLeft = mse,
        };
        foreach ((string name, PlotPoint[] curve) in curves)
            plot.Add(name, curve);
        return plot;
    }
}

// Nine digits behind the point: shares of some thousand windows have no more to say, and round to fewer as before.
sealed class NineDigits : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => writer.WriteNumberValue(Math.Round(value, 9));
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, Converters = [typeof(NineDigits)])]
[JsonSerializable(typeof(PrimaryEvaluationReport))]
sealed partial class PrimaryEvaluationJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, Converters = [typeof(NineDigits)])]
[JsonSerializable(typeof(PrimaryEvaluationReport))]
sealed partial class PrimaryEvaluationJsonLine : JsonSerializerContext;
