using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Report;

// The first quantization table: 15 steps of the picture as a whole, with confidence, in zig-zag order and in their place.
static class PrimarySection
{
    public static void Write(HtmlBuilder html, PictureFindings f)
    {
        html.Add($"<section><h2>Compression before the last</h2>\n");
        if (f.Primary is not { } map)
        {
            html.Add($"<p>Not analysed: {f.PrimaryMissing?.Message}.</p></section>\n");
            return;
        }
        PrimaryQuantEstimate pooled = map.Pooled;
        if (!pooled.Determined)
        {
            html.Add($"<p>No window can be read.</p></section>\n");
            return;
        }
        bool several = f.Regions is { HasSeveralSources: true };
        string shift = pooled.GridShift is { } g
            ? FormattableString.Invariant($"row {g.Row}, column {g.Column}{(g.IsAligned ? " (aligned)" : "")}, probability {g.Probability:0.00}") : "not told";
        html.Add($"""
            <p>All windows that can be read as one{(several ? ". The picture has several sources: the table of regions gives each of them, this mixes them" : "")}.
            The first table is that of the compression before the last one; steps of 1 throughout mean that none is seen.</p>
            <table class="facts whole"><tbody>
            <tr><th>Nearest quality factor</th><td>{pooled.QualityFactor} ({(pooled.QualityFactor >= 98 ? "98 to 100 look alike" : "libjpeg's scale, 51 and below are called 51")})</td></tr>
            <tr><th>Mean probability of the steps</th><td>{pooled.Confidence:0.000} ({PlainWords.Probability(pooled.Confidence)})</td></tr>
            <tr><th>Grid shift</th><td>{shift}</td></tr>
            <tr><th>Windows that can be read</th><td>{map.DeterminedShare:0.0%} of {map.Width} x {map.Height}, every {map.Stride} pixels</td></tr>
            <tr><th>Assumed last table</th><td>{Source(f.Second!)}</td></tr>
            </tbody></table>
            <div class="tables">

            """);
        ushort[] last = map.Second.ZigZagOrder();
        html.Add($"""
            <table class="whole"><caption>Steps in zig-zag order</caption><thead><tr><th class="number">No.</th><th class="number">Row, column</th><th class="number">First step</th><th class="number">Probability</th><th>In words</th><th class="number">Last step</th></tr></thead><tbody>

            """);
        for (int k = 0; k < PrimaryQuantEstimate.StepCount; k++)
        {
            int natural = ZigZag.ToNatural[k];
            float p = pooled.StepConfidence[k];
            html.Add($"""
                <tr><td class="number">{k}</td><td class="number">{natural / 8}, {natural % 8}</td><td class="number">{pooled.Steps[k]}</td><td class="number">{p:0.000}</td><td>{PlainWords.Probability(p)}</td><td class="number">{last[k]}</td></tr>

                """);
        }
        html.Add($"</tbody></table>\n<div>");
        StepsTable.Write(html, "First steps in their places; the darker, the surer", pooled);
        StepsTable.Write(html, "Last luminance table", map.Second);
        html.Add($"</div></div></section>\n");
    }

    static string Source(SecondTable second)
    {
        string quality = second.Table.StandardLuminanceQuality() is { } exact ? FormattableString.Invariant($"standard, quality {exact}")
            : FormattableString.Invariant($"not standard, nearest quality {second.Table.NearestStandardLuminance().QualityFactor}");
        return second.Source switch
        {
            "file" => $"from the file ({quality})",
            "estimated" => $"estimated from the pixels ({quality})",
            _ => $"given with --second ({quality})",
        };
    }
}
