using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// The sheet that QualityMapPicture draws on: three panels of one size in a row, the last two with a bar to the right.
sealed class MapPanels
{
    const int Margin = 16;
    const int BarGap = 8;
    const int BarWidth = 14;
    const int BarLabels = 44;
    const int TextScale = 2;
    const int TitleHeight = 30;
    const int FooterHeight = 38;
    const int MinimumPanelWidth = 330;
    const int FixedWidth = 4 * Margin + 2 * (BarGap + BarWidth + BarLabels);

    readonly Canvas canvas;
    readonly PanelScale scale;
    readonly int panelWidth;
    readonly int textScale;

    public MapPanels(int width, int height, QualityMapPictureOptions options)
    {
        int widest = Widest(options);
        scale = ScaleOf(width, height, options);
        panelWidth = Math.Min(widest, Math.Max(scale.Width, MinimumPanelWidth));
        textScale = panelWidth >= MinimumPanelWidth ? TextScale : 1;
        canvas = new Canvas(FixedWidth + 3 * panelWidth, TitleHeight + Math.Max(scale.Height, 64) + FooterHeight, PanelDrawing.Paper);
    }

    public static PanelScale ScaleOf(int width, int height, QualityMapPictureOptions options) => new(width, height, Widest(options), options.MaxPanelHeight);

    static int Widest(QualityMapPictureOptions options) => (options.MaxWidth - FixedWidth) / 3;

    public ImageBuffer Image => canvas.Image;

    int Left(int panel) => Margin + panel * (panelWidth + Margin) + Math.Max(0, panel - 1) * (BarGap + BarWidth + BarLabels);

    public void Title(int panel, string text) =>
        canvas.Text(Left(panel), (TitleHeight - Canvas.TextHeight(textScale)) / 2, text, textScale, PanelDrawing.Ink);

    int FooterTop => canvas.Image.Height - FooterHeight + (FooterHeight - Canvas.TextHeight(textScale)) / 2;

    public void Footer(string text) => canvas.Text(Left(0), FooterTop, text, textScale, PanelDrawing.Ink);

    public void HatchLegend(string text) => PanelDrawing.HatchKey(canvas, Left(1), FooterTop, text, textScale);

    public void DrawPicture(int panel, PixelView picture) => PanelDrawing.Picture(canvas, Left(panel), TitleHeight, scale, picture);

    /// <summary>One plane's means; hatched where <paramref name="sums"/> says that little is reliable.</summary>
    public void DrawMap(int panel, PanelSums sums, ReadOnlySpan<double> plane, double full, ColourRamp ramp)
    {
        for (int y = 0, at = 0; y < scale.Height; y++)
        {
            for (int x = 0; x < scale.Width; x++, at++)
            {
                var (top, bottom) = scale.Rows(y);
                var (left, right) = scale.Columns(x);
                long count = (long)(bottom - top) * (right - left);
                Rgb colour = ramp.At(plane[at] / count / full);
                if (sums.Reliability[at] < count * VerdictRule.ReliableFrom)
                    colour = PanelDrawing.Hatched(x, y, colour);
                canvas.Set(Left(panel) + x, TitleHeight + y, colour);
            }
        }
    }

    public void DrawBar(int panel, ColourRamp ramp, ReadOnlySpan<string> labels) => PanelDrawing.Bar(
        canvas, Left(panel) + scale.Width + BarGap, TitleHeight, BarWidth, Math.Max(scale.Height, 64), textScale, ramp, labels);
}
