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
    const int HatchPeriod = 8;
    const int FixedWidth = 4 * Margin + 2 * (BarGap + BarWidth + BarLabels);

    static readonly Rgb Paper = Rgb.Gray(250);
    static readonly Rgb Ink = Rgb.Gray(32);

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
        canvas = new Canvas(FixedWidth + 3 * panelWidth, TitleHeight + Math.Max(scale.Height, 64) + FooterHeight, Paper);
    }

    public ImageBuffer Image => canvas.Image;

    int Left(int panel) => Margin + panel * (panelWidth + Margin) + Math.Max(0, panel - 1) * (BarGap + BarWidth + BarLabels);

    public void Title(int panel, string text) =>
        canvas.Text(Left(panel), (TitleHeight - Canvas.TextHeight(textScale)) / 2, text, textScale, Ink);

    int FooterTop => canvas.Image.Height - FooterHeight + (FooterHeight - Canvas.TextHeight(textScale)) / 2;

    public void Footer(string text) => canvas.Text(Left(0), FooterTop, text, textScale, Ink);

    public void HatchLegend(string text)
    {
        int y = FooterTop;
        int swatch = Canvas.TextHeight(textScale) + 6;
        for (int row = 0; row < swatch; row++)
            for (int column = 0; column < 2 * swatch; column++)
                canvas.Set(Left(1) + column, y - 3 + row, Hatched(Left(1) + column, y + row, Rgb.Gray(150)));
        canvas.Text(Left(1) + 2 * swatch + 8, y, text, textScale, Ink);
    }

    public void DrawPicture(int panel, PixelView picture)
    {
        bool blueFirst = picture.Format is PixelFormat.Bgr24 or PixelFormat.Bgra32;
        int bytes = picture.Format.BytesPerPixel();
        for (int y = 0; y < scale.Height; y++)
        {
            for (int x = 0; x < scale.Width; x++)
            {
                var (top, bottom) = scale.Rows(y);
                var (left, right) = scale.Columns(x);
                long first = 0, second = 0, third = 0;
                for (int row = top; row < bottom; row++)
                {
                    ReadOnlySpan<byte> line = picture.Row(row)[(left * bytes)..(right * bytes)];
                    for (int i = 0; i < line.Length; i += bytes)
                    {
                        first += line[i];
                        second += line[bytes == 1 ? i : i + 1];
                        third += line[bytes == 1 ? i : i + 2];
                    }
                }
                long count = (long)(bottom - top) * (right - left);
                var mean = new Rgb((byte)(first / count), (byte)(second / count), (byte)(third / count));
                canvas.Set(Left(panel) + x, TitleHeight + y, blueFirst ? new Rgb(mean.B, mean.G, mean.R) : mean);
            }
        }
    }

    public void DrawMap(int panel, ReadOnlySpan<float> plane, ReadOnlySpan<byte> reliability, double full, ColourRamp ramp)
    {
        int width = scale.SourceWidth;
        for (int y = 0; y < scale.Height; y++)
        {
            for (int x = 0; x < scale.Width; x++)
            {
                var (top, bottom) = scale.Rows(y);
                var (left, right) = scale.Columns(x);
                double sum = 0;
                long weight = 0;
                for (int row = top; row < bottom; row++)
                {
                    for (int i = row * width + left; i < row * width + right; i++)
                    {
                        sum += plane[i];
                        weight += reliability[i];
                    }
                }
                long count = (long)(bottom - top) * (right - left);
                Rgb colour = ramp.At(sum / count / full);
                if (weight < count * VerdictRule.ReliableFrom)
                    colour = Hatched(x, y, colour);
                canvas.Set(Left(panel) + x, TitleHeight + y, colour);
            }
        }
    }

    public void DrawBar(int panel, ColourRamp ramp, ReadOnlySpan<string> labels)
    {
        int x = Left(panel) + scale.Width + BarGap, height = Math.Max(scale.Height, 64);
        for (int row = 0; row < height; row++)
            canvas.Fill(x, TitleHeight + row, BarWidth, 1, ramp.At(1 - row / (height - 1.0)));
        int shown = height >= labels.Length * Canvas.TextHeight(textScale) * 3 / 2 ? 1 : labels.Length - 1;
        for (int i = 0; i < labels.Length; i += shown)
        {
            int y = TitleHeight + (int)Math.Round((height - 1) * (1 - i / (labels.Length - 1.0)));
            canvas.Fill(x + BarWidth, y, 4, 1, Ink);
            int text = Math.Clamp(y - Canvas.TextHeight(textScale) / 2, TitleHeight, TitleHeight + height - Canvas.TextHeight(textScale));
            canvas.Text(x + BarWidth + 6, text, labels[i], textScale, Ink);
        }
    }

    // Grey with a hint of the colour, under diagonal stripes.
    static Rgb Hatched(int x, int y, Rgb colour) =>
        (x + y) % HatchPeriod < HatchPeriod / 2 ? Rgb.Gray(190) : Rgb.Gray(150).Mix(colour, 0.35);
}
