using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Training.Calibration;
using static JpegQualityEstimation.Training.Evaluation.MarkdownTable;

namespace JpegQualityEstimation.Training.Evaluation;

// The files of an evaluation: evaluation.json (all numbers), evaluation.md (tables), and reliability diagrams, the share that is right
// over the mean probability of a bin, before and after: reliability-steps.png, reliability-shift.png, reliability-flag.png.

/// <summary>Writes an evaluation of stated probabilities as JSON, Markdown and diagrams.</summary>
public static class CalibrationEvaluationFiles
{
    /// <summary>Writes all files into a folder, which is created.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(CalibrationEvaluationReport report, string folder)
    {
        ArgumentNullException.ThrowIfNull(report);
        EvaluationFile.WriteReport(folder, ToJson(report), ToMarkdown(report));
        Diagram("steps", "Most probable steps", report.Steps);
        Diagram("shift", "Grid shift", report.Shifts);
        Diagram("flag", "Probability of JPEG", report.Flags);

        void Diagram(string name, string title, IReadOnlyList<CalibrationPair> pairs)
        {
            if (pairs.Count > 0)
                OutputFile.Write(Path.Combine(folder, $"reliability-{name}.png"), stream => PngWriter.Write(stream, Plot(title, pairs[^1]).Draw(480, 400).View));
        }
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is not such a report.</exception>
    public static CalibrationEvaluationReport FromJson(string json) => EvaluationFile.Read(
        json, CalibrationEvaluationJson.Default.CalibrationEvaluationReport, report => report is { StepScaling: not null, ShiftScaling: not null, Steps: not null, Flags: not null, Thresholds: not null, Parts: not null }, "no report of stated probabilities");

    /// <summary>The report as indented JSON.</summary>
    public static string ToJson(CalibrationEvaluationReport report) =>
        JsonSerializer.Serialize(report, CalibrationEvaluationJson.Default.CalibrationEvaluationReport) + "\n";

    /// <summary>The report as one line of JSON.</summary>
    public static string ToJsonLine(CalibrationEvaluationReport report) =>
        JsonSerializer.Serialize(report, CalibrationEvaluationJsonLine.Default.CalibrationEvaluationReport);

    /// <summary>The report as Markdown tables.</summary>
    public static string ToMarkdown(CalibrationEvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{report.Pictures} pictures, manifest `{report.DataManifest}`, seed {report.Seed}. Numbers of {report.Primary}: steps {Numbers(report.StepScaling)}, grid shift {Numbers(report.ShiftScaling)}, least confidence {Number(report.LeastConfidence, 2)}; ");
        text.Append(report.FlagMap is [double slope, double offset]
            ? string.Create(CultureInfo.InvariantCulture, $"logistic map of {report.Quality}: slope {Number(slope, 2)}, offset {Number(offset, 2)}{(report.GridProbability is { } grid ? $"; {Number(grid, 4)} where the grid of a last compression is found" : "")}.\n")
            : $"{report.Quality} has no logistic map.\n");
        text.Append(
            "\nECE: expected calibration error, 15 equal bins; adaptive: 15 bins of equal counts. Before: the probability, or the flag, uncalibrated; after: as the library states it.\n");
        Pairs(text, "Most probable steps of windows whose pixels hold enough", "scenario", "confidence", report.Steps);
        Pairs(text, "Most probable grid shift of the same windows", "scenario", "confidence", report.Shifts);
        Pairs(text, "Probability of JPEG, parts of pictures with enough texture or a grid, half of all parts compressed", "sampling", "probability", report.Flags);
        Open(text, "Undetermined windows", "scenario", "wrong steps", report.Windows);
        ByThreshold(text, report.Thresholds);
        Open(text, "Undetermined verdicts of parts of pictures", "went through", "wrong flag", report.Parts);
        return text.ToString();
    }

    static void Pairs(StringBuilder text, string title, string first, string stated, IReadOnlyList<CalibrationPair> pairs)
    {
        if (pairs.Count == 0)
            return;
        text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
        Row(text, [first, "answers", "right", $"{stated} before", "after", "NLL before", "after", "ECE before", "after", "adaptive before", "after"], header: true);
        foreach (CalibrationPair pair in pairs)
            Row(text,
            [
                pair.Name, $"{pair.Before.Count}", Number(pair.Before.Accuracy, 3), Number(pair.Before.Confidence, 3), Number(pair.After.Confidence, 3),
                Number(pair.Before.NegativeLogLikelihood, 3), Number(pair.After.NegativeLogLikelihood, 3), Number(pair.Before.Error, 3), Number(pair.After.Error, 3),
                Number(pair.Before.AdaptiveError, 3), Number(pair.After.AdaptiveError, 3),
            ]);
    }

    static void Open(StringBuilder text, string title, string first, string error, IReadOnlyList<UndeterminedFigures> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
        Row(text, [first, "count", "answered", $"{error} where answered", "where not"], header: true);
        foreach (UndeterminedFigures row in rows)
            Row(text, [row.Name, $"{row.Count}", Number(row.Answered, 4), Number(row.ErrorAnswered, 3), Number(row.ErrorOpen, 3)]);
    }

    static void ByThreshold(StringBuilder text, IReadOnlyList<ThresholdFigures> thresholds)
    {
        if (thresholds.Count == 0)
            return;
        text.Append("\n## Windows answered for / wrong steps of them, by least confidence\n\n");
        Row(text, ["least confidence", .. thresholds[0].Qualities.Select(quality => quality.Name == "all" ? "all" : $"second quality {quality.Name}")], header: true);
        foreach (ThresholdFigures threshold in thresholds)
            Row(text, [Number(threshold.Least, 2), .. threshold.Qualities.Select(quality => $"{Number(quality.Answered, 3)} / {Number(quality.ErrorAnswered, 3)}")]);
    }

    static string Numbers(IReadOnlyList<double> values) => string.Join(' ', values.Select(value => Number(value, 3)));

    static LinePlot Plot(string title, CalibrationPair pair)
    {
        var plot = new LinePlot
        {
            Title = title, XLabel = "stated probability", YLabel = "share that is right", XRange = (0, 1), YRange = (0, 1), LegendAtLeft = true,
        };
        plot.Add("perfect", [new PlotPoint(0, 0), new PlotPoint(1, 1)]);
        plot.Add(string.Create(CultureInfo.InvariantCulture, $"before, ECE {pair.Before.Error:F3}"), Points(pair.Before));
        plot.Add(string.Create(CultureInfo.InvariantCulture, $"after, ECE {pair.After.Error:F3}"), Points(pair.After));
        return plot;
    }

    // A bin of fewer than ten answers says nothing.
    static PlotPoint[] Points(CalibrationFigures figures) =>
        [.. figures.Bins.Where(bin => bin.Count >= 10).Select(bin => new PlotPoint(bin.Confidence, bin.Accuracy))];
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CalibrationEvaluationReport))]
sealed partial class CalibrationEvaluationJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CalibrationEvaluationReport))]
sealed partial class CalibrationEvaluationJsonLine : JsonSerializerContext;
