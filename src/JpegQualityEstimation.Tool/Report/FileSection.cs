using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool.Report;

// The file as it is built, and what it says of itself.
static class FileSection
{
    public static void Write(HtmlBuilder html, PictureFindings f)
    {
        FileFacts file = f.File;
        html.Add($"""
            <section><h2>File</h2>
            <p>What a file says of itself can be rewritten by anyone; it is listed, not believed.</p>
            <table class="facts wide"><tbody>
            <tr><th>Name</th><td class="value">{file.Name}</td></tr>
            <tr><th>Size</th><td>{file.Bytes:N0} bytes</td></tr>
            <tr><th>SHA-256</th><td class="hash">{file.Sha256}</td></tr>
            <tr><th>Format</th><td>{file.Format}, told by its first bytes</td></tr>
            <tr><th>Picture</th><td>{f.Width} x {f.Height} pixels, {(f.IsGray ? "gray" : "colour")}</td></tr>

            """);
        if (file.Jpeg is { } jpeg)
        {
            html.Add($"""
                <tr><th>Frame</th><td>{jpeg.Frame}, {jpeg.Markers.Scans} scan{(jpeg.Markers.Scans == 1 ? "" : "s")}</td></tr>
                <tr><th>Components</th><td>{Words(jpeg.Header.ColorModel)}</td></tr>
                <tr><th>Sampling</th><td>{jpeg.Sampling}</td></tr>
                <tr><th>Quantization tables</th><td>{jpeg.Family.Name}. {jpeg.Family.Meaning}</td></tr>
                <tr><th>Huffman tables</th><td>{(jpeg.Markers.HasOwnHuffmanTables ? "made for this picture, or a program's own" : "the typical ones of ITU-T T.81 annex K")}</td></tr>
                <tr><th>Restart interval</th><td>{(jpeg.Header.RestartInterval == 0 ? "none" : FormattableString.Invariant($"{jpeg.Header.RestartInterval} units, {jpeg.Markers.Restarts} restart markers"))}</td></tr>
                <tr><th>End of picture</th><td>{(jpeg.Markers.HasEnd ? "EOI marker" : "no EOI marker: the file is cut off or was ended early")}</td></tr>

                """);
        }
        html.Add($"""
            <tr><th>Embedded thumbnails</th><td>{(file.Thumbnails.Count == 0 ? "none found" : string.Join("; ", file.Thumbnails.Select(Words)))}</td></tr>
            <tr><th>Data behind the end</th><td>{Words(file.Trailing)}</td></tr>
            </tbody></table>

            """);
        Metadata(html, file);
        if (file.Jpeg is { } parts)
            Markers(html, parts.Markers);
        html.Add($"</section>\n");
    }

    static void Metadata(HtmlBuilder html, FileFacts file)
    {
        MetadataGroup[] groups = [.. file.Metadata.Where(group => group.Entries.Count > 0)];
        if (groups.Length == 0)
        {
            html.Add($"<h3>Fields</h3><p>None that are read here.</p>\n");
            return;
        }
        html.Add($"""
            <h3>Fields</h3>
            <table class="facts wide"><thead><tr><th>Field</th><th>Value</th></tr></thead><tbody>

            """);
        foreach (MetadataGroup group in groups)
            foreach (MetadataEntry entry in group.Entries)
                html.Add($"<tr><th><span class=\"soft\">{group.Name}</span> {entry.Name}</th><td class=\"value\">{entry.Value}</td></tr>\n");
        html.Add($"</tbody></table>\n");
    }

    static void Markers(HtmlBuilder html, JpegMarkerWalk walk)
    {
        html.Add($"""
            <h3>Markers</h3>
            <table class="wide"><thead><tr><th class="number">Offset</th><th>Marker</th><th class="number">Bytes</th><th>Content</th></tr></thead><tbody>

            """);
        foreach (JpegMarkerFact marker in walk.Markers)
            html.Add($"<tr><td class=\"number\">{marker.Offset}</td><td>{marker.Name}</td><td class=\"number\">{marker.Bytes}</td><td class=\"value\">{marker.Content}</td></tr>\n");
        html.Add($"</tbody></table>\n");
        if (walk.NotListed > 0)
            html.Add($"<p class=\"soft\">{walk.NotListed} more markers are not listed.</p>\n");
    }

    static string Words(EmbeddedThumbnail thumbnail) => thumbnail.Width is { } width
        ? FormattableString.Invariant($"{thumbnail.Place}: {width} x {thumbnail.Height} pixels, {thumbnail.Bytes} bytes")
        : FormattableString.Invariant($"{thumbnail.Place}: {thumbnail.Bytes} bytes");

    static string Words(TrailingData? trailing) => trailing is null ? "none"
        : FormattableString.Invariant($"{trailing.Bytes} bytes from offset {trailing.Offset}; {trailing.Kind}");

    static string Words(JpegColorModel model) => model switch
    {
        JpegColorModel.Gray => "luminance only",
        JpegColorModel.YCbCr => "luminance and two colour differences (YCbCr)",
        JpegColorModel.Rgb => "red, green, blue",
        JpegColorModel.Cmyk => "four inks (CMYK)",
        _ => "four inks as luminance, colour differences and black (YCCK)",
    };
}
