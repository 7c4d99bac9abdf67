namespace JpegQualityEstimation.Tool.Report;

// How the report came about: enough to make it again.
static class OriginSection
{
    public static void Write(HtmlBuilder html, PictureFindings f, IReadOnlyList<string> files)
    {
        ReportOrigin origin = f.Origin;
        html.Add($"""
            <section><h2>How this report was made</h2>
            <table class="facts wide"><tbody>
            <tr><th>Program</th><td>jqe {origin.Version}</td></tr>
            <tr><th>Runtime</th><td>{origin.Runtime}, {origin.Kernels} kernels of the processor</td></tr>
            <tr><th>Model of the quality map</th><td>{Words(origin.QualityModel)}</td></tr>
            <tr><th>Model of the first table</th><td>{(origin.PrimaryModel is { } primary ? Words(primary) : new Markup("not used"))}</td></tr>
            <tr><th>Device</th><td>{origin.Device}, {origin.Precision}</td></tr>
            <tr><th>Distance of windows</th><td>{(f.Primary is { } map ? FormattableString.Invariant($"{map.Stride} pixels") : "-")}</td></tr>
            <tr><th>Date</th><td>{origin.Made.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, {origin.Milliseconds:0} ms</td></tr>
            <tr><th>Files</th><td class="value">{string.Join(", ", files)}</td></tr>
            </tbody></table>
            <p>To make it again: the same file, program, models and device give the same page but for date and time.</p>
            <pre>{origin.Command}</pre>
            </section>

            """);
    }

    static Markup Words(ReportModel model)
    {
        var html = new HtmlBuilder();
        html.Add($"{model.Name}{(model.Sha256 is null ? "" : ", SHA-256 of its file ")}<span class=\"hash\">{model.Sha256}</span>");
        return new Markup(html.ToString());
    }
}
