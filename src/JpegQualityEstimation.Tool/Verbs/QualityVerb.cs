using System.CommandLine;
using System.Diagnostics;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe quality PATH...: one line of result a picture, maps beside it where asked for. A picture that fails is reported
// and left behind.
sealed class QualityVerb(ToolConsole console, IQualityMapEstimator estimator, bool json, OutputNames? maps, bool resume)
{
    public const string Example = """
        jqe quality photo.jpg
        jqe quality photos --recursive --maps maps --json > results.jsonl
        find . -name '*.png' | jqe quality - --json
        """;

    // Above this many pixels a picture's planes are given back before the next picture is read.
    const int CollectAbove = 4_000_000;

    public static Command Create(ToolConsole console)
    {
        Argument<string[]> paths = SharedOptions.Paths();
        Option<bool> json = SharedOptions.Json(), recursive = SharedOptions.Recursive(), resume = SharedOptions.Resume();
        Option<string?> model = SharedOptions.Model(), maps = SharedOptions.Maps();
        var device = SharedOptions.Device();
        var threads = SharedOptions.Threads();
        var verb = new Command("quality", """
            Per pixel, the JPEG quality a picture was once saved with and whether it ever was JPEG. For each picture:
            the mean quality 0-100, the mean flag 0-1, the verdict (jpeg, never-compressed, undetermined) and the share
            of pixels with enough texture to tell. With --maps, NAME.quality.npy, NAME.compressed.npy and NAME.map.png,
            NAME being the picture's file name with its extension, below the folder that all inputs share.
            """.ReplaceLineEndings(" "))
        {
            paths, json, maps, resume, recursive, model, device, threads,
        };
        verb.SetAction(parse =>
        {
            string? target = parse.GetValue(maps);
            if (parse.GetValue(resume) && target is null)
                throw new UsageException("--resume needs --maps: it skips pictures whose maps are there");
            using IQualityMapEstimator estimator = EstimatorChoice.Open(
                parse.GetValue(model), parse.GetValue(device), parse.GetValue(threads));
            console.Message($"model {estimator.ModelName}, device {estimator.Device}: {estimator.DeviceReason}");
            var inputs = new InputList(parse.GetValue(paths)!, parse.GetValue(recursive), target, console.Input);
            IEnumerable<InputPicture> pictures = inputs.Pictures();
            OutputNames? names = null;
            if (target is not null)
            {
                InputPicture[] all = [.. pictures];
                names = new OutputNames(target, all);
                pictures = all;
            }
            return new QualityVerb(console, estimator, parse.GetValue(json), names, parse.GetValue(resume)).Run(pictures, inputs.Empty);
        });
        return verb;
    }

    int Run(IEnumerable<InputPicture> pictures, IReadOnlyList<string> emptyFolders)
    {
        int failed = 0, done = 0;
        foreach (InputPicture picture in pictures)
        {
            console.Cancellation.ThrowIfCancellationRequested();
            if (resume && QualityMapFiles.Exist(maps!, picture))
            {
                console.Message($"{picture.Path}: skipped, its maps are there");
                continue;
            }
            try
            {
                int pixels = Analyse(picture, first: done++ == 0);
                if (pixels > CollectAbove)
                    GC.Collect();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Report(picture.Path, Failure.Of(e));
                failed++;
            }
        }
        foreach (string folder in emptyFolders)
        {
            Report(folder, new Failure("empty-folder", "no picture in this folder (--recursive also looks below it)"));
            failed++;
        }
        return failed == 0 ? ExitStatus.Done : ExitStatus.SomeFailed;
    }

    int Analyse(InputPicture picture, bool first)
    {
        var clock = Stopwatch.StartNew();
        ImageBuffer image = ImageFile.Read(picture.Path);
        QualityMap map = ProgressBar.Show(
            console, Label(picture.Path), progress => estimator.Estimate(image.View, progress, console.Cancellation));
        double milliseconds = clock.Elapsed.TotalMilliseconds;
        if (maps is not null)
            QualityMapFiles.Write(maps, picture, map, image);
        if (json)
            console.Result(QualityReport.ToJson(picture.Path, map, estimator, milliseconds));
        else
            console.Result((first ? QualityReport.Heading + Environment.NewLine : "") + QualityReport.ToRow(picture.Path, map, milliseconds));
        return map.Width * map.Height;
    }

    // Short enough for one line of a terminal.
    static string Label(string path)
    {
        string name = Path.GetFileName(path);
        return name.Length <= 30 ? name : $"{name[..14]}..{name[^14..]}";
    }

    void Report(string file, Failure failure)
    {
        if (json)
            console.Result(failure.ToJson(file));
        else
            console.Message($"{file}: {failure}");
    }
}
