using System.CommandLine;
using System.Globalization;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Tool.Report;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe report PATH... --out DIR: everything that can be told of a picture, as one page for people, as JSON and as pictures.
sealed class ReportVerb(ReportAnalysis analysis, bool json) : IPictureAnalysis
{
    public const string Example = """
        jqe report photo.jpg --out case-17
        jqe report photos --recursive --out case-17 --json > case-17.jsonl
        find . -name '*.jpg' -print0 | jqe report - --null --out case-17 --resume
        """;

    public static Command Create(ToolConsole console, PrimaryEstimatorChoice choice, TimeProvider clock)
    {
        var batch = new PictureBatchOptions
        {
            Maps = new("--out") { Description = "Folder to write to; created.", HelpName = "DIR", Required = true },
            Resume = new("--resume") { Description = "Skip inputs whose reports are in --out already." },
        };
        Option<string> second = new("--second")
        {
            Description = "Luminance table of the last compression: auto (from the JPEG file, else from the pixels), a quality factor 1-100, or a file of 64 steps in natural order.",
            HelpName = "auto|QF|FILE",
            DefaultValueFactory = _ => "auto",
        };
        Option<int> stride = SharedOptions.Positive("--stride", "Pixels from one 64x64 window to the next; default 8, more for pictures of more than a million windows.", 1, 65535);
        Option<string?> model = SharedOptions.Model();
        Option<string?> primaryModel = new("--primary-model")
        {
            Description = "Weights for the first table (safetensors), or the name of a bundled model; default: the bundled models.",
            HelpName = "FILE",
        };
        var device = SharedOptions.Device();
        var precision = SharedOptions.Precision();
        var threads = SharedOptions.Threads();
        var verb = new Command("report", """
            Everything that can be told of a picture, for a person: NAME.html, one page that needs no network and no other
            file, with file facts, the picture under switchable maps, regions from elsewhere with evidence and confidence in
            plain words, quantization tables, limits, and how it was made. The same as NAME.json, and the maps with
            their legends as NAME.quality.png, NAME.compressed.png, NAME.primary.png, NAME.confidence.png, NAME.shift.png and NAME.regions.png.
            """.ReplaceLineEndings(" "))
        {
            batch.Paths, batch.Maps, second, stride, batch.Json, batch.MapsRoot, batch.Resume, batch.Recursive, model, primaryModel, device, precision, threads,
        };
        batch.AddDivisionTo(verb);
        verb.SetAction(parse =>
        {
            using PictureBatch pictures = batch.Open(parse, console);
            SecondTableChoice table = SecondTableChoice.Parse(parse.GetValue(second)!);
            ComputeDevice where = parse.GetValue(device);
            ComputePrecision arithmetic = parse.GetValue(precision);
            using IQualityMapEstimator quality = EstimatorChoice.Open(parse.GetValue(model), where, parse.GetValue(threads), arithmetic);
            using IPrimaryQuantEstimator? primary = parse.GetValue(primaryModel) is null && !choice.HasDefault
                ? null
                : choice.Open("--primary-model", parse.GetValue(primaryModel), where, parse.GetValue(threads), arithmetic);
            console.Message($"model {quality.ModelName}, device {quality.Device}: {quality.DeviceReason}");
            var options = new List<(string, string)>();
            AddGiven("--second", parse.GetValue(second) is "auto" ? null : parse.GetValue(second));
            AddGiven("--model", parse.GetValue(model));
            AddGiven("--primary-model", parse.GetValue(primaryModel));
            AddGiven("--device", quality.Device.ToString());
            AddGiven("--precision", quality.Device.Kind == ComputeDeviceKind.Cuda ? arithmetic.ToString().ToLowerInvariant() : null);
            var command = new ReportCommand(pictures.Target!, parse.GetValue(stride), options);
            var models = new ReportModels(parse.GetValue(model), parse.GetValue(primaryModel));
            return pictures.Run(new ReportVerb(new ReportAnalysis(console, quality, primary, table, arithmetic, models, command, clock), pictures.Json));

            void AddGiven(string name, string? value)
            {
                if (value is not null)
                    options.Add((name, value));
            }
        });
        return verb;
    }

    public bool IsDone(OutputNames names, InputPicture picture) => ReportFiles.Exist(names, picture);

    // A report is made by all threads, one after the other.
    public int Threads => 1;

    public int Analyse(InputPicture picture, OutputNames? names, PictureTurn turn)
    {
        byte[] file = InputFile.Read(picture.Path);
        ImageBuffer image = turn.Read(file, picture.Path);
        PictureFindings findings = analysis.Run(picture.Path, file, image);
        IReadOnlyList<ReportMap> maps = ReportFiles.Write(names!.Of(picture, ""), findings, image);
        if (json)
        {
            turn.Result(ReportJson.Line(findings, maps));
        }
        else
        {
            string regions = findings.Regions is { HasSeveralSources: true } several ? string.Create(CultureInfo.InvariantCulture, $"{several.Sources.Count} sources") : findings.Regions is null ? "-" : "one source";
            turn.Result(string.Create(CultureInfo.InvariantCulture,
                $"{QualityReport.Words(findings.Quality.Verdict),-16}  {findings.Quality.ReliableQuality,5:0.0}  {regions,-10}  {names.Of(picture, ReportFiles.Page)}"));
        }
        return image.Width * image.Height;
    }
}
