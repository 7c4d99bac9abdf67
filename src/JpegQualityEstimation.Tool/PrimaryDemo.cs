using System.Globalization;
using System.Text;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool;

// The part of jqe demo about primary quantization: a splice of known first tables, written as the JPEG file it would be,
// its truth, and, where there is a model, its map and numbers.
sealed class PrimaryDemo(ToolConsole console, string target, bool json)
{
    const int Width = 768, Height = 512;

    static readonly JpegCompression last = JpegCompression.FromQuality(90);

    readonly SecondTable second = new("file", last.Luminance);

    public static IReadOnlyList<PrimarySpliceRegion> Regions { get; } =
    [
        new("ground", 75, 0, 0),
        new("left", 95, 3, 5, 0.25, 0.45, 0.19, 0.34),
        new("right", 60, 6, 2, 0.74, 0.56, 0.20, 0.35),
    ];

    public static PrimarySplice Scene(ulong seed) => new(
        Regions, region => SyntheticPicture.Create(Width + PrimarySplice.Room, Height + PrimarySplice.Room, seed + (ulong)region), Width, Height, last);

    // estimator: null where this build carries no model and none was named.
    public void Run(IPrimaryQuantEstimator? estimator, ulong seed)
    {
        PrimarySplice scene = Scene(seed);
        Write("primary-input.jpg", stream => JpegEncoder.Encode(stream, scene.Pasted.View, last));
        Write("primary-truth.png", stream => PngWriter.Write(stream, PrimaryQuantMapPicture.Render(scene.Truth(), scene.Picture.View).View));
        if (estimator is null)
        {
            console.Message("primary quantization: this build carries no model for it and --primary-model names none; its map and numbers are left out");
            return;
        }
        PrimaryQuantMap map = ProgressBar.Show(console, "splice", progress => estimator.EstimateMap(
            scene.Picture.View, second.Table, new PrimaryMapOptions { KeepProbabilities = true }, progress, console.Cancellation));
        Write("primary-map.png", stream => PngWriter.Write(stream, PrimaryQuantMapPicture.Render(map, scene.Picture.View).View));
        RegionMap regions = RegionFinder.Find(map);
        Write("primary-regions.png", stream => PngWriter.Write(stream, RegionMapPicture.RenderBeside(Truth(scene, regions), regions, scene.Picture.View).View));
        string numbers = Numbers(scene, map, regions, estimator);
        Write("primary.json", stream => stream.Write(Encoding.UTF8.GetBytes(numbers + "\n")));
        if (json)
            console.Result(numbers);
        else
        {
            Table(scene, map);
            foreach (string row in RegionReport.Rows(regions))
                console.Result(row);
        }
    }

    // [height,width]: what was pasted, numbered as what was found and covers most of it, others from there on.
    static short[] Truth(PrimarySplice scene, RegionMap found)
    {
        int width = scene.Picture.Width;
        short[] pixels = found.ToPixelLabels(), truth = new short[pixels.Length];
        var common = new int[Regions.Count, found.Sources.Count];
        for (int i = 0; i < truth.Length; i++)
        {
            truth[i] = (short)scene.RegionIndexAt(i % width, i / width);
            if (pixels[i] >= 0)
                common[truth[i], pixels[i]]++;
        }
        var numbers = new short[Regions.Count];
        for (int region = 0; region < numbers.Length; region++)
        {
            int best = Enumerable.Range(0, found.Sources.Count).MaxBy(label => common[region, label]);
            bool most = Enumerable.Range(0, numbers.Length).All(other => common[other, best] <= common[region, best]);
            numbers[region] = (short)(most ? best : found.Sources.Count + region);
        }
        for (int i = 0; i < truth.Length; i++)
            truth[i] = numbers[truth[i]];
        return truth;
    }

    void Table(PrimarySplice scene, PrimaryQuantMap map)
    {
        console.Result("region   true qf1  shift  found qf1  confidence  shift  steps found");
        for (int i = 0; i < Regions.Count; i++)
        {
            PrimarySpliceRegion region = Regions[i];
            PrimaryQuantEstimate found = scene.Measure(map, i);
            string shift = found.GridShift is { } g ? string.Create(CultureInfo.InvariantCulture, $"{g.Row},{g.Column}") : "-";
            console.Result(string.Create(
                CultureInfo.InvariantCulture,
                $"{region.Name,-7}  {region.Quality,8}    {region.ShiftRow},{region.ShiftColumn}  {found.QualityFactor,9}  {found.Confidence,10:0.000}  {shift,5}  {string.Join(' ', found.Steps.ToArray())}"));
        }
    }

    string Numbers(PrimarySplice scene, PrimaryQuantMap map, RegionMap regions, IPrimaryQuantEstimator estimator) => JsonLine.Of(writer =>
    {
        writer.WriteString("file", "primary-input.jpg");
        writer.WriteNumber("width", map.PictureWidth);
        writer.WriteNumber("height", map.PictureHeight);
        PrimaryReport.Second(writer, second);
        writer.WriteStartObject("primary");
        PrimaryReport.Estimate(writer, map.Pooled);
        writer.WriteEndObject();
        writer.WriteNumber("determined", Math.Round(map.DeterminedShare, 5));
        RegionReport.Write(writer, regions);
        writer.WriteString("model", map.ModelName);
        writer.WriteString("device", estimator.Device.ToString());
        writer.WriteStartArray("parts");
        for (int i = 0; i < Regions.Count; i++)
        {
            PrimarySpliceRegion region = Regions[i];
            writer.WriteStartObject();
            writer.WriteString("name", region.Name);
            writer.WriteNumber("trueQualityFactor", region.Quality);
            writer.WriteStartArray("trueSteps");
            foreach (int step in region.Steps)
                writer.WriteNumberValue(step);
            writer.WriteEndArray();
            writer.WriteStartObject("trueGridShift");
            writer.WriteNumber("row", region.ShiftRow);
            writer.WriteNumber("column", region.ShiftColumn);
            writer.WriteEndObject();
            PrimaryReport.Estimate(writer, scene.Measure(map, i));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    void Write(string name, Action<Stream> content) => OutputFile.Write(Path.Combine(target, name), content);
}
