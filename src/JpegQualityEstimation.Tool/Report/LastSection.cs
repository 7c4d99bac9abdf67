using JpegQualityEstimation.Findings;

namespace JpegQualityEstimation.Tool.Report;

// The last compression: the file's own tables, or what the pixels tell of it.
static class LastSection
{
    public static void Write(HtmlBuilder html, PictureFindings f)
    {
        html.Add($"<section><h2>Last compression</h2>\n");
        if (f.File.Jpeg is { } jpeg)
            OfFile(html, jpeg);
        else
            OfPixels(html, f.Last!);
        html.Add($"</section>\n");
    }

    static void OfFile(HtmlBuilder html, JpegFacts jpeg)
    {
        html.Add($"""
            <p>Read from the file. Tables: <strong>{jpeg.Family.Name}</strong>. {jpeg.Family.Meaning}</p>
            <div class="tables">

            """);
        foreach (TableFacts table in jpeg.Tables)
            StepsTable.Write(html, FormattableString.Invariant($"Table {table.Index}, {table.Use}: {table.Standard}{(table.IsWide ? ", 16-bit" : "")}"), table.Table);
        html.Add($"</div>\n");
    }

    static void OfPixels(HtmlBuilder html, LastCompressionEstimate last)
    {
        html.Add($"""
            <p>The file is not JPEG: this is what its pixels tell of the compression before they were saved losslessly.</p>
            <table class="facts whole"><tbody>
            <tr><th>Grid</th><td>{(last.IsDetected ? FormattableString.Invariant($"first block corner at row {last.GridOrigin.Row}, column {last.GridOrigin.Column}") : "none found")}</td></tr>
            <tr><th>False-alarm number of the grid</th><td>{PlainWords.FalseAlarms(last)} (accepted up to 10^-2: so many pictures without a grid would look like this)</td></tr>

            """);
        if (last.IsDetected)
        {
            html.Add($"""
                <tr><th>Steps with evidence</th><td>{last.AnsweredSteps} of 64, from {last.Blocks} blocks</td></tr>
                <tr><th>Nearest quality factor</th><td>{(last.NearestQualityFactor is { } quality ? FormattableString.Invariant($"{quality}") : "-")}</td></tr>
                <tr><th>Whole table</th><td>{Words(last.Source)}</td></tr>

                """);
        }
        html.Add($"</tbody></table>\n");
        if (!last.IsDetected)
            return;
        html.Add($"""<div class="tables">""");
        LastStep[] steps = last.Steps.ToArray();
        StepsTable.Write(html, "Luminance steps with evidence of their own", natural => steps[natural].Step is { } step ? FormattableString.Invariant($"{step}") : null, _ => 0);
        if (last.Table is { } table)
            StepsTable.Write(html, "Whole luminance table, as used for the analyses", table);
        html.Add($"</div>\n");
    }

    static string Words(TableSource source) => source switch
    {
        TableSource.Standard => "a standard table (ITU-T T.81 annex K, scaled by libjpeg)",
        TableSource.Photoshop => "a table of Adobe Photoshop",
        TableSource.Measured => "every step was read",
        TableSource.Completed => "steps that were read, the others from the nearest standard table",
        _ => "cannot be told",
    };
}
