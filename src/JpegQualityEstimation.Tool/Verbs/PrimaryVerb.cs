using System.CommandLine;
using System.Diagnostics;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe primary PATH...: the steps of the first of two quantization tables, one line of result a picture, maps beside it
// where asked for.
sealed class PrimaryVerb(ToolConsole console, OnePictureOrMany<IPrimaryQuantEstimator> estimators, SecondTableChoice second, int stride, bool json)
    : IPictureAnalysis
{
    public const string Example = """
        jqe primary photo.jpg
        jqe primary saved-later.png --maps maps
        jqe primary photo.png --second 90 --maps maps
        jqe primary patches --patch --second 90 --json > patches.jsonl
        """;

    const int Side = 64;

    public static Command Create(ToolConsole console, PrimaryEstimatorChoice choice)
    {
        var batch = new PictureBatchOptions();
        Option<string> second = new("--second")
        {
            Description = "Luminance table of the last compression: auto (from the JPEG file; of other files, with the place of the grid, from the pixels), a quality factor 1-100, or a file of 64 steps in natural order.",
            HelpName = "auto|QF|FILE",
            DefaultValueFactory = _ => "auto",
        };
        Option<int> stride = SharedOptions.Positive("--stride", "Pixels from one 64x64 window to the next; default 8.", 1, 65535);
        Option<bool> patch = new("--patch") { Description = "Every input is one 64x64 patch, its top left a block corner of the second grid." };
        Option<string?> model = SharedOptions.Model();
        var device = SharedOptions.Device();
        var precision = SharedOptions.Precision();
        var threads = SharedOptions.Threads();
        var verb = new Command("primary", """
            The first 15 zig-zag steps of the first of two luminance quantization tables, from every 64x64 window of a
            double-compressed picture and from all of them together. For each picture: the nearest quality factor, the steps,
            how sure the model is, the share of windows that can be read, and how the first 8x8 grid lies against the second.
            Where parts of a picture come from other sources than the rest, a line for each source below. With --maps, NAME.q1.npy
            (steps, 0 where undetermined), NAME.q1conf.npy (their probabilities), NAME.regions.npy (sources), and pictures of both.
            """.ReplaceLineEndings(" "))
        {
            batch.Paths, second, stride, patch, batch.Json, batch.Maps, batch.MapsRoot, batch.Resume, batch.Recursive, model, device, precision, threads,
        };
        batch.AddDivisionTo(verb);
        verb.SetAction(parse =>
        {
            using PictureBatch pictures = batch.Open(parse, console);
            bool patches = parse.GetValue(patch);
            int pixels = parse.GetValue(stride);
            if (patches && (parse.GetValue(batch.Maps) is not null || pixels != 0))
                throw new UsageException("--patch: a patch is one window and has no map, no --maps and no --stride");
            SecondTableChoice table = SecondTableChoice.Parse(parse.GetValue(second)!);
            using var estimators = new OnePictureOrMany<IPrimaryQuantEstimator>(parse.GetValue(threads), made => made.Device, count =>
                choice.Open("--model", parse.GetValue(model), parse.GetValue(device), count, parse.GetValue(precision)));
            console.Message($"device {estimators.WithAllThreads.Device}: {estimators.WithAllThreads.DeviceReason}");
            return pictures.Run(new PrimaryVerb(pictures.Console, estimators, table, patches ? 0 : pixels == 0 ? 8 : pixels, pictures.Json));
        });
        return verb;
    }

    public bool IsDone(OutputNames names, InputPicture picture) => PrimaryMapFiles.Files.Exist(names, picture);

    public int Threads => estimators.Threads;

    public int Analyse(InputPicture picture, OutputNames? names, PictureTurn turn)
    {
        var clock = Stopwatch.StartNew();
        byte[] file = InputFile.Read(picture.Path);
        ImageBuffer image = turn.Read(file, picture.Path);
        IPrimaryQuantEstimator estimator = estimators.For(turn);
        if (stride == 0 ? image.Width != Side || image.Height != Side : image.Width < Side || image.Height < Side)
        {
            throw stride == 0
                ? new InputException("not-a-patch", $"{image.Width}x{image.Height} pixels, a patch has 64x64")
                : new InputException("too-small", $"{image.Width}x{image.Height} pixels, the smallest picture has 64x64");
        }
        SecondTable table = second.Of(file, picture.Path, image.View, console.Cancellation);
        RequireGrid(table.Origin, image);
        PrimaryQuantEstimate estimate;
        double share;
        PrimaryQuantMap? map = null;
        RegionMap? regions = null;
        if (stride == 0)
        {
            estimate = estimator.EstimatePatch(image.View, table.Table);
            share = estimate.Determined ? 1 : 0;
        }
        else
        {
            var evidence = new RegionEvidence();
            var options = new PrimaryMapOptions
            {
                Stride = stride, OriginRow = table.Origin.Row, OriginColumn = table.Origin.Column, RowReceiver = evidence.Receive,
            };
            map = ProgressBar.Show(console, turn, ProgressBar.Label(picture.Path), progress =>
                estimator.EstimateMap(image.View, table.Table, options, progress, console.Cancellation));
            (estimate, share) = (map.Pooled, map.DeterminedShare);
            regions = RegionFinder.Find(map, evidence);
        }
        var result = new PrimaryResult(
            picture.Path, image.Width, image.Height, table, estimate, share, regions,
            estimator.ModelNameFor(table.Table), estimator.Device.ToString(), clock.Elapsed.TotalMilliseconds);
        if (names is not null)
            PrimaryMapFiles.Write(names.Of(picture, ""), map!, regions!, image);
        if (json)
            turn.Result(PrimaryReport.ToJson(result));
        else
            turn.Row(PrimaryReport.Heading, string.Join(Environment.NewLine, Rows(result)));
        return image.Width * image.Height;
    }

    static IEnumerable<string> Rows(PrimaryResult result)
    {
        yield return PrimaryReport.ToRow(result);
        if (result.Regions is not { HasSeveralSources: true } regions)
            yield break;
        foreach (string row in RegionReport.Rows(regions))
            yield return row;
    }

    void RequireGrid(GridOrigin origin, ImageBuffer image)
    {
        if (stride == 0 && origin != default)
            throw new InputException("not-a-patch", $"the grid of the last compression begins at row {origin.Row}, column {origin.Column}, a patch's at 0, 0");
        if (image.Width - origin.Column < Side || image.Height - origin.Row < Side)
            throw new InputException("too-small", $"{image.Width}x{image.Height} pixels, no 64x64 window begins on a block of the grid at row {origin.Row}, column {origin.Column}");
    }
}
