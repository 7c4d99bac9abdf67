using System.CommandLine;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe quality PATH...: one line of result a picture, maps beside it where asked for.
sealed class QualityVerb(ToolConsole console, OnePictureOrMany<IQualityMapEstimator> estimators, bool json) : IPictureAnalysis
{
    public const string Example = """
        jqe quality photo.jpg
        jqe quality photos --recursive --maps maps --json > results.jsonl
        find . -name '*.png' -print0 | jqe quality - --null --json
        jqe quality photos --shard 3/16 --results results-3.jsonl
        """;

    public static Command Create(ToolConsole console)
    {
        var batch = new PictureBatchOptions();
        Option<string?> model = SharedOptions.Model();
        var device = SharedOptions.Device();
        var precision = SharedOptions.Precision();
        var threads = SharedOptions.Threads();
        var networkOnly = new Option<bool>("--network-only") { Description = "What the network says, without the grid of the last compression." };
        var verb = new Command("quality", """
            Per pixel, the JPEG quality a picture was once saved with and whether it ever was JPEG. For each picture:
            the mean quality 0-100, the mean flag 0-1, the verdict (jpeg, never-compressed, undetermined) and the share
            of pixels with enough texture to tell. With --maps, NAME.quality.npy, NAME.compressed.npy and NAME.map.png,
            NAME being the picture's file name with its extension, below the folder that all inputs share.
            """.ReplaceLineEndings(" "))
        {
            batch.Paths, batch.Json, batch.Maps, batch.MapsRoot, batch.Resume, batch.Recursive, model, device, precision, threads, networkOnly,
        };
        batch.AddDivisionTo(verb);
        verb.SetAction(parse =>
        {
            using PictureBatch pictures = batch.Open(parse, console);
            using var estimators = new OnePictureOrMany<IQualityMapEstimator>(parse.GetValue(threads), made => made.Device, count =>
                EstimatorChoice.Open(parse.GetValue(model), parse.GetValue(device), count, parse.GetValue(precision), parse.GetValue(networkOnly)));
            IQualityMapEstimator estimator = estimators.WithAllThreads;
            console.Message($"model {estimator.ModelName}, device {estimator.Device}: {estimator.DeviceReason}");
            return pictures.Run(new QualityVerb(pictures.Console, estimators, pictures.Json));
        });
        return verb;
    }

    public bool IsDone(OutputNames names, InputPicture picture) => QualityMapFiles.Files.Exist(names, picture);

    public int Threads => estimators.Threads;

    public int Analyse(InputPicture picture, OutputNames? names, PictureTurn turn)
    {
        var clock = Stopwatch.StartNew();
        ImageBuffer image = Read(picture.Path, turn);
        IQualityMapEstimator estimator = estimators.For(turn);
        QualityMap? map = null;
        QualityBandsEstimate estimate = ProgressBar.Show(console, turn, ProgressBar.Label(picture.Path), progress =>
        {
            if (estimator is IQualityBandEstimator bands && bands.BandRows(image.Width, image.Height) < image.Height)
                return ByBands(bands, picture, names, image, progress);
            map = estimator.Estimate(image.View, progress, console.Cancellation);
            return new QualityBandsEstimate(map.Summary, map.LastCompression);
        });
        double milliseconds = clock.Elapsed.TotalMilliseconds;
        if (names is not null && map is not null)
            QualityMapFiles.Write(names.Of(picture, ""), map, image);
        if (json)
            turn.Result(QualityReport.ToJson(picture.Path, image, estimate, estimator, milliseconds));
        else
            turn.Row(QualityReport.Heading, QualityReport.ToRow(picture.Path, image, estimate.Summary, milliseconds));
        return image.Width * image.Height;
    }

    // Apart, so that nothing holds the file's bytes while the picture is worked on.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static ImageBuffer Read(string path, PictureTurn turn) => turn.Read(InputFile.Read(path), path);

    // A large picture: what its decoder held is given back first, and its map is never whole in memory.
    QualityBandsEstimate ByBands(IQualityBandEstimator bands, InputPicture picture, OutputNames? names, ImageBuffer image, IProgress<double>? progress)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return names is null
            ? bands.EstimateBands(image.View, null, progress, console.Cancellation)
            : QualityMapFiles.Write(names.Of(picture, ""), bands, image, progress, console.Cancellation);
    }
}
