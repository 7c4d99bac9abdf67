using System.CommandLine;

namespace JpegQualityEstimation.Tool;

// What a verb does with one picture.
interface IPictureAnalysis
{
    // Whether all files that the verb would write for it are there.
    bool IsDone(OutputNames names, InputPicture picture);

    // Analyses, writes and reports; answers the pixels held. First: no picture was tried before.
    int Analyse(InputPicture picture, OutputNames? names, bool first);
}

// The arguments that verbs over pictures share: which pictures, where maps go, how results are told.
sealed class PictureBatchOptions
{
    public Argument<string[]> Paths { get; } = SharedOptions.Paths();

    public Option<bool> Json { get; } = SharedOptions.Json();

    public Option<string?> Maps { get; } = SharedOptions.Maps();

    public Option<bool> Resume { get; } = SharedOptions.Resume();

    public Option<bool> Recursive { get; } = SharedOptions.Recursive();

    public PictureBatch Open(ParseResult parse, ToolConsole console)
    {
        string? target = parse.GetValue(Maps);
        if (parse.GetValue(Resume) && target is null)
            throw new UsageException("--resume needs --maps: it skips pictures whose maps are there");
        var inputs = new InputList(parse.GetValue(Paths)!, parse.GetValue(Recursive), target, console.Input);
        return new PictureBatch(console, inputs, target, parse.GetValue(Json), parse.GetValue(Resume));
    }
}

// The way through all pictures of a command. One that fails is reported and left behind.
sealed class PictureBatch(ToolConsole console, InputList inputs, string? target, bool json, bool resume)
{
    // Above this many pixels a picture's planes are given back before the next picture is read.
    const int CollectAbove = 4_000_000;

    public bool Json => json;

    public int Run(IPictureAnalysis analysis)
    {
        IEnumerable<InputPicture> pictures = inputs.Pictures();
        OutputNames? names = null;
        if (target is not null)
        {
            InputPicture[] all = [.. pictures];
            names = new OutputNames(target, all);
            pictures = all;
        }
        int failed = 0, done = 0;
        foreach (InputPicture picture in pictures)
        {
            console.Cancellation.ThrowIfCancellationRequested();
            if (resume && analysis.IsDone(names!, picture))
            {
                console.Message($"{picture.Path}: skipped, its maps are there");
                continue;
            }
            try
            {
                int pixels = analysis.Analyse(picture, names, first: done++ == 0);
                if (pixels > CollectAbove)
                    GC.Collect();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Report(picture.Path, Failure.Of(e));
                failed++;
            }
        }
        foreach (string folder in inputs.Empty)
        {
            Report(folder, new Failure("empty-folder", "no picture in this folder (--recursive also looks below it)"));
            failed++;
        }
        return failed == 0 ? ExitStatus.Done : ExitStatus.SomeFailed;
    }

    void Report(string file, Failure failure)
    {
        if (json)
            console.Result(failure.ToJson(file));
        else
            console.Message($"{file}: {failure}");
    }
}
