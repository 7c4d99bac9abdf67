using System.Text;

namespace JpegQualityEstimation.Tool.Report;

// ReportPage: one page that needs nothing but itself: style, script and pictures are inside, its policy forbids the rest.
// Well-formed as XML. Without script everything is there, one below the other.
static class ReportPage
{
    public static byte[] Write(PictureFindings f, IReadOnlyList<ReportMap> maps, byte[] picture, IReadOnlyList<string> files)
    {
        var html = new HtmlBuilder();
        html.Add($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8" />
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{new Markup(PageParts.ScriptHash)}'; base-uri 'none'; form-action 'none'" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="referrer" content="no-referrer" />
            <meta name="generator" content="jqe {f.Origin.Version}" />
            <title>JPEG history: {f.File.Name}</title>
            <style>{new Markup(PageParts.Style)}</style>
            </head>
            <body>
            <header>
            <h1>JPEG history report</h1>
            <p class="name">{f.File.Name}</p>
            <p class="soft">{f.File.Format}, {f.Width} x {f.Height} pixels, {f.File.Bytes:N0} bytes, SHA-256 <span class="hash">{f.File.Sha256}</span><br />
            Made {f.Origin.Made.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC by jqe {Short(f.Origin.Version)}. Findings are estimates for a person to weigh, not proof; see <a href="#limits">limits</a>.</p>
            </header>
            <main>

            """);
        InShort(html, f);
        PictureSection.Write(html, f, maps, picture);
        RegionSection.Write(html, f, maps);
        MapSection.Write(html, maps);
        PrimarySection.Write(html, f);
        LastSection.Write(html, f);
        FileSection.Write(html, f);
        LimitsSection.Write(html);
        OriginSection.Write(html, f, files);
        html.Add($"""
            </main>
            <footer><p>{f.File.Name}, SHA-256 <span class="hash">{f.File.Sha256}</span>. jqe {f.Origin.Version}.</p></footer>
            <script>{new Markup(PageParts.Script)}</script>
            </body>
            </html>

            """);
        return Encoding.UTF8.GetBytes(html.ToString());
    }

    static void InShort(HtmlBuilder html, PictureFindings f)
    {
        html.Add($"""<section><h2>In short</h2><div class="cards">""");
        foreach (ReportFinding finding in PlainWords.Of(f))
        {
            html.Add($"""
                <div class="card"><h3>{finding.Topic}</h3>
                <p class="said">{finding.Said}</p>
                <p class="rest"><span class="label">How sure:</span> {finding.Sure}</p>
                <p class="rest"><span class="label">What it does not mean:</span> {finding.NotMeant}</p></div>

                """);
        }
        html.Add($"</div></section>\n");
    }

    // Without the commit it was built from.
    static string Short(string version) => version.Split('+')[0];
}
