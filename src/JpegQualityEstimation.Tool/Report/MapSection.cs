namespace JpegQualityEstimation.Tool.Report;

// All maps but the regions, which stand with their table.
static class MapSection
{
    public static void Write(HtmlBuilder html, IReadOnlyList<ReportMap> maps)
    {
        html.Add($"""
            <section><h2>Maps</h2>
            <p class="soft">Averaged down to at most {ReportPictures.MapSide} pixels a side where the picture is larger. Hatched places cannot be read; they mean nothing either way.</p>
            <div class="maps">

            """);
        foreach (ReportMap map in maps.Where(map => map.Kind != "regions"))
            Figure(html, map);
        html.Add($"</div></section>\n");
    }

    public static void Figure(HtmlBuilder html, ReportMap map)
    {
        int width = map.Image.Width, height = map.Image.Height;
        html.Add($"""
            <figure><figcaption><strong>{map.Title}.</strong> {map.Caption}</figcaption>
            <div class="shot" style="--w:{width};--h:{height}"><img id="map-{map.Kind}" alt="{map.Title}" width="{width}" height="{height}" src="
            """);
        using var stream = new MemoryStream();
        Images.PngWriter.Write(stream, map.Image.View);
        html.AddData("image/png", stream.GetBuffer().AsSpan(0, (int)stream.Length));
        html.Add($"\" /></div>\n");
        LegendMarkup.Write(html, map.Kind, map.Legend);
        html.Add($"</figure>\n");
    }
}
