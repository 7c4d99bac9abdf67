using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Report;

// 8x8 tables of steps as they lie in a block: horizontal frequency to the right, vertical downwards.
static class StepsTable
{
    public static void Write(HtmlBuilder html, string caption, QuantTable table) =>
        Write(html, caption, natural => FormattableString.Invariant($"{table.NaturalOrder[natural]}"), _ => 0);

    // The first 15 of the zig-zag order, shaded by confidence.
    public static void Write(HtmlBuilder html, string caption, PrimaryQuantEstimate estimate)
    {
        short[] steps = estimate.Steps.ToArray();
        float[] confidence = estimate.StepConfidence.ToArray();
        int[] place = new int[64];
        for (int k = 0; k < 64; k++)
            place[ZigZag.ToNatural[k]] = k;
        Write(html, caption, natural => place[natural] < steps.Length ? FormattableString.Invariant($"{steps[place[natural]]}") : null,
            natural => place[natural] < steps.Length ? confidence[place[natural]] : 0);
    }

    // step: text of a place in natural order, null where nothing is known; shade: 0..1.
    public static void Write(HtmlBuilder html, string caption, Func<int, string?> step, Func<int, double> shade)
    {
        html.Add($"""<table class="steps"><caption>{caption}</caption><tbody>""");
        for (int row = 0; row < 8; row++)
        {
            html.Add($"<tr>");
            for (int natural = 8 * row; natural < 8 * row + 8; natural++)
            {
                if (step(natural) is not { } text)
                    html.Add($"<td class=\"none\">-</td>");
                else if (shade(natural) > 0)
                    html.Add($"<td style=\"background:rgba(var(--mark),{0.45 * shade(natural):0.00})\">{text}</td>");
                else
                    html.Add($"<td>{text}</td>");
            }
            html.Add($"</tr>");
        }
        html.Add($"</tbody></table>\n");
    }
}
