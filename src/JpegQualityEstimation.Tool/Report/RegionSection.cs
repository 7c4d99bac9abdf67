using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Report;

// The sources of the picture: what is said of each, how sure, what it does not mean.
static class RegionSection
{
    public static void Write(HtmlBuilder html, PictureFindings f, IReadOnlyList<ReportMap> maps)
    {
        html.Add($"<section><h2>Regions</h2>\n");
        if (f.Regions is not { } regions)
        {
            html.Add($"<p>Not looked for: {f.PrimaryMissing?.Message}.</p></section>\n");
            return;
        }
        html.Add($"""
            <p>{(regions.HasSeveralSources
                ? "Windows of 64x64 pixels whose compression before the last one differs are taken for parts from elsewhere. The largest source is called background."
                : "Windows of 64x64 pixels whose compression before the last one differs would be taken for parts from elsewhere. There are none.")}</p>

            """);
        if (regions.HasSeveralSources)
        {
            html.Add($"""<div class="cards">""");
            foreach (RegionSource source in regions.Sources)
                Card(html, source);
            html.Add($"</div>\n");
            Table(html, regions);
        }
        MapSection.Figure(html, maps.First(map => map.Kind == "regions"));
        html.Add($"</section>\n");
    }

    static void Card(HtmlBuilder html, RegionSource source)
    {
        string name = PlainWords.Name(source);
        html.Add($"""
            <div class="card"><h3>{LegendMarkup.Swatch(RegionColours.At(source.Label))} {char.ToUpperInvariant(name[0]) + name[1..]}</h3>
            <p>{PlainWords.Said(source)}</p>
            <p class="rest"><span class="label">First steps, zig-zag:</span> {(source.Primary.Determined ? string.Join(' ', source.Primary.Steps.ToArray()) : "cannot be read")}</p>
            <p class="rest"><span class="label">How sure:</span> {PlainWords.Sure(source)}</p>
            <p class="rest"><span class="label">What it does not mean:</span> {PlainWords.NotMeant(source)}</p></div>

            """);
    }

    static void Table(HtmlBuilder html, RegionMap regions)
    {
        html.Add($"""
            <div class="scroll"><table class="wide whole"><caption>Sources. Box: left, top, width x height in pixels. Evidence: log10 of the likelihood ratio against being part of the background.</caption>
            <thead><tr><th>Source</th><th class="number">Share</th><th>Box</th><th class="number">Evidence</th><th class="number">Confidence</th><th class="number">First quality</th><th>Grid shift</th><th class="number">Quality map</th></tr></thead>
            <tbody>

            """);
        foreach (RegionSource source in regions.Sources)
        {
            PrimaryQuantEstimate primary = source.Primary;
            string shift = source.Shift is { } s ? FormattableString.Invariant($"{s.Row}, {s.Column}{(s.IsAligned ? " (aligned)" : "")}") : "not clear";
            html.Add($"""
                <tr><td class="source">{LegendMarkup.Swatch(RegionColours.At(source.Label))} {PlainWords.Name(source)}</td><td class="number">{source.Share:0.0%}</td>
                <td>{source.Bounds.Left}, {source.Bounds.Top}, {source.Bounds.Width} x {source.Bounds.Height}</td>
                <td class="number">{(source.Label == 0 ? "-" : FormattableString.Invariant($"{source.Evidence:0.0}"))}</td>
                <td class="number">{source.Confidence:0.00}</td><td class="number">{(primary.Determined ? FormattableString.Invariant($"{primary.QualityFactor}") : "-")}</td>
                <td>{shift}</td><td class="number">{(source.MeanQuality is { } quality ? FormattableString.Invariant($"{quality:0.0}") : "-")}</td></tr>

                """);
        }
        html.Add($"</tbody></table></div>\n");
    }
}
