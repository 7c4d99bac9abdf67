using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Report;

// MapPlate: one map as a picture of its own: title, map, legend, and which file and program it belongs to.
static class MapPlate
{
    const int Margin = 16;
    const int TitleHeight = 40;
    const int LineHeight = 24;
    const int MinimumWidth = 720;
    const int BarHeight = 16;
    const int Swatch = 20;
    const int TextScale = 2;

    public static ImageBuffer Draw(ReportMap map, string sha256, string version)
    {
        ReportLegend legend = map.Legend;
        int width = Math.Max(MinimumWidth, map.Image.Width) + 2 * Margin;
        int advance = Canvas.TextWidth("XX", TextScale) - Canvas.TextWidth("X", TextScale);
        string[] below = [.. Wrapped(legend.Unit, (width - 2 * Margin) / advance), .. Lines(map, sha256, version)];
        int lines = below.Length + legend.Swatches.Count + (legend.Ramp is null ? 0 : 2) + 1;
        var canvas = new Canvas(width, TitleHeight + map.Image.Height + Margin + lines * LineHeight, PanelDrawing.Paper);
        canvas.Text(Margin, (TitleHeight - Canvas.TextHeight(TextScale)) / 2, map.Title, TextScale, PanelDrawing.Ink);
        for (int y = 0; y < map.Image.Height; y++)
            map.Image.Pixels.AsSpan(y * map.Image.Stride, map.Image.Stride)
                .CopyTo(canvas.Image.Pixels.AsSpan((TitleHeight + y) * canvas.Image.Stride + 3 * Margin));
        int line = TitleHeight + map.Image.Height + Margin;
        if (legend.Ramp is { } ramp)
        {
            Bar(canvas, line, width - 2 * Margin, ramp, legend.Labels);
            line += 2 * LineHeight;
        }
        foreach ((Rgb colour, string text) in legend.Swatches)
        {
            canvas.Fill(Margin, line, Swatch, 16, PanelDrawing.Ink);
            canvas.Fill(Margin + 1, line + 1, Swatch - 2, 14, colour);
            Write(Margin + Swatch + 8, text);
        }
        PanelDrawing.HatchKey(canvas, Margin, line, legend.Hatched, TextScale);
        line += LineHeight;
        foreach (string text in below)
            Write(Margin, text);
        return canvas.Image;

        void Write(int x, string text)
        {
            canvas.Text(x, line, text, TextScale, PanelDrawing.Ink);
            line += LineHeight;
        }
    }

    static string[] Lines(ReportMap map, string sha256, string version) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"shown at {map.Image.Width} x {map.Image.Height}, jqe {version.Split('+')[0]}"),
        $"file sha-256 {sha256[..32]}",
        $"  {sha256[32..]}",
    ];

    static IEnumerable<string> Wrapped(string text, int most)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > most)
            {
                yield return line;
                line = "";
            }
            line += (line.Length > 0 ? " " : "") + word;
        }
        yield return line;
    }

    static void Bar(Canvas canvas, int y, int width, ColourRamp ramp, IReadOnlyList<string> labels)
    {
        for (int x = 0; x < width; x++)
            canvas.Fill(Margin + x, y, 1, BarHeight, ramp.At(x / (width - 1.0)));
        for (int i = 0; i < labels.Count; i++)
        {
            int x = (int)Math.Round((width - 1) * (i / (labels.Count - 1.0)));
            int text = Canvas.TextWidth(labels[i], TextScale);
            canvas.Fill(Margin + x, y + BarHeight, 1, 4, PanelDrawing.Ink);
            canvas.Text(Margin + Math.Clamp(x - text / 2, 0, width - text), y + BarHeight + 6, labels[i], TextScale, PanelDrawing.Ink);
        }
    }
}
