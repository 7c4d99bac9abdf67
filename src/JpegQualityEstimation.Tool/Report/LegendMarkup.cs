using System.Globalization;
using System.Text;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Report;

// LegendMarkup: a map's legend as SVG and text; colours of SVG are printed where backgrounds are not.
static class LegendMarkup
{
    const int Steps = 64, Width = 480, BarHeight = 14;

    public static void Write(HtmlBuilder html, string kind, ReportLegend legend)
    {
        html.Add($"""<div class="legend" id="legend-{kind}">""");
        if (legend.Ramp is { } ramp)
            html.Add($"{Bar(ramp, legend)}");
        html.Add($"<ul>");
        foreach ((Rgb colour, string text) in legend.Swatches)
            html.Add($"<li>{Swatch(colour)} {text}</li>");
        html.Add($"<li>{Hatch} {legend.Hatched}</li></ul><div>{legend.Unit}</div></div>\n");
    }

    public static Markup Swatch(Rgb colour) => new(
        $"<svg class=\"key\" viewBox=\"0 0 16 10\" aria-hidden=\"true\"><rect width=\"16\" height=\"10\" fill=\"{Hex(colour)}\" stroke=\"#777\" /></svg>");

    static Markup Hatch { get; } = new(
        "<svg class=\"key\" viewBox=\"0 0 16 10\" aria-hidden=\"true\"><rect width=\"16\" height=\"10\" fill=\"#bebebe\" stroke=\"#777\" />"
        + "<path d=\"M-2 8 L8 -2 M2 12 L14 0 M10 12 L18 4\" stroke=\"#8a8a8a\" stroke-width=\"2.4\" /></svg>");

    static Markup Bar(ColourRamp ramp, ReportLegend legend)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} 36\" role=\"img\" aria-label=\"{legend.Labels[0]} to {legend.Labels[^1]}\">");
        for (int i = 0; i < Steps; i++)
        {
            double x = (double)Width * i / Steps;
            // A little wider than its place: no seams.
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.##}\" width=\"{Width / (double)Steps + (i < Steps - 1 ? 0.6 : 0):0.##}\" height=\"{BarHeight}\" fill=\"{Hex(ramp.At(i / (Steps - 1.0)))}\" />");
        }
        for (int i = 0; i < legend.Labels.Count; i++)
        {
            string anchor = i == 0 ? "start" : i == legend.Labels.Count - 1 ? "end" : "middle";
            double x = (double)Width * i / (legend.Labels.Count - 1);
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"31\" font-size=\"14\" text-anchor=\"{anchor}\" fill=\"currentColor\">{legend.Labels[i]}</text>");
        }
        return new Markup(svg.Append("</svg>").ToString());
    }

    static string Hex(Rgb colour) => $"#{colour.R:x2}{colour.G:x2}{colour.B:x2}";
}
