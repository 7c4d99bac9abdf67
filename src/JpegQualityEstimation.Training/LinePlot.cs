using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Training;

/// <summary>A point of a curve, with the half height of its error bar where it has one.</summary>
readonly record struct PlotPoint(double X, double Y, double Bar = 0);

// LinePlot: curves with axes, round ticks, a grid, a legend and optional error bars, drawn into an RGB picture.
// Axis ranges follow the points unless given. A logarithmic axis leaves out points that are not above 0.

sealed class LinePlot
{
    const int Left = 84, Right = 20, Top = 40, Bottom = 52;
    static readonly Rgb Ink = new(40, 40, 40), Grid = new(225, 225, 225), Paper = new(255, 255, 255);
    static readonly Rgb[] Colours =
    [
        new(31, 119, 180), new(255, 127, 14), new(44, 160, 44), new(214, 39, 40), new(148, 103, 189), new(140, 86, 75), new(23, 190, 207),
    ];

    readonly List<(string Name, PlotPoint[] Points)> curves = [];

    public string Title { get; init; } = "";

    public string XLabel { get; init; } = "";

    public string YLabel { get; init; } = "";

    public bool XIsLogarithmic { get; init; }

    public bool YIsLogarithmic { get; init; }

    public bool LegendAtLeft { get; init; }

    public (double From, double To)? XRange { get; init; }

    public (double From, double To)? YRange { get; init; }

    public void Add(string name, PlotPoint[] points) => curves.Add((name, points));

    public ImageBuffer Draw(int width, int height)
    {
        var canvas = new Canvas(width, height, Paper);
        (double x0, double x1) = XRange is { } across ? (MapX(across.From), MapX(across.To)) : Span(point => (MapX(point.X), MapX(point.X)));
        (double y0, double y1) = YRange is { } given ? (Map(given.From), Map(given.To)) : Span(point => (Map(point.Y - point.Bar), Map(point.Y + point.Bar)));
        if (YRange is null)
            (y0, y1) = (y0 - 0.03 * (y1 - y0), y1 + 0.03 * (y1 - y0));
        int plotWidth = width - Left - Right, plotHeight = height - Top - Bottom;
        double PixelX(double x) => Left + (MapX(x) - x0) / (x1 - x0) * plotWidth;
        double PixelY(double y) => Top + plotHeight - (Map(y) - y0) / (y1 - y0) * plotHeight;

        foreach (double tick in XIsLogarithmic ? LogarithmicTicks(x0, x1) : Ticks(x0, x1, 9))
        {
            int x = (int)Math.Round(PixelX(tick));
            canvas.Fill(x, Top, 1, plotHeight, Grid);
            string text = tick.ToString("G6", CultureInfo.InvariantCulture);
            canvas.Text(x - Canvas.TextWidth(text, 1) / 2, Top + plotHeight + 8, text, 1, Ink);
        }
        foreach (double tick in YIsLogarithmic ? LogarithmicTicks(y0, y1) : Ticks(y0, y1, 8))
        {
            int y = (int)Math.Round(PixelY(tick));
            canvas.Fill(Left, y, plotWidth, 1, Grid);
            string text = tick.ToString("G4", CultureInfo.InvariantCulture);
            canvas.Text(Left - 8 - Canvas.TextWidth(text, 1), y - 3, text, 1, Ink);
        }
        canvas.Fill(Left, Top, 1, plotHeight + 1, Ink);
        canvas.Fill(Left, Top + plotHeight, plotWidth, 1, Ink);
        canvas.Text(Left, 14, Title, 2, Ink);
        canvas.Text(Left + (plotWidth - Canvas.TextWidth(XLabel, 1)) / 2, height - 18, XLabel, 1, Ink);
        canvas.Text(8, Top - 12, YLabel, 1, Ink);

        for (int i = 0; i < curves.Count; i++)
        {
            Rgb colour = Colours[i % Colours.Length];
            var pixels = curves[i].Points.Where(IsShown).ToList();
            foreach (PlotPoint point in pixels.Where(point => point.Bar > 0))
            {
                double x = PixelX(point.X);
                Line(canvas, x, PixelY(point.Y - point.Bar), x, PixelY(point.Y + point.Bar), 1, colour.Mix(Paper, 0.5), Inside);
            }
            for (int k = 1; k < pixels.Count; k++)
                Line(canvas, PixelX(pixels[k - 1].X), PixelY(pixels[k - 1].Y), PixelX(pixels[k].X), PixelY(pixels[k].Y), 2, colour, Inside);
            int row = Top + 10 + 14 * i;
            int text = LegendAtLeft ? Left + 40 : width - Right - 12 - Canvas.TextWidth(curves[i].Name, 1);
            canvas.Fill(text - 26, row + 2, 20, 3, colour);
            canvas.Text(text, row, curves[i].Name, 1, Ink);
        }
        return canvas.Image;

        bool Inside(int x, int y) => x >= Left && x <= Left + plotWidth && y >= Top && y <= Top + plotHeight;
    }

    /// <summary>Round numbers of 1, 2 or 5 times a power of ten inside a range, at most about <paramref name="wanted"/>.</summary>
    public static IEnumerable<double> Ticks(double from, double to, int wanted)
    {
        double raw = (to - from) / wanted;
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * (raw / power <= 1 ? 1 : raw / power <= 2 ? 2 : raw / power <= 5 ? 5 : 10);
        for (double k = Math.Ceiling(from / step - 1e-9); k * step <= to + 1e-9 * step; k++)
            yield return k == 0 ? 0 : Math.Round(k * step, 12);
    }

    static IEnumerable<double> LogarithmicTicks(double from, double to)
    {
        for (int power = (int)Math.Floor(from); power <= to; power++)
        {
            foreach (int digit in new[] { 1, 2, 5 })
            {
                double log = power + Math.Log10(digit);
                if (log >= from && log <= to)
                    yield return Math.Pow(10, log);
            }
        }
    }

    bool IsShown(PlotPoint point) => (!XIsLogarithmic || point.X > 0) && (!YIsLogarithmic || point.Y > 0);

    double MapX(double x) => XIsLogarithmic ? Math.Log10(Math.Max(x, 1e-12)) : x;

    double Map(double y) => YIsLogarithmic ? Math.Log10(Math.Max(y, 1e-12)) : y;

    (double From, double To) Span(Func<PlotPoint, (double Low, double High)> extent)
    {
        double from = double.MaxValue, to = double.MinValue;
        foreach (PlotPoint point in curves.SelectMany(curve => curve.Points).Where(IsShown))
        {
            (double low, double high) = extent(point);
            from = Math.Min(from, low);
            to = Math.Max(to, high);
        }
        return from > to ? (0, 1) : from == to ? (from - 0.5, to + 0.5) : (from, to);
    }

    static void Line(Canvas canvas, double x0, double y0, double x1, double y1, int thickness, Rgb colour, Func<int, int, bool> inside)
    {
        // A curve that leaves the plot steeply must not take a step for each of millions of pixels.
        double span = Math.Max(Math.Abs(x1 - x0), Math.Abs(y1 - y0));
        int steps = (int)Math.Min(20_000, Math.Ceiling(span) + 1);
        for (int i = 0; i <= steps; i++)
        {
            int x = (int)Math.Round(double.Lerp(x0, x1, (double)i / steps)), y = (int)Math.Round(double.Lerp(y0, y1, (double)i / steps));
            if (inside(x, y))
                canvas.Fill(x, y, thickness, thickness, colour);
        }
    }
}
