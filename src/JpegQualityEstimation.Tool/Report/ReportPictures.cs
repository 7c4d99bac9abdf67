using System.Globalization;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Report;

// ReportPictures: the picture and its maps as the page shows them: averaged down to at most PictureSide and MapSide pixels a
// side, so that a page stays below PageBytes whatever the picture.
static class ReportPictures
{
    public const int PictureSide = 2000;
    public const int MapSide = 1000;

    // Picture: JPEG of quality 90, 4:2:0: below one byte a pixel. Six maps: RGB that deflate cannot shorten. Times 4/3 for
    // base64; tables and texts are cut to less than 2 MB.
    public const int PageBytes = (PictureSide * PictureSide + 6 * 3 * (MapSide + 1) * MapSide) / 3 * 4 + 2_000_000;

    // As in PrimaryQuantMapPicture.
    const float ClearShift = 0.5f;
    const int ShiftsNamed = 8;

    static readonly (Rgb Colour, string Text) edge = (PanelDrawing.Blank, "edge of the picture, where no window has its centre");

    static readonly JpegCompression shown = JpegCompression.FromQuality(90);

    public static (int Width, int Height) Shown(int width, int height)
    {
        if (Math.Max(width, height) <= PictureSide)
            return (width, height);
        var scale = new PanelScale(width, height, PictureSide, PictureSide);
        return (scale.Width, scale.Height);
    }

    public static byte[] Picture(ImageBuffer image)
    {
        using var stream = new MemoryStream();
        if (Math.Max(image.Width, image.Height) <= PictureSide)
        {
            JpegEncoder.Encode(stream, image.View, shown);
            return stream.ToArray();
        }
        var scale = new PanelScale(image.Width, image.Height, PictureSide, PictureSide);
        var canvas = new Canvas(scale.Width, scale.Height, PanelDrawing.Paper);
        PanelDrawing.Picture(canvas, 0, 0, scale, image.View);
        JpegEncoder.Encode(stream, canvas.Image.View, shown);
        return stream.ToArray();
    }

    public static IReadOnlyList<ReportMap> Maps(PictureFindings findings, ImageBuffer image)
    {
        var scale = new PanelScale(image.Width, image.Height, MapSide, MapSide);
        var maps = new List<ReportMap>();
        if (findings.Regions is { } regions)
            maps.Add(Regions(regions, scale, image));
        QualityMap quality = findings.Quality;
        maps.Add(Plane("quality", "Quality", "The JPEG quality each pixel was last visibly compressed with. Where the flag is low the number means nothing.",
            quality.Quality, quality, scale, 100, ColourRamp.Quality, ["0", "25", "50", "75", "100"], "quality factor, libjpeg's scale"));
        maps.Add(Plane("compressed", "Compression flag", "Whether each pixel ever was JPEG.",
            quality.Compressed, quality, scale, 1, ColourRamp.Flag, ["0 never", "0.5", "1 was JPEG"], "flag, 0 to 1"));
        if (findings.Primary is { } primary)
        {
            maps.Add(Windows("primary", "First quality", "The quality factor of the table before the last one, from the 64x64 window around each place.",
                primary, scale, i => ColourRamp.Quality.At((primary.QualityFactor[i] - 50) / 50.0), ColourRamp.Quality,
                ["50", "60", "70", "80", "90", "100"], "quality factor, 98 to 100 also where no earlier compression is seen"));
            maps.Add(Windows("confidence", "Confidence of the first steps", "Mean probability that the model gives to the 15 steps it answers.",
                primary, scale, i => ColourRamp.Flag.At(primary.Confidence[i]), ColourRamp.Flag, ["0", "0.25", "0.5", "0.75", "1"], "probability"));
            if (primary.HasGridShifts)
                maps.Add(Shifts(primary, scale));
        }
        return maps;
    }

    static ReportMap Plane(
        string kind, string title, string caption, ReadOnlySpan<float> plane, QualityMap map, PanelScale scale, double full, ColourRamp ramp,
        string[] labels, string unit)
    {
        var canvas = new Canvas(scale.Width, scale.Height, PanelDrawing.Paper);
        PanelDrawing.Plane(canvas, 0, 0, scale, plane, map.Reliability, full, ramp);
        return new ReportMap(kind, title, caption, canvas.Image,
            new ReportLegend(unit, Text($"too little texture to tell ({1 - map.ReliableShare:0.0%} of the pixels)")) { Ramp = ramp, Labels = labels });
    }

    static ReportMap Windows(
        string kind, string title, string caption, PrimaryQuantMap map, PanelScale scale, Func<int, Rgb> colour, ColourRamp ramp, string[] labels, string unit)
    {
        var canvas = new Canvas(scale.Width, scale.Height, PanelDrawing.Paper);
        PanelDrawing.Windows(canvas, 0, 0, scale, map, i => map.Determined[i] == 0 ? null : colour(i));
        return new ReportMap(kind, title, caption, canvas.Image, new ReportLegend(unit, Undetermined(map)) { Ramp = ramp, Labels = labels, Swatches = [edge] });
    }

    static ReportMap Shifts(PrimaryQuantMap map, PanelScale scale)
    {
        var canvas = new Canvas(scale.Width, scale.Height, PanelDrawing.Paper);
        PanelDrawing.Windows(canvas, 0, 0, scale, map, i => map.Determined[i] == 0 ? null
            : map.GridShiftProbability[i] < ClearShift ? GridShiftColours.Unclear : GridShiftColours.At(map.GridShifts[i]));
        var counts = new int[65];
        for (int i = 0; i < map.Determined.Length; i++)
            if (map.Determined[i] != 0)
                counts[map.GridShiftProbability[i] < ClearShift ? 64 : map.GridShifts[i]]++;
        double all = Math.Max(1, counts.Sum());
        var swatches = Enumerable.Range(0, 64).Where(s => counts[s] >= 0.005 * all).OrderByDescending(s => counts[s]).Take(ShiftsNamed)
            .Select(s => (GridShiftColours.At(s), Text($"row {s / 8}, column {s % 8}{(s == 0 ? " (aligned)" : "")}: {counts[s] / all:0.0%}"))).ToList();
        if (counts[64] > 0)
            swatches.Add((GridShiftColours.Unclear, Text($"unclear (probability below {ClearShift}): {counts[64] / all:0.0%}")));
        swatches.Add(edge);
        return new ReportMap("shift", "Grid shift", "How the 8x8 grid of the compression before lies against that of the last one: rows and columns, modulo 8.",
            canvas.Image, new ReportLegend("share of the windows that can be read", Undetermined(map)) { Swatches = swatches });
    }

    static ReportMap Regions(RegionMap map, PanelScale scale, ImageBuffer image)
    {
        var canvas = new Canvas(scale.Width, scale.Height, PanelDrawing.Paper);
        RegionMapPicture.Draw(canvas, 0, 0, scale, map, image.View);
        var swatches = map.Sources.Select(source => (RegionColours.At(source.Label), Text($"{PlainWords.Name(source)}: {source.Share:0.0%}"))).ToList();
        return new ReportMap("regions", "Regions", map.HasSeveralSources
                ? "Parts of the picture whose earlier compressions differ, over a grey copy of it."
                : "All parts that can be read agree with one earlier compression.",
            canvas.Image, new ReportLegend("share of the pixels that can be read", "cannot be read") { Swatches = swatches });
    }

    static string Undetermined(PrimaryQuantMap map) => Text($"cannot be read ({1 - map.DeterminedShare:0.0%} of the windows)");

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
