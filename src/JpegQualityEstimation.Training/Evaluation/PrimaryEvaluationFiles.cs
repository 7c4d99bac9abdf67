using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training.Evaluation;

// The files of an evaluation: evaluation.json (all numbers), evaluation.md (tables), and for each scenario
// accuracy-SCENARIO.png and mse-SCENARIO.png over the first quality (or Photoshop level; Figure 11 of the paper) and
// step-accuracy-SCENARIO.png and step-mse-SCENARIO.png over the 15 steps (Figures 3, 4, 6 to 10).

/// <summary>Writes an evaluation of primary-quantization networks as JSON, Markdown and pictures.</summary>
public static class PrimaryEvaluationFiles
{
    /// <summary>Writes all files into a folder, which is created.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(PrimaryEvaluationReport report, string folder)
    {
        ArgumentNullException.ThrowIfNull(report);
        Directory.CreateDirectory(folder);
        Text("evaluation.json", ToJson(report));
        Text("evaluation.md", ToMarkdown(report));
        for (int s = 0; s < report.Models[0].Scenarios.Count; s++)
        {
            PrimaryScenarioEvaluation scenario = report.Models[0].Scenarios[s];
            Picture($"step-accuracy-{scenario.Name}.png", OverSteps(report, s, "accuracy", (0, 1.02), figures => figures.StepAccuracy));
            Picture($"step-mse-{scenario.Name}.png", OverSteps(report, s, "MSE", null, figures => figures.StepMse));
            if (scenario.Points.Count < 2)
                continue;
            Picture($"accuracy-{scenario.Name}.png", OverFirst(report, s, "accuracy", (0, 1.02), figures => figures.Accuracy));
            Picture($"mse-{scenario.Name}.png", OverFirst(report, s, "MSE", null, figures => figures.Mse));
        }

        void Text(string name, string text) =>
            OutputFile.Write(Path.Combine(folder, name), stream => stream.Write(Encoding.UTF8.GetBytes(text)));

        void Picture(string name, LinePlot plot) =>
            OutputFile.Write(Path.Combine(folder, name), stream => PngWriter.Write(stream, plot.Draw(720, 480).View));
    }

    /// <summary>The report as indented JSON.</summary>
    public static string ToJson(PrimaryEvaluationReport report) =>
        JsonSerializer.Serialize(report, PrimaryEvaluationJson.Default.PrimaryEvaluationReport) + "\n";

    /// <summary>The report as Markdown tables.</summary>
    public static string ToMarkdown(PrimaryEvaluationReport report) => PrimaryEvaluationMarkdown.Render(report);

    /// <summary>The report as one line of JSON.</summary>
    public static string ToJsonLine(PrimaryEvaluationReport report) =>
        JsonSerializer.Serialize(report, PrimaryEvaluationJsonLine.Default.PrimaryEvaluationReport);

    static LinePlot OverFirst(PrimaryEvaluationReport report, int scenario, string unit, (double, double)? range, Func<PrimaryFigures, double> value)
    {
        PrimaryScenarioEvaluation shape = report.Models[0].Scenarios[scenario];
        bool levels = shape.Scenario.First == FirstCompression.Photoshop;
        LinePlot plot = Plot(shape.Name, levels ? "Photoshop level" : "first quality", unit, range);
        foreach (PrimaryModelEvaluation model in report.Models)
            plot.Add(model.Name, [.. model.Scenarios[scenario].Points.Select(point => new PlotPoint(point.First, value(point.Figures)))]);
        return plot;
    }

    static LinePlot OverSteps(
        PrimaryEvaluationReport report, int scenario, string unit, (double, double)? range, Func<PrimaryFigures, IReadOnlyList<double>> values)
    {
        LinePlot plot = Plot(report.Models[0].Scenarios[scenario].Name, "step, zig-zag", unit, range);
        foreach (PrimaryModelEvaluation model in report.Models)
            plot.Add(model.Name, [.. values(model.Scenarios[scenario].Total).Select((value, i) => new PlotPoint(i + 1, value))]);
        return plot;
    }

    static LinePlot Plot(string scenario, string x, string y, (double, double)? range) => new()
    {
        Title = $"{(y == "MSE" ? y : "Accuracy")}, {scenario}", XLabel = x, YLabel = y, YRange = range, LegendAtLeft = y != "MSE",
    };
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PrimaryEvaluationReport))]
sealed partial class PrimaryEvaluationJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PrimaryEvaluationReport))]
sealed partial class PrimaryEvaluationJsonLine : JsonSerializerContext;
