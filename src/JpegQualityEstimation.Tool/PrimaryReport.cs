using System.Globalization;
using System.Text.Json;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool;

// One picture's result, for programs and for people.
static class PrimaryReport
{
    public static string Heading { get; } =
        $"{"qf1",3}  {"confidence",10}  {"determined",10}  {"shift",5}  {"qf2",3}  {"steps (zig-zag)",-44}  {"size",11}  {"ms",7}  file";

    public static string ToRow(PrimaryResult r)
    {
        PrimaryQuantEstimate e = r.Estimate;
        string quality = e.Determined ? Invariant($"{e.QualityFactor}") : "-";
        string shift = e.GridShift is { } s ? Invariant($"{s.Row},{s.Column}") : "-";
        string second = (r.Second.Last is null ? "" : "~") + (r.Second.Table.StandardLuminanceQuality()?.ToString(CultureInfo.InvariantCulture) ?? "-");
        string steps = e.Determined ? string.Join(' ', e.Steps.ToArray()) : "undetermined";
        string size = Invariant($"{r.Width}x{r.Height}");
        return Invariant($"{quality,3}  {e.Confidence,10:0.000}  {r.DeterminedShare,10:0%}  {shift,5}  {second,3}  {steps,-44}  {size,11}  {r.Milliseconds,7:0}  {r.File}");
    }

    public static string ToJson(PrimaryResult r) => JsonLine.Of(json =>
    {
        json.WriteString("file", r.File);
        json.WriteNumber("width", r.Width);
        json.WriteNumber("height", r.Height);
        Second(json, r.Second);
        json.WriteStartObject("primary");
        Estimate(json, r.Estimate);
        json.WriteEndObject();
        json.WriteNumber("determined", Math.Round(r.DeterminedShare, 5));
        if (r.Regions is { HasSeveralSources: true } regions)
            RegionReport.Write(json, regions);
        json.WriteString("model", r.Model);
        json.WriteString("device", r.Device);
        json.WriteNumber("milliseconds", Math.Round(r.Milliseconds, 1));
    });

    // Steps in zig-zag order, all 64: the first 15 stand beside those of the first table. What was estimated says how.
    public static void Second(Utf8JsonWriter json, SecondTable second)
    {
        json.WriteStartObject("second");
        json.WriteString("source", second.Source);
        if (second.Table.StandardLuminanceQuality() is { } quality)
            json.WriteNumber("qualityFactor", quality);
        else
            json.WriteNull("qualityFactor");
        json.WriteStartArray("steps");
        foreach (ushort step in second.Table.ZigZagOrder())
            json.WriteNumberValue(step);
        json.WriteEndArray();
        if (second.Last is { } last)
            Estimated(json, last);
        json.WriteEndObject();
    }

    static void Estimated(Utf8JsonWriter json, LastCompressionEstimate last)
    {
        json.WriteStartObject("estimate");
        json.WriteNumber("gridRow", last.GridOrigin.Row);
        json.WriteNumber("gridColumn", last.GridOrigin.Column);
        json.WriteNumber("logFalseAlarms", Math.Round(last.GridFalseAlarms, 2));
        json.WriteString("table", last.Source.ToString().ToLowerInvariant());
        json.WriteStartArray("steps");
        foreach (LastStep step in last.ZigZagSteps())
        {
            if (step.Step is { } known)
                json.WriteNumberValue(known);
            else
                json.WriteNullValue();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Zeros where nothing is determined; gridShift null where it is not known.
    public static void Estimate(Utf8JsonWriter json, PrimaryQuantEstimate e)
    {
        json.WriteStartArray("steps");
        foreach (short step in e.Steps)
            json.WriteNumberValue(step);
        json.WriteEndArray();
        json.WriteStartArray("confidence");
        foreach (float confidence in e.StepConfidence)
            json.WriteNumberValue(Math.Round(confidence, 5));
        json.WriteEndArray();
        json.WriteNumber("qualityFactor", e.QualityFactor);
        json.WriteNumber("overallConfidence", Math.Round(e.Confidence, 5));
        if (e.GridShift is { } shift)
        {
            json.WriteStartObject("gridShift");
            json.WriteNumber("row", shift.Row);
            json.WriteNumber("column", shift.Column);
            json.WriteNumber("probability", Math.Round(shift.Probability, 5));
            json.WriteBoolean("aligned", shift.IsAligned);
            json.WriteEndObject();
        }
        else
            json.WriteNull("gridShift");
    }

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

sealed record PrimaryResult(
    string File, int Width, int Height, SecondTable Second, PrimaryQuantEstimate Estimate, double DeterminedShare,
    RegionMap? Regions, string Model, string Device, double Milliseconds);
