using System.CommandLine;
using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe demo DIR: spliced sample scenes, their analysis, and how far the two are apart. Needs no file but the models.
sealed class DemoVerb(ToolConsole console, PrimaryEstimatorChoice primary)
{
    public const string Example = """
        jqe demo demo
        """;

    readonly Argument<string> folder = new("DIR") { Description = "Folder to write to; created." };
    readonly Option<ulong> seed = new("--seed") { Description = "Which scene.", HelpName = "S", DefaultValueFactory = _ => 1 };
    readonly Option<string?> model = SharedOptions.Model();
    readonly Option<string?> primaryModel = new("--primary-model")
    {
        Description = "Weights for the splice (safetensors); default: the bundled model.",
        HelpName = "FILE",
    };
    readonly Option<Engine.ComputeDevice> device = SharedOptions.Device();
    readonly Option<int> threads = SharedOptions.Threads();
    readonly Option<bool> json = SharedOptions.Json();

    public static Command Create(ToolConsole console, PrimaryEstimatorChoice primary)
    {
        var verb = new DemoVerb(console, primary);
        var command = new Command("demo", """
            Makes a sample scene with pasted regions of different JPEG histories, analyses it, and writes input.png,
            truth.png, map.png, quality.npy, compressed.npy and numbers.json; then a splice of three JPEG pictures, saved as
            JPEG again: primary-input.jpg, primary-truth.png, primary-map.png, primary-regions.png and primary.json.
            """.ReplaceLineEndings(" "))
        {
            verb.folder, verb.seed, verb.json, verb.model, verb.primaryModel, verb.device, verb.threads,
        };
        command.SetAction(verb.Run);
        return command;
    }

    int Run(ParseResult parse)
    {
        using IQualityMapEstimator estimator = EstimatorChoice.Open(parse.GetValue(model), parse.GetValue(device), parse.GetValue(threads));
        using IPrimaryQuantEstimator? splices = parse.GetValue(primaryModel) is null && !primary.HasDefault
            ? null
            : primary.Open("--primary-model", parse.GetValue(primaryModel), parse.GetValue(device), parse.GetValue(threads));
        var scene = new DemoScene(768, 512, parse.GetValue(seed));
        QualityMap map = ProgressBar.Show(
            console, "sample scene", progress => estimator.Estimate(scene.Picture.View, progress, console.Cancellation));

        string target = Directory.CreateDirectory(parse.GetValue(folder)!).FullName;
        int[] shape = [map.Height, map.Width];
        Write("input.png", stream => PngWriter.Write(stream, scene.Picture.View));
        Write("truth.png", stream => PngWriter.Write(stream, QualityMapPicture.RenderTruth(scene.Truth(), scene.Picture.View).View));
        Write("map.png", stream => PngWriter.Write(stream, QualityMapPicture.Render(map, scene.Picture.View).View));
        Write("quality.npy", stream => NpyWriter.Write(stream, map.Quality, shape));
        Write("compressed.npy", stream => NpyWriter.Write(stream, map.Compressed, shape));
        string numbers = Numbers(scene, map, estimator);
        Write("numbers.json", stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(numbers + "\n")));

        if (parse.GetValue(json))
            console.Result(numbers);
        else
            Table(scene, map);
        new PrimaryDemo(console, target, parse.GetValue(json)).Run(splices, parse.GetValue(seed));
        if (!parse.GetValue(json))
            console.Result($"pictures and numbers: {target}");
        return ExitStatus.Done;

        void Write(string name, Action<Stream> content) => OutputFile.Write(Path.Combine(target, name), content);
    }

    void Table(DemoScene scene, QualityMap map)
    {
        console.Result("region        history            quality  ever-jpeg  verdict");
        for (int i = 0; i < DemoScene.Regions.Count; i++)
        {
            QualitySummary found = scene.Measure(map, i);
            DemoRegion region = DemoScene.Regions[i];
            console.Result(string.Create(
                CultureInfo.InvariantCulture,
                $"{region.Name,-12}  {region.History,-17}  {found.MeanQuality,7:0.0}  {found.MeanCompressed,9:0.000}  {QualityReport.Words(found.Verdict)}"));
        }
    }

    static string Numbers(DemoScene scene, QualityMap map, IQualityMapEstimator estimator) => JsonLine.Of(json =>
    {
        json.WriteString("file", "input.png");
        json.WriteNumber("width", map.Width);
        json.WriteNumber("height", map.Height);
        QualityReport.Summary(json, map.Summary);
        json.WriteString("model", estimator.ModelName);
        json.WriteString("device", estimator.Device.ToString());
        json.WriteStartArray("regions");
        for (int i = 0; i < DemoScene.Regions.Count; i++)
        {
            DemoRegion region = DemoScene.Regions[i];
            json.WriteStartObject();
            json.WriteString("name", region.Name);
            json.WriteString("history", region.History);
            json.WriteNumber("trueQuality", region.Quality ?? 100);
            json.WriteNumber("trueCompressed", region.Quality is null ? 0 : 1);
            QualityReport.Summary(json, scene.Measure(map, i));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });
}
