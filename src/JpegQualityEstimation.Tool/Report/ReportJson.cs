using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool.Report;

// ReportJson: NAME.json, all that the page says; and the line of --json, without fields, markers and sentences.
static class ReportJson
{
    static readonly JsonWriterOptions indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true, NewLine = "\n" };

    public static byte[] File(PictureFindings findings, IReadOnlyList<ReportMap> maps)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, indented))
        {
            json.WriteStartObject();
            Members(json, findings, maps, whole: true);
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    public static string Line(PictureFindings findings, IReadOnlyList<ReportMap> maps) => JsonLine.Of(json => Members(json, findings, maps, whole: false));

    static void Members(Utf8JsonWriter json, PictureFindings f, IReadOnlyList<ReportMap> maps, bool whole)
    {
        json.WriteString("file", f.Path);
        json.WriteNumber("bytes", f.File.Bytes);
        json.WriteString("sha256", f.File.Sha256);
        json.WriteString("format", f.File.Format);
        json.WriteNumber("width", f.Width);
        json.WriteNumber("height", f.Height);
        QualityReport.Summary(json, f.Quality.Summary);
        if (f.Second is { } second)
            PrimaryReport.Second(json, second);
        else
            json.WriteNull("second");
        if (f.Primary is { } primary)
        {
            json.WriteStartObject("primary");
            PrimaryReport.Estimate(json, primary.Pooled);
            json.WriteEndObject();
            json.WriteNumber("determined", Math.Round(primary.DeterminedShare, 5));
        }
        else
        {
            json.WriteNull("primary");
        }
        if (f.PrimaryMissing is { } missing)
        {
            json.WriteStartObject("notMade");
            json.WriteString("code", missing.Code);
            json.WriteString("message", missing.Message);
            json.WriteEndObject();
        }
        if (f.Regions is { HasSeveralSources: true } regions)
            RegionReport.Write(json, regions);
        Origin(json, f.Origin);
        if (!whole)
            return;
        Facts(json, f.File);
        json.WriteStartArray("findings");
        foreach (ReportFinding finding in PlainWords.Of(f))
        {
            json.WriteStartObject();
            json.WriteString("topic", finding.Topic);
            json.WriteString("said", finding.Said);
            json.WriteString("sure", finding.Sure);
            json.WriteString("notMeant", finding.NotMeant);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("maps");
        foreach (ReportMap map in maps)
            json.WriteStringValue(map.Kind);
        json.WriteEndArray();
    }

    static void Origin(Utf8JsonWriter json, ReportOrigin origin)
    {
        Model(json, "model", origin.QualityModel);
        if (origin.PrimaryModel is { } primary)
            Model(json, "primaryModel", primary);
        json.WriteString("device", origin.Device);
        json.WriteString("precision", origin.Precision);
        json.WriteString("kernels", origin.Kernels);
        json.WriteString("version", origin.Version);
        json.WriteString("runtime", origin.Runtime);
        json.WriteNumber("stride", origin.Stride);
        json.WriteString("command", origin.Command);
        json.WriteString("date", origin.Made.UtcDateTime);
        json.WriteNumber("milliseconds", Math.Round(origin.Milliseconds, 1));
    }

    static void Model(Utf8JsonWriter json, string name, ReportModel model)
    {
        json.WriteStartObject(name);
        json.WriteString("name", model.Name);
        json.WriteString("sha256", model.Sha256);
        json.WriteEndObject();
    }

    static void Facts(Utf8JsonWriter json, FileFacts file)
    {
        if (file.Jpeg is { } jpeg)
            Jpeg(json, jpeg);
        if (file.Trailing is { } trailing)
        {
            json.WriteStartObject("trailing");
            json.WriteNumber("offset", trailing.Offset);
            json.WriteNumber("bytes", trailing.Bytes);
            json.WriteString("kind", trailing.Kind);
            json.WriteEndObject();
        }
        json.WriteStartArray("thumbnails");
        foreach (EmbeddedThumbnail thumbnail in file.Thumbnails)
        {
            json.WriteStartObject();
            json.WriteString("place", thumbnail.Place);
            json.WriteNumber("bytes", thumbnail.Bytes);
            if (thumbnail.Width is { } width && thumbnail.Height is { } height)
            {
                json.WriteNumber("width", width);
                json.WriteNumber("height", height);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("metadata");
        foreach (MetadataGroup group in file.Metadata)
        {
            json.WriteStartObject();
            json.WriteString("group", group.Name);
            json.WriteStartArray("entries");
            foreach (MetadataEntry entry in group.Entries)
            {
                json.WriteStartObject();
                json.WriteString("name", entry.Name);
                json.WriteString("value", entry.Value);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void Jpeg(Utf8JsonWriter json, JpegFacts jpeg)
    {
        json.WriteStartObject("jpeg");
        json.WriteString("frame", jpeg.Frame);
        json.WriteString("colour", jpeg.Header.ColorModel.ToString());
        json.WriteString("sampling", jpeg.Sampling);
        json.WriteNumber("restartInterval", jpeg.Header.RestartInterval);
        json.WriteNumber("scans", jpeg.Markers.Scans);
        json.WriteBoolean("ownHuffmanTables", jpeg.Markers.HasOwnHuffmanTables);
        json.WriteBoolean("end", jpeg.Markers.HasEnd);
        json.WriteString("tables", jpeg.Family.Name);
        json.WriteStartArray("quantization");
        foreach (TableFacts table in jpeg.Tables)
        {
            json.WriteStartObject();
            json.WriteNumber("table", table.Index);
            json.WriteString("use", table.Use);
            json.WriteNumber("nearestQuality", table.Nearest.QualityFactor);
            json.WriteBoolean("standard", table.Nearest.IsExact);
            json.WriteStartArray("steps");
            foreach (ushort step in table.Table.ZigZagOrder())
                json.WriteNumberValue(step);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("markers");
        foreach (JpegMarkerFact marker in jpeg.Markers.Markers)
        {
            json.WriteStartObject();
            json.WriteNumber("offset", marker.Offset);
            json.WriteString("name", marker.Name);
            json.WriteNumber("bytes", marker.Bytes);
            json.WriteString("content", marker.Content);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
