namespace JpegQualityEstimation.Tool.Report;

// The picture, with a choice of maps to lay over it; the script shows the choice.
static class PictureSection
{
    public static void Write(HtmlBuilder html, PictureFindings f, IReadOnlyList<ReportMap> maps, byte[] picture)
    {
        var (width, height) = ReportPictures.Shown(f.Width, f.Height);
        string first = f.Regions is { HasSeveralSources: true } ? "regions" : "";
        html.Add($"""
            <section><h2>Picture</h2>
            <fieldset id="controls" class="screen" hidden="hidden"><legend>Lay over the picture</legend>
            <label><input type="radio" name="overlay" value=""{Checked(first == "")} /> nothing</label>

            """);
        foreach (ReportMap map in maps)
            html.Add($"<label><input type=\"radio\" name=\"overlay\" value=\"{map.Kind}\"{Checked(first == map.Kind)} /> {map.Title.ToLowerInvariant()}</label>\n");
        html.Add($"""
            <br /><label for="opacity">Opacity</label> <input type="range" id="opacity" min="0" max="100" value="65" /> <span id="opacity-value"></span>
            </fieldset>
            <figure>
            <div class="shot" id="stack" style="--w:{width};--h:{height}"><img alt="the picture" width="{width}" height="{height}" src="
            """);
        html.AddData("image/jpeg", picture);
        string size = (width, height) == (f.Width, f.Height)
            ? FormattableString.Invariant($"Shown at its own size, {width} x {height} pixels")
            : FormattableString.Invariant($"Shown at {width} x {height} of {f.Width} x {f.Height} pixels");
        html.Add($"""
            " /></div>
            <div id="shown-legend" class="screen"></div>
            <figcaption>{size}, as a JPEG copy made for this page. All analyses read the file itself.</figcaption>
            </figure></section>

            """);
    }

    static Markup Checked(bool value) => new(value ? " checked=\"checked\"" : "");
}
