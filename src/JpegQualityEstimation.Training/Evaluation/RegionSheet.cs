using System.Globalization;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Training.Evaluation;

// RegionSheet: a splice, its truth and the labels of every finder as panels of one size, three a row. A label has the
// colour of the donor it is matched to, others the colours after; hatched where nothing is told. A finder that was not
// asked leaves no panel.

sealed class RegionSheet
{
    const int MostAcross = 3, Margin = 16, TitleHeight = 30, TextScale = 2;
    const double Ghost = 0.3;

    readonly RegionSplice splice;
    readonly IReadOnlyList<EvaluatedRegionFinder> finders;
    readonly PanelScale scale;
    readonly Canvas canvas;
    readonly int[] panels;

    public RegionSheet(RegionSplice splice, IReadOnlyList<EvaluatedRegionFinder> finders)
    {
        this.splice = splice;
        this.finders = finders;
        ImageBuffer picture = splice.Picture;
        scale = new PanelScale(picture.Width, picture.Height, picture.Width, picture.Height);
        panels = new int[finders.Count];
        int count = 2;
        for (int f = 0; f < finders.Count; f++)
            panels[f] = finders[f].Reaches(splice.Scenario) ? count++ : -1;
        int across = Math.Min(count, MostAcross), down = (count + across - 1) / across;
        canvas = new Canvas(Margin + across * (scale.Width + Margin), down * (TitleHeight + scale.Height) + Margin, PanelDrawing.Paper);
        PanelDrawing.Picture(canvas, Left(0), Top(0), scale, picture.View);
        Title(0, $"last quality {splice.Scenario.Last}");
        Title(1, $"first {splice.Scenario.Firsts}, {splice.Scenario.Grids.ToString().ToLowerInvariant()}");
        Panel(1, (x, y) => splice.RegionOf[y * picture.Width + x], label => label);
    }

    public ImageBuffer Image => canvas.Image;

    public void Draw(int finder, RegionFinding finding, RegionScore score)
    {
        int[] colours = Colours(finding.Sources.Count, score.Matches);
        Panel(panels[finder], (x, y) => finding.Labels[y * splice.Picture.Width + x], label => colours[label]);
        double? f1 = finders[finder].TellsSources ? score.Donors.Average(donor => donor.F1) : 2.0 * score.Both / (score.Foreign + score.Marked);
        Title(panels[finder], string.Create(CultureInfo.InvariantCulture, $"{finders[finder].Name}: F1 {f1:0.00}"));
    }

    // Label -> colour, the truth's where matched.
    static int[] Colours(int sources, IReadOnlyList<int> matches)
    {
        var colours = new int[sources];
        int next = matches.Count + 1;
        for (int label = 1; label < sources; label++)
        {
            int donor = matches.ToList().IndexOf(label);
            colours[label] = donor >= 0 ? donor + 1 : next++;
        }
        return colours;
    }

    void Panel(int panel, Func<int, int, int> label, Func<int, int> colour)
    {
        PanelDrawing.Picture(canvas, Left(panel), Top(panel), scale, splice.Picture.View);
        ImageBuffer image = canvas.Image;
        for (int y = 0; y < scale.Height; y++)
        {
            for (int x = 0; x < scale.Width; x++)
            {
                ReadOnlySpan<byte> under = image.Pixels.AsSpan((Top(panel) + y) * image.Stride + 3 * (Left(panel) + x), 3);
                Rgb grey = Rgb.Gray((byte)((77 * under[0] + 150 * under[1] + 29 * under[2]) >> 8));
                int at = label(scale.Columns(x).Start, scale.Rows(y).Start);
                Rgb shown = at < 0 ? PanelDrawing.Hatched(x, y, grey) : RegionColours.At(colour(at)).Mix(grey, Ghost);
                canvas.Set(Left(panel) + x, Top(panel) + y, shown);
            }
        }
    }

    int Left(int panel) => Margin + panel % MostAcross * (scale.Width + Margin);

    int Top(int panel) => TitleHeight + panel / MostAcross * (TitleHeight + scale.Height);

    void Title(int panel, string text)
    {
        int room = (scale.Width + Margin) / (Canvas.TextWidth("X", TextScale) + TextScale);
        canvas.Text(Left(panel), Top(panel) - (TitleHeight + Canvas.TextHeight(TextScale)) / 2, text.Length <= room ? text : text[..room], TextScale, PanelDrawing.Ink);
    }
}
