using System.Globalization;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// [picture] [quality map, bar 0..100] [flag map, bar 0..1], a line of numbers over each, the verdict below.

/// <summary>Draws a quality map beside its picture, with colour bars and numbers.</summary>
public static class QualityMapPicture
{
    /// <summary>
    /// Draws the picture, its quality map and its flag map side by side (Rgb24). Pixels whose surroundings hold too
    /// little texture are greyed and hatched. Deterministic.
    /// </summary>
    /// <param name="map">The map.</param>
    /// <param name="picture">The picture it was made from.</param>
    /// <param name="options">Size limits.</param>
    /// <exception cref="ArgumentException">Picture and map differ in size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is outside its range.</exception>
    public static ImageBuffer Render(QualityMap map, PixelView picture, QualityMapPictureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.Width != picture.Width || map.Height != picture.Height)
            throw new ArgumentException(
                $"the map is {map.Width}x{map.Height}, the picture {picture.Width}x{picture.Height}", nameof(picture));
        options ??= QualityMapPictureOptions.Default;
        return Render(map.Summary, Sums(map, options), picture, options);
    }

    // Of a map that is added up and may be gone.
    internal static ImageBuffer Render(QualitySummary summary, PanelSums sums, PixelView picture, QualityMapPictureOptions options)
    {
        MapPanels panels = Panels(sums, picture, options);
        panels.Title(0, Invariant($"picture {picture.Width} x {picture.Height}"));
        panels.Title(1, Invariant($"quality {summary.MeanQuality:0.0}  (reliable {summary.ReliableQuality:0.0})"));
        panels.Title(2, Invariant($"ever jpeg {summary.MeanCompressed:0.00}  (reliable {summary.ReliableCompressed:0.00})"));
        panels.Footer(Invariant($"verdict: {Words(summary.Verdict)}"));
        panels.HatchLegend(Invariant($"not reliable: {1 - summary.ReliableShare:0.0%}"));
        return panels.Image;
    }

    // The sheet of a map whose true values are known: no verdict, nothing hatched.
    internal static ImageBuffer RenderTruth(QualityMap truth, PixelView picture)
    {
        QualityMapPictureOptions options = QualityMapPictureOptions.Default;
        MapPanels panels = Panels(Sums(truth, options), picture, options);
        panels.Title(0, Invariant($"picture {truth.Width} x {truth.Height}"));
        panels.Title(1, "true quality");
        panels.Title(2, "truly ever jpeg");
        return panels.Image;
    }

    internal static PanelSums EmptySums(int width, int height, QualityMapPictureOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxWidth, 640, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxWidth, 16000, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxPanelHeight, 64, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxPanelHeight, 16000, nameof(options));
        return new PanelSums(MapPanels.ScaleOf(width, height, options));
    }

    static PanelSums Sums(QualityMap map, QualityMapPictureOptions options)
    {
        PanelSums sums = EmptySums(map.Width, map.Height, options);
        sums.Add(0, map.Height, map.Quality, map.Compressed, map.Reliability);
        return sums;
    }

    static MapPanels Panels(PanelSums sums, PixelView picture, QualityMapPictureOptions options)
    {
        var panels = new MapPanels(picture.Width, picture.Height, options);
        panels.DrawPicture(0, picture);
        panels.DrawMap(1, sums, sums.Quality, 100, ColourRamp.Quality);
        panels.DrawMap(2, sums, sums.Compressed, 1, ColourRamp.Flag);
        panels.DrawBar(1, ColourRamp.Quality, ["0", "25", "50", "75", "100"]);
        panels.DrawBar(2, ColourRamp.Flag, ["0", "0.5", "1"]);
        return panels;
    }

    static string Words(QualityVerdict verdict) => verdict switch
    {
        QualityVerdict.Jpeg => "jpeg",
        QualityVerdict.NeverCompressed => "never compressed",
        _ => "undetermined",
    };

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
