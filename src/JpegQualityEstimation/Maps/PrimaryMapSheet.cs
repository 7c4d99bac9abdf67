using System.Globalization;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// The sheet that PrimaryQuantMapPicture draws on: four panels of one size, two by two, keys to their right, a line of text
// over each and two below. A map's value is drawn around the centre of its window, one stride wide; what no centre is
// near to stays blank.
sealed class PrimaryMapSheet
{
    const int Margin = 16;
    const int KeyGap = 10;
    const int LeftKeyWidth = 64;
    const int RightKeyWidth = 132;
    const int BarWidth = 14;
    const int TitleHeight = 36;
    const int LineHeight = 26;
    const int FooterHeight = 2 * LineHeight + 12;
    const int MinimumPanelWidth = 400;
    const int MinimumPanelHeight = 200;
    const int Swatch = 12;
    const int FixedWidth = 3 * Margin + 2 * KeyGap + LeftKeyWidth + RightKeyWidth;

    readonly Canvas canvas;
    readonly PanelScale scale;
    readonly int cellWidth, cellHeight, textScale;

    public PrimaryMapSheet(int width, int height, PrimaryQuantMapPictureOptions options)
    {
        int widest = (options.MaxWidth - FixedWidth) / 2;
        scale = new PanelScale(width, height, widest, options.MaxPanelHeight);
        cellWidth = Math.Min(widest, Math.Max(scale.Width, MinimumPanelWidth));
        cellHeight = Math.Max(scale.Height, Math.Min(MinimumPanelHeight, Math.Max(64, options.MaxPanelHeight)));
        textScale = cellWidth >= MinimumPanelWidth ? 2 : 1;
        canvas = new Canvas(FixedWidth + 2 * cellWidth, 2 * (TitleHeight + cellHeight) + FooterHeight, PanelDrawing.Paper);
    }

    public ImageBuffer Image => canvas.Image;

    int Left(int panel) => Margin + panel % 2 * (cellWidth + KeyGap + LeftKeyWidth + Margin);

    int Top(int panel) => TitleHeight + panel / 2 * (TitleHeight + cellHeight);

    int KeyLeft(int panel) => Left(panel) + scale.Width + KeyGap;

    public void Title(int panel, string text) => canvas.Text(
        Left(panel), Top(panel) - TitleHeight + (TitleHeight - Canvas.TextHeight(textScale)) / 2, text, textScale, PanelDrawing.Ink);

    public void DrawPicture(int panel, PixelView picture) => PanelDrawing.Picture(canvas, Left(panel), Top(panel), scale, picture);

    // colour: of the window with that index, null where it is undetermined.
    public void DrawMap(int panel, PrimaryQuantMap map, Func<int, Rgb?> colour) =>
        PanelDrawing.Windows(canvas, Left(panel), Top(panel), scale, map, colour);

    public void DrawBar(int panel, ColourRamp ramp, ReadOnlySpan<string> labels) =>
        PanelDrawing.Bar(canvas, KeyLeft(panel), Top(panel), BarWidth, Math.Max(scale.Height, 64), textScale, ramp, labels);

    // The 8x8 colours with rows down and columns across, and below them what is seen most and what is unclear.
    public void DrawGridShiftKey(int panel, IReadOnlyList<(int Shift, double Share)> most, double unclear)
    {
        int x0 = KeyLeft(panel) + 14, y0 = Top(panel) + 14;
        for (int i = 0; i < 8; i++)
        {
            string label = i.ToString(CultureInfo.InvariantCulture);
            canvas.Text(x0 + i * Swatch + 4, y0 - 12, label, 1, PanelDrawing.Ink);
            canvas.Text(x0 - 10, y0 + i * Swatch + 3, label, 1, PanelDrawing.Ink);
        }
        canvas.Fill(x0 - 1, y0 - 1, 8 * Swatch + 2, 8 * Swatch + 2, PanelDrawing.Ink);
        for (int s = 0; s < 64; s++)
            canvas.Fill(x0 + s % 8 * Swatch, y0 + s / 8 * Swatch, Swatch, Swatch, GridShiftColours.At(s));
        int y = y0 + 8 * Swatch + 14;
        foreach (var (shift, share) in most)
            Entry(GridShiftColours.At(shift), string.Create(CultureInfo.InvariantCulture, $"{shift / 8},{shift % 8}"), share);
        if (unclear > 0)
            Entry(GridShiftColours.Unclear, "?", unclear);

        void Entry(Rgb colour, string name, double share)
        {
            if (y + LineHeight > Top(panel) + cellHeight)
                return;
            canvas.Fill(KeyLeft(panel), y - 2, 20, 18, PanelDrawing.Ink);
            canvas.Fill(KeyLeft(panel) + 1, y - 1, 18, 16, colour);
            canvas.Text(KeyLeft(panel) + 26, y, string.Create(CultureInfo.InvariantCulture, $"{name,3} {share:0%}"), 2, PanelDrawing.Ink);
            y += LineHeight;
        }
    }

    public void Footer(int line, string text) => canvas.Text(Margin, FooterLine(line), text, textScale, PanelDrawing.Ink);

    // A swatch and what it means, to the right of x pixels of text.
    public void HatchKey(int line, int after, string text)
    {
        int x = Margin + Canvas.TextWidth(new string('X', after + 3), textScale);
        PanelDrawing.HatchKey(canvas, x, FooterLine(line), text, textScale);
    }

    int FooterLine(int line) => canvas.Image.Height - FooterHeight + 14 + line * LineHeight;
}
