using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// What the sheets of maps have in common: the picture averaged into a panel, colour bars, hatching.
static class PanelDrawing
{
    const int HatchPeriod = 8;

    // Where no window's centre is near.
    public static readonly Rgb Blank = Rgb.Gray(232);

    public static readonly Rgb Paper = Rgb.Gray(250);
    public static readonly Rgb Ink = Rgb.Gray(32);

    public static void Picture(Canvas canvas, int x0, int y0, PanelScale scale, PixelView picture)
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
                canvas.Set(x0 + x, y0 + y, blueFirst ? new Rgb(mean.B, mean.G, mean.R) : mean);
            }
        }
    }

    // Means of a plane [h,w] over what each pixel of the panel covers; hatched where less than half of it is reliable.
    public static void Plane(
        Canvas canvas, int x0, int y0, PanelScale scale, ReadOnlySpan<float> plane, ReadOnlySpan<byte> reliability, double full, ColourRamp ramp)
    {
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
                    for (int i = row * scale.SourceWidth + left; i < row * scale.SourceWidth + right; i++)
                    {
                        sum += plane[i];
                        weight += reliability[i];
                    }
                }
                long count = (long)(bottom - top) * (right - left);
                Rgb colour = ramp.At(sum / count / full);
                if (weight < count * VerdictRule.ReliableFrom)
                    colour = Hatched(x, y, colour);
                canvas.Set(x0 + x, y0 + y, colour);
            }
        }
    }

    // A map's value is drawn around the centre of its window, one stride wide. colour: of the window with that index, null
    // where it is undetermined.
    public static void Windows(Canvas canvas, int x0, int y0, PanelScale scale, PrimaryQuantMap map, Func<int, Rgb?> colour)
    {
        for (int y = 0; y < scale.Height; y++)
        {
            var (top, bottom) = scale.Rows(y);
            int row = Nearest(top + bottom, map.OriginRow, map.Stride, map.Height);
            for (int x = 0; x < scale.Width; x++)
            {
                var (left, right) = scale.Columns(x);
                int column = Nearest(left + right, map.OriginColumn, map.Stride, map.Width);
                canvas.Set(x0 + x, y0 + y, row < 0 || column < 0 ? Blank : colour(row * map.Width + column) ?? Hatched(x, y, Rgb.Gray(150)));
            }
        }
    }

    // Twice a pixel position -> the window whose centre is nearest, -1 where it is further than half a stride.
    static int Nearest(int twice, int origin, int stride, int count)
    {
        long distance = twice - 2L * (origin + WindowGrid.Side / 2) + stride;
        long index = distance / (2L * stride);
        return distance < 0 || index >= count ? -1 : (int)index;
    }

    // Labels stand at equal distances, the first at the bottom; where there is no room for all, at the ends.
    public static void Bar(Canvas canvas, int x, int top, int width, int height, int textScale, ColourRamp ramp, ReadOnlySpan<string> labels)
    {
        for (int row = 0; row < height; row++)
            canvas.Fill(x, top + row, width, 1, ramp.At(1 - row / (height - 1.0)));
        int shown = height >= labels.Length * Canvas.TextHeight(textScale) * 3 / 2 ? 1 : labels.Length - 1;
        for (int i = 0; i < labels.Length; i += shown)
        {
            int y = top + (int)Math.Round((height - 1) * (1 - i / (labels.Length - 1.0)));
            canvas.Fill(x + width, y, 4, 1, Ink);
            int text = Math.Clamp(y - Canvas.TextHeight(textScale) / 2, top, top + height - Canvas.TextHeight(textScale));
            canvas.Text(x + width + 6, text, labels[i], textScale, Ink);
        }
    }

    /// <summary>Hatching and what it means.</summary>
    public static void HatchKey(Canvas canvas, int x, int y, string text, int textScale)
    {
        int side = Canvas.TextHeight(textScale) + 6;
        for (int row = 0; row < side; row++)
            for (int column = 0; column < 2 * side; column++)
                canvas.Set(x + column, y - 3 + row, Hatched(x + column, y + row, Rgb.Gray(150)));
        canvas.Text(x + 2 * side + 8, y, text, textScale, Ink);
    }

    // Grey with a hint of the colour, under diagonal stripes.
    public static Rgb Hatched(int x, int y, Rgb colour) =>
        (x + y) % HatchPeriod < HatchPeriod / 2 ? Rgb.Gray(190) : Rgb.Gray(150).Mix(colour, 0.35);
}
