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
        int widest = (options.MaxWidth - FixedWidth) / 3;
        scale = new PanelScale(width, height, widest, options.MaxPanelHeight);
        panelWidth = Math.Min(widest, Math.Max(scale.Width, MinimumPanelWidth));
        textScale = panelWidth >= MinimumPanelWidth ? TextScale : 1;
        canvas = new Canvas(FixedWidth + 3 * panelWidth, TitleHeight + Math.Max(scale.Height, 64) + FooterHeight, PanelDrawing.Paper);
    }

    public ImageBuffer Image => canvas.Image;

    int Left(int panel) => Margin + panel * (panelWidth + Margin) + Math.Max(0, panel - 1) * (BarGap + BarWidth + BarLabels);

    public void Title(int panel, string text) =>
        canvas.Text(Left(panel), (TitleHeight - Canvas.TextHeight(textScale)) / 2, text, textScale, PanelDrawing.Ink);

    int FooterTop => canvas.Image.Height - FooterHeight + (FooterHeight - Canvas.TextHeight(textScale)) / 2;

    public void Footer(string text) => canvas.Text(Left(0), FooterTop, text, textScale, PanelDrawing.Ink);

    public void HatchLegend(string text) => PanelDrawing.HatchKey(canvas, Left(1), FooterTop, text, textScale);

    public void DrawPicture(int panel, PixelView picture) => PanelDrawing.Picture(canvas, Left(panel), TitleHeight, scale, picture);

    public void DrawMap(int panel, ReadOnlySpan<float> plane, ReadOnlySpan<byte> reliability, double full, ColourRamp ramp) =>
        PanelDrawing.Plane(canvas, Left(panel), TitleHeight, scale, plane, reliability, full, ramp);

    public void DrawBar(int panel, ColourRamp ramp, ReadOnlySpan<string> labels) => PanelDrawing.Bar(
        canvas, Left(panel) + scale.Width + BarGap, TitleHeight, BarWidth, Math.Max(scale.Height, 64), textScale, ramp, labels);
}
