using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

// [picture] [labels, paler where less sure, over the picture's luma]
// sources with colour, share, first quality, grid shift and evidence below.

/// <summary>Draws a region map beside its picture, with a legend of its sources.</summary>
public static class RegionMapPicture
{
    const int Margin = 16;
    const int TitleHeight = 36;
    const int LineHeight = 26;
    const int MinimumPanelWidth = 400;
    const int Swatch = 20;

    delegate void LabelRow(int y, Span<short> row);

    // How much of the picture shines through.
    const double Ghost = 0.35;

    /// <summary>
    /// Draws the picture and, over a grey copy of it, the sources of its pixels in colours (Rgb24); undetermined pixels are
    /// hatched. Deterministic.
    /// </summary>
    /// <param name="map">The map.</param>
    /// <param name="picture">The picture it was made from.</param>
    /// <param name="options">Size limits.</param>
    /// <exception cref="ArgumentException">The map is of a picture of another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is outside its range.</exception>
    public static ImageBuffer Render(RegionMap map, PixelView picture, PrimaryQuantMapPictureOptions? options = null) =>
        Render(map, null, picture, options ?? PrimaryQuantMapPictureOptions.Default);

    // The same with labels of pixels in place of the picture.
    internal static ImageBuffer RenderBeside(short[] truth, RegionMap map, PixelView picture) =>
        Render(map, truth, picture, PrimaryQuantMapPictureOptions.Default);

    static ImageBuffer Render(RegionMap map, short[]? truth, PixelView picture, PrimaryQuantMapPictureOptions options)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.PictureWidth != picture.Width || map.PictureHeight != picture.Height)
            throw new ArgumentException(
                $"the map is of a {map.PictureWidth}x{map.PictureHeight} picture, this one is {picture.Width}x{picture.Height}", nameof(picture));
        options.Check();

        int widest = (options.MaxWidth - 3 * Margin) / 2;
        var scale = new PanelScale(picture.Width, picture.Height, widest, options.MaxPanelHeight);
        int panelWidth = Math.Min(widest, Math.Max(scale.Width, MinimumPanelWidth));
        int textScale = panelWidth >= MinimumPanelWidth ? 2 : 1, height = Math.Max(scale.Height, 64);
        var canvas = new Canvas(
            3 * Margin + 2 * panelWidth, TitleHeight + height + Margin + LineHeight * (map.Sources.Count + 1), PanelDrawing.Paper);
        int second = 2 * Margin + panelWidth;
        PanelDrawing.Picture(canvas, Margin, TitleHeight, scale, picture);
        PanelDrawing.Picture(canvas, second, TitleHeight, scale, picture);
        if (truth is not null)
            Draw(canvas, Margin, TitleHeight, scale, (y, row) => truth.AsSpan(y * row.Length, row.Length).CopyTo(row));
        Draw(canvas, second, TitleHeight, scale, map.Pixels.Row);
        Title(Margin, truth is not null ? "truth" : Invariant($"picture {picture.Width} x {picture.Height}"));
        Title(second, map.HasSeveralSources ? Invariant($"{map.Sources.Count} sources") : "one source");

        int line = TitleHeight + height + Margin;
        foreach (RegionSource source in map.Sources)
        {
            canvas.Fill(Margin, line - 2, Swatch, 18, PanelDrawing.Ink);
            canvas.Fill(Margin + 1, line - 1, Swatch - 2, 16, RegionColours.At(source.Label));
            canvas.Text(Margin + Swatch + 8, line, Words(source), textScale, PanelDrawing.Ink);
            line += LineHeight;
        }
        PanelDrawing.HatchKey(canvas, Margin, line, "undetermined", textScale);
        return canvas.Image;

        void Title(int x, string text) => canvas.Text(x, (TitleHeight - Canvas.TextHeight(textScale)) / 2, text, textScale, PanelDrawing.Ink);
    }

    // The label at the middle of what each pixel of the panel covers, over the picture's luma.
    internal static void Draw(Canvas canvas, int x0, int y0, PanelScale scale, RegionMap map, PixelView picture)
    {
        PanelDrawing.Picture(canvas, x0, y0, scale, picture);
        Draw(canvas, x0, y0, scale, map.Pixels.Row);
    }

    // The picture is there already.
    static void Draw(Canvas canvas, int x0, int y0, PanelScale scale, LabelRow labels)
    {
        var row = new short[scale.SourceWidth];
        ImageBuffer image = canvas.Image;
        for (int y = 0; y < scale.Height; y++)
        {
            var (top, bottom) = scale.Rows(y);
            labels((top + bottom) / 2, row);
            for (int x = 0; x < scale.Width; x++)
            {
                var (left, right) = scale.Columns(x);
                int label = row[(left + right) / 2];
                ReadOnlySpan<byte> under = image.Pixels.AsSpan((y0 + y) * image.Stride + 3 * (x0 + x), 3);
                Rgb grey = Rgb.Gray((byte)((77 * under[0] + 150 * under[1] + 29 * under[2]) >> 8));
                canvas.Set(x0 + x, y0 + y, label < 0 ? PanelDrawing.Hatched(x, y, grey) : RegionColours.At(label).Mix(grey, Ghost));
            }
        }
    }

    static string Words(RegionSource source)
    {
        string kind = source.Kind switch
        {
            RegionSourceKind.Background => "background",
            RegionSourceKind.NeverCompressed => "never compressed",
            _ => "donor",
        };
        string text = Invariant($"{source.Label} {kind} {source.Share:0.0%}");
        if (source.Kind != RegionSourceKind.NeverCompressed && source.Primary.Determined)
            text += Invariant($", first quality {source.Primary.QualityFactor}");
        if (source.Shift is { } shift)
            text += Invariant($", grid shift {shift.Row},{shift.Column}{(shift.IsAligned ? " (aligned)" : "")}");
        if (source.Kind != RegionSourceKind.Background)
            text += Invariant($", evidence {source.Evidence:0.0}");
        return text;
    }

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
