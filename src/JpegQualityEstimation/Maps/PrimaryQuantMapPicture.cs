using System.Globalization;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// [picture]    [quality factor of the first table, bar 50..100]
// [confidence] [grid shift with its 64 colours; mean step where the model gives no shift]
// numbers over each, pooled steps below.

/// <summary>Draws a primary quantization map beside its picture, with keys and numbers.</summary>
public static class PrimaryQuantMapPicture
{
    const int ShiftsNamed = 5;

    // Shifts less probable than this are drawn as unclear, and those of fewer windows are not named.
    const float ClearShift = 0.5f;
    const double NamedShare = 0.01;

    const double MeanOfLargestSteps = 15;

    /// <summary>
    /// Draws the picture, the quality factor, the confidence and the grid shift of every window (Rgb24); each window is
    /// a square of one stride around its centre. Undetermined windows are hatched, grid shifts less probable than one half
    /// are grey. Deterministic.
    /// </summary>
    /// <param name="map">The map.</param>
    /// <param name="picture">The picture it was made from.</param>
    /// <param name="options">Size limits.</param>
    /// <exception cref="ArgumentException">The map is of a picture of another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is outside its range.</exception>
    public static ImageBuffer Render(PrimaryQuantMap map, PixelView picture, PrimaryQuantMapPictureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        options ??= PrimaryQuantMapPictureOptions.Default;
        if (map.PictureWidth != picture.Width || map.PictureHeight != picture.Height)
            throw new ArgumentException(
                $"the map is of a {map.PictureWidth}x{map.PictureHeight} picture, this one is {picture.Width}x{picture.Height}", nameof(picture));
        options.Check();

        var sheet = new PrimaryMapSheet(picture.Width, picture.Height, options);
        PrimaryQuantEstimate pooled = map.Pooled;
        sheet.DrawPicture(0, picture);
        string second = map.Second.StandardLuminanceQuality() is { } quality ? Invariant($"second quality {quality}") : "second table: not a standard one";
        sheet.Title(0, Invariant($"picture {picture.Width} x {picture.Height}, {second}"));

        sheet.DrawMap(1, map, i => Colour(ColourRamp.Quality, map, i, (map.QualityFactor[i] - 50) / 50.0));
        sheet.DrawBar(1, ColourRamp.Quality, ["50", "60", "70", "80", "90", "100"]);
        sheet.Title(1, pooled.Determined ? Invariant($"first quality: {pooled.QualityFactor} over all") : "first quality: undetermined");

        sheet.DrawMap(2, map, i => Colour(ColourRamp.Flag, map, i, map.Confidence[i]));
        sheet.DrawBar(2, ColourRamp.Flag, ["0", "0.25", "0.5", "0.75", "1"]);
        sheet.Title(2, Invariant($"confidence: {MeanConfidence(map):0.00} a window"));

        if (map.HasGridShifts)
            DrawGridShifts(sheet, map, pooled);
        else
            DrawMeanSteps(sheet, map);

        string steps = pooled.Determined ? string.Join(' ', pooled.Steps.ToArray()) : "undetermined";
        sheet.Footer(0, $"first steps, zig-zag: {steps}");
        string model = $"model: {map.ModelName}";
        sheet.Footer(1, model);
        sheet.HatchKey(1, model.Length, Invariant($"undetermined: {1 - map.DeterminedShare:0.0%}"));
        return sheet.Image;
    }

    static void DrawGridShifts(PrimaryMapSheet sheet, PrimaryQuantMap map, PrimaryQuantEstimate pooled)
    {
        sheet.DrawMap(3, map, i => map.Determined[i] == 0 ? null
            : map.GridShiftProbability[i] < ClearShift ? GridShiftColours.Unclear : GridShiftColours.At(map.GridShifts[i]));
        var shares = new double[64];
        double all = Math.Max(1, map.DeterminedShare * map.Determined.Length), unclear = 0;
        for (int i = 0; i < map.Determined.Length; i++)
        {
            if (map.Determined[i] == 0)
                continue;
            if (map.GridShiftProbability[i] < ClearShift)
                unclear += 1 / all;
            else
                shares[map.GridShifts[i]] += 1 / all;
        }
        sheet.DrawGridShiftKey(3,
            [.. Enumerable.Range(0, 64).Where(s => shares[s] >= NamedShare).OrderByDescending(s => shares[s]).Take(ShiftsNamed).Select(s => (s, shares[s]))],
            unclear);
        sheet.Title(3, pooled.GridShift switch
        {
            null => "grid shift: undetermined",
            { Probability: < ClearShift } => "grid shift: unclear over all",
            { } g => Invariant($"grid shift: {g.Row},{g.Column}{(g.IsAligned ? " (aligned)" : "")} over all"),
        });
    }

    static void DrawMeanSteps(PrimaryMapSheet sheet, PrimaryQuantMap map)
    {
        int windows = map.Width * map.Height;
        sheet.DrawMap(3, map, i =>
        {
            int sum = 0;
            for (int k = 0; k < PrimaryQuantEstimate.StepCount; k++)
                sum += map.Steps[k * windows + i];
            return Colour(ColourRamp.Quality, map, i, 1 - (double)sum / PrimaryQuantEstimate.StepCount / MeanOfLargestSteps);
        });
        sheet.DrawBar(3, ColourRamp.Quality, ["15", "10", "5", "0"]);
        sheet.Title(3, "mean of the 15 first steps");
    }

    static Rgb? Colour(ColourRamp ramp, PrimaryQuantMap map, int window, double value) =>
        map.Determined[window] == 0 ? null : ramp.At(value);

    static double MeanConfidence(PrimaryQuantMap map)
    {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < map.Determined.Length; i++)
        {
            sum += map.Determined[i] * map.Confidence[i];
            count += map.Determined[i];
        }
        return count == 0 ? 0 : sum / count;
    }

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
