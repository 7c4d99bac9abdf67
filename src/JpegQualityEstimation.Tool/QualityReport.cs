using System.Globalization;
using System.Text.Json;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool;

// One picture's result, for programs and for people.
static class QualityReport
{
    public const string Heading = "quality  ever-jpeg  verdict           reliable      size        ms  file";

    public static string ToRow(string file, ImageBuffer picture, QualitySummary summary, double milliseconds)
    {
        string size = Invariant($"{picture.Width}x{picture.Height}");
        return Invariant(
            $"{summary.MeanQuality,7:0.0}  {summary.MeanCompressed,9:0.000}  {Words(summary.Verdict),-16}  {summary.ReliableShare,7:0.0%}  {size,11}  {milliseconds,7:0}  {file}");
    }

    public static string ToJson(string file, ImageBuffer picture, QualityBandsEstimate estimate, IQualityMapEstimator estimator, double milliseconds) =>
        JsonLine.Of(json =>
        {
            json.WriteString("file", file);
            json.WriteNumber("width", picture.Width);
            json.WriteNumber("height", picture.Height);
            Summary(json, estimate.Summary);
            if (estimate.LastCompression is { IsDetected: true } last)
                LastCompression(json, last);
            json.WriteString("model", estimator.ModelName);
            json.WriteString("device", estimator.Device.ToString());
            json.WriteNumber("milliseconds", Math.Round(milliseconds, 1));
        });

    // quality, compressed: plain means over all pixels, as in the paper; reliable...: weighted by reliability.
    public static void Summary(Utf8JsonWriter json, QualitySummary summary)
    {
        json.WriteNumber("quality", Math.Round(summary.MeanQuality, 3));
        json.WriteNumber("compressed", Math.Round(summary.MeanCompressed, 5));
        json.WriteString("verdict", Words(summary.Verdict));
        json.WriteNumber("reliable", Math.Round(summary.ReliableShare, 5));
        json.WriteNumber("reliableQuality", Math.Round(summary.ReliableQuality, 3));
        json.WriteNumber("reliableCompressed", Math.Round(summary.ReliableCompressed, 5));
        if (summary.JpegProbability is double probability)
            json.WriteNumber("probability", Math.Round(probability, 5));
        else
            json.WriteNull("probability");
    }

    // Only where a grid is detected; the quality factor only of a standard table.
    public static void LastCompression(Utf8JsonWriter json, LastCompressionEstimate last)
    {
        json.WriteStartObject("lastCompression");
        if (last.IsStandard)
            json.WriteNumber("qualityFactor", last.NearestQualityFactor!.Value);
        else
            json.WriteNull("qualityFactor");
        json.WriteString("source", JsonNamingPolicy.CamelCase.ConvertName(last.Source.ToString()));
        json.WriteStartArray("grid");
        json.WriteNumberValue(last.GridOrigin.Row);
        json.WriteNumberValue(last.GridOrigin.Column);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static string Words(QualityVerdict verdict) => verdict switch
    {
        QualityVerdict.Jpeg => "jpeg",
        QualityVerdict.NeverCompressed => "never-compressed",
        _ => "undetermined",
    };

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
