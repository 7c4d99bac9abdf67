using System.Text.Json;
using JpegQualityEstimation.Findings;

namespace JpegQualityEstimation.Tool.Report;

// ReportRegions: the member `regions`: the sources of a picture, the background first.
static class ReportRegions
{
    public static void Write(Utf8JsonWriter json, RegionMap map)
    {
        json.WriteStartArray("regions");
        foreach (RegionSource source in map.Sources)
            Write(json, source);
        json.WriteEndArray();
    }

    static void Write(Utf8JsonWriter json, RegionSource source)
    {
        json.WriteStartObject();
        json.WriteNumber("label", source.Label);
        json.WriteString("kind", source.Kind switch
        {
            RegionSourceKind.Background => "background",
            RegionSourceKind.NeverCompressed => "never-compressed",
            _ => "donor",
        });
        json.WriteNumber("share", Math.Round(source.Share, 5));
        json.WriteStartObject("bounds");
        json.WriteNumber("left", source.Bounds.Left);
        json.WriteNumber("top", source.Bounds.Top);
        json.WriteNumber("width", source.Bounds.Width);
        json.WriteNumber("height", source.Bounds.Height);
        json.WriteEndObject();
        json.WriteNumber("confidence", Math.Round(source.Confidence, 5));
        json.WriteNumber("evidence", Math.Round(source.Evidence, 2));
        json.WriteStartObject("primary");
        PrimaryReport.Estimate(json, source.Primary);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
