using System.Globalization;
using System.Text.Json;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool;

// Where a picture's map holds several sources: the member `regions` for programs, a line each for people.
static class RegionReport
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
        json.WriteString("kind", Kind(source));
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

    public static IEnumerable<string> Rows(RegionMap map)
    {
        yield return "     part              share  qf1  shift  evidence  bounds";
        foreach (RegionSource source in map.Sources)
        {
            PrimaryQuantEstimate e = source.Primary;
            string quality = e.Determined ? Invariant($"{e.QualityFactor}") : "-";
            string shift = source.Shift is { } s ? Invariant($"{s.Row},{s.Column}") : "-";
            string evidence = source.Kind == RegionSourceKind.Background ? "-" : Invariant($"{source.Evidence:0.0}");
            PixelBox b = source.Bounds;
            string untold = source is { Kind: RegionSourceKind.Donor, Shift: null } ? ", no grid of its own told: moderate support at most" : "";
            yield return Invariant($"  {source.Label,2} {Kind(source),-16}  {source.Share,5:0.0%}  {quality,3}  {shift,5}  {evidence,8}  {b.Width}x{b.Height} at {b.Left},{b.Top}{untold}");
        }
    }

    static string Kind(RegionSource source) => source.Kind switch
    {
        RegionSourceKind.Background => "background",
        RegionSourceKind.NeverCompressed => "never-compressed",
        _ => "donor",
    };

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
