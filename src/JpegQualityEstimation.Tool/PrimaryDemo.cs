using System.Globalization;
using System.Text;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool;

// The part of jqe demo about primary quantization: a splice of known first tables, written as the JPEG file it would be,
// its truth, and, where there is a model, its map and numbers.
sealed class PrimaryDemo(ToolConsole console, string target, bool json)
{
    readonly SecondTable second = new("file", PrimaryDemoScene.Last.Luminance);

    // estimator: null where this build carries no model and none was named.
    public void Run(IPrimaryQuantEstimator? estimator, ulong seed)
    {
        var scene = new PrimaryDemoScene(768, 512, seed);
        Write("primary-input.jpg", stream => stream.Write(scene.Jpeg));
        Write("primary-truth.png", stream => PngWriter.Write(stream, PrimaryQuantMapPicture.Render(scene.Truth(), scene.Picture.View).View));
        if (estimator is null)
        {
            console.Message("primary quantization: this build carries no model for it and --primary-model names none; its map and numbers are left out");
            return;
        }
        PrimaryQuantMap map = ProgressBar.Show(console, "splice", progress => estimator.EstimateMap(
            scene.Picture.View, second.Table, new PrimaryMapOptions { KeepProbabilities = true }, progress, console.Cancellation));
        Write("primary-map.png", stream => PngWriter.Write(stream, PrimaryQuantMapPicture.Render(map, scene.Picture.View).View));
        string numbers = Numbers(scene, map, estimator);
        Write("primary.json", stream => stream.Write(Encoding.UTF8.GetBytes(numbers + "\n")));
        if (json)
            console.Result(numbers);
        else
            Table(scene, map);
    }

    void Table(PrimaryDemoScene scene, PrimaryQuantMap map)
    {
        console.Result("region   true qf1  shift  found qf1  confidence  shift  steps found");
        for (int i = 0; i < PrimaryDemoScene.Regions.Count; i++)
        {
            PrimaryDemoRegion region = PrimaryDemoScene.Regions[i];
            PrimaryQuantEstimate found = scene.Measure(map, i);
            string shift = found.GridShift is { } g ? string.Create(CultureInfo.InvariantCulture, $"{g.Row},{g.Column}") : "-";
            console.Result(string.Create(
                CultureInfo.InvariantCulture,
                $"{region.Name,-7}  {region.Quality,8}    {region.ShiftRow},{region.ShiftColumn}  {found.QualityFactor,9}  {found.Confidence,10:0.000}  {shift,5}  {string.Join(' ', found.Steps.ToArray())}"));
        }
    }

    string Numbers(PrimaryDemoScene scene, PrimaryQuantMap map, IPrimaryQuantEstimator estimator) => JsonLine.Of(writer =>
    {
        writer.WriteString("file", "primary-input.jpg");
        writer.WriteNumber("width", map.PictureWidth);
        writer.WriteNumber("height", map.PictureHeight);
        PrimaryReport.Second(writer, second);
        writer.WriteStartObject("primary");
        PrimaryReport.Estimate(writer, map.Pooled);
        writer.WriteEndObject();
        writer.WriteNumber("determined", Math.Round(map.DeterminedShare, 5));
        writer.WriteString("model", map.ModelName);
        writer.WriteString("device", estimator.Device.ToString());
        writer.WriteStartArray("parts");
        for (int i = 0; i < PrimaryDemoScene.Regions.Count; i++)
        {
            PrimaryDemoRegion region = PrimaryDemoScene.Regions[i];
            writer.WriteStartObject();
            writer.WriteString("name", region.Name);
            writer.WriteNumber("trueQualityFactor", region.Quality);
            writer.WriteStartArray("trueSteps");
            foreach (short step in region.Steps)
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
