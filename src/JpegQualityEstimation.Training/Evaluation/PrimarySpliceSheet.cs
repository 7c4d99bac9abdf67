using System.Globalization;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Training.Evaluation;

// PrimarySpliceSheet: a splice, its truth and the map of every model as panels of one size, three a row; the colour is
// the quality factor of the first table (50..100). A window's value is drawn around its centre, one stride wide; what no
// centre is near to stays blank. After Figure 12 of Tondi 2021, which shows a single step.

sealed class PrimarySpliceSheet
{
    const int MostAcross = 3;
    const int Margin = 16;
    const int TitleHeight = 30;
    const int BarWidth = 14;
    const int BarLabels = 60;
    const int TextScale = 2;
    const int LeastQuality = 50;

    static readonly Rgb Blank = Rgb.Gray(232);
    static readonly int[][] standard = [.. Enumerable.Range(LeastQuality, 101 - LeastQuality)
        .Select(quality => QuantTable.StandardLuminance(quality).ZigZagOrder()[..PrimarySums.Steps].Select(step => (int)step).ToArray())];

    readonly PanelScale scale;
    readonly WindowGrid grid;
    readonly Canvas canvas;

    public PrimarySpliceSheet(PrimarySplice splice, WindowGrid grid, int models)
    {
        this.grid = grid;
        ImageBuffer picture = splice.Picture;
        scale = new PanelScale(picture.Width, picture.Height, picture.Width, picture.Height);
        int down = (models + 2 + MostAcross - 1) / MostAcross;
        canvas = new Canvas(
            Margin + MostAcross * (scale.Width + Margin) + BarWidth + BarLabels, down * (TitleHeight + scale.Height) + Margin, PanelDrawing.Paper);
        PanelDrawing.Bar(
            canvas, Left(MostAcross - 1) + scale.Width + Margin, Top(0), BarWidth, scale.Height, TextScale, ColourRamp.Quality,
            ["50", "60", "70", "80", "90", "100"]);
        PanelDrawing.Picture(canvas, Left(0), Top(0), scale, picture.View);
        Title(0, string.Create(CultureInfo.InvariantCulture, $"second quality {splice.Second.Luminance.StandardLuminanceQuality()}"));
        Title(1, $"first qualities {string.Join(", ", splice.Regions.Select(region => region.Quality))}");
        Draw(1, (x, y) => Colour(splice.RegionAt(x, y).Quality));
    }

    public ImageBuffer Image => canvas.Image;

    /// <summary>Draws the map of a model.</summary>
    /// <param name="model">Its number.</param>
    /// <param name="name">What the title calls it.</param>
    /// <param name="figures">Over the windows that lie wholly in one region.</param>
    /// <param name="qualities">[h,w] quality factors, 50..100.</param>
    public void DrawMap(int model, string name, PrimaryFigures? figures, ReadOnlySpan<int> qualities)
    {
        int panel = model + 2;
        int[] values = [.. qualities];
        Draw(panel, (x, y) =>
        {
            int row = Nearest(y, grid.OriginRow), column = Nearest(x, grid.OriginColumn);
            return row < 0 || column < 0 || row >= grid.Rows || column >= grid.Columns ? Blank : Colour(values[row * grid.Columns + column]);
        });
        string accuracy = string.Create(CultureInfo.InvariantCulture, $": accuracy {figures?.Accuracy:0.00}");
        int room = scale.Width / (Canvas.TextWidth("X", TextScale) + TextScale) - accuracy.Length;
        Title(panel, (name.Length <= room ? name : name[..Math.Max(0, room)]) + accuracy);
    }

    /// <summary>The quality factor, 50..100, whose standard table is nearest to 15 steps (sum of absolute differences); of equal ones the highest.</summary>
    public static int NearestQuality(ReadOnlySpan<int> steps)
    {
        int best = 100;
        long least = long.MaxValue;
        for (int quality = 100; quality >= LeastQuality; quality--)
        {
            long distance = 0;
            for (int k = 0; k < steps.Length; k++)
                distance += Math.Abs(steps[k] - standard[quality - LeastQuality][k]);
            if (distance < least)
                (best, least) = (quality, distance);
        }
        return best;
    }

    int Nearest(int pixel, int origin) => (int)Math.Floor((pixel + 0.5 - origin - WindowGrid.Side / 2) / grid.Stride + 0.5);

    int Left(int panel) => Margin + panel % MostAcross * (scale.Width + Margin);

    int Top(int panel) => TitleHeight + panel / MostAcross * (TitleHeight + scale.Height);

    void Title(int panel, string text) => canvas.Text(
        Left(panel), Top(panel) - (TitleHeight + Canvas.TextHeight(TextScale)) / 2, text, TextScale, PanelDrawing.Ink);

    void Draw(int panel, Func<int, int, Rgb> colour)
    {
        for (int y = 0; y < scale.Height; y++)
            for (int x = 0; x < scale.Width; x++)
                canvas.Set(Left(panel) + x, Top(panel) + y, colour(scale.Columns(x).Start, scale.Rows(y).Start));
    }

    static Rgb Colour(int quality) => ColourRamp.Quality.At((quality - LeastQuality) / (100.0 - LeastQuality));
}

/// <summary>The picture of a splice with its maps.</summary>
readonly record struct PrimarySplicePicture(string Name, ImageBuffer Image);
