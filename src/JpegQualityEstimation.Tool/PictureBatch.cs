namespace JpegQualityEstimation.Tool;

// What a verb does with one picture.
interface IPictureAnalysis
{
    // Whether all files that the verb would write for it are there.
    bool IsDone(OutputNames names, InputPicture picture);

    // Analyses, writes and reports, in this order; answers the pixels held. First: no picture was tried before.
    int Analyse(InputPicture picture, OutputNames? names, bool first);
}

// The way through all pictures of a command, one after the other, in the order of the inputs. One that fails is reported and
// left behind. Inputs of another shard and reported ones give no line.
sealed class PictureBatch(ToolConsole console, InputList inputs, ResultFile? results) : IDisposable
{
    // Above this many pixels a picture's planes are given back before the next picture is read.
    const int CollectAbove = 4_000_000;

    // Where maps go; null: none are written.
    public string? Target { get; init; }

    // What map files are named from; null: the deepest folder that holds all inputs, all shards', so that all name alike.
    public string? Root { get; init; }

    public bool Json { get; init; }

    public bool Resume { get; init; }

    public Shard Shard { get; init; } = Shard.All;

    public ReportedNames Reported { get; init; } = new();

    // What the verb reports to: results go where this run's results go.
    public ToolConsole Console { get; } = results is null ? console : console with { Output = results.Writer };

    public int Run(IPictureAnalysis analysis)
    {
        IEnumerable<InputPicture> pictures = inputs.Pictures();
        OutputNames? names = null;
        if (Target is not null && Root is not null)
            names = new OutputNames(Target, Root);
        else if (Target is not null)
        {
            InputPicture[] all = [.. pictures];
            names = new OutputNames(Target, all.Where(p => p.Refusal is null));
            pictures = all;
        }
        int failed = 0, done = 0, reported = 0;
        foreach (InputPicture picture in pictures)
        {
            Console.Cancellation.ThrowIfCancellationRequested();
            if (!Shard.Holds(picture.Path))
                continue;
            if (Reported.Contains(picture.Path))
            {
                reported++;
                continue;
            }
            try
            {
                if (picture.Refusal is { } refusal)
                    throw new InputException(refusal.Code, refusal.Message);
                // With a file of results, maps without a line there are made again: no line is lost.
                if (Resume && results is null && analysis.IsDone(names!, picture))
                {
                    Console.Message($"{picture.Path}: skipped, its maps are there");
                    continue;
                }
                // Before the work, whether its maps have a name.
                _ = names?.Of(picture, "");
                int pixels = analysis.Analyse(picture, names, first: done++ == 0);
                if (pixels > CollectAbove)
                    GC.Collect();
            }
            catch (Exception e) when (e is not (OperationCanceledException or OutputException))
            {
                Report(picture.Path, Failure.Of(e));
                failed++;
            }
            if (results is not null)
                Reported.Add(picture.Path);
        }
        if (reported > 0)
            Console.Message($"{reported} skipped: reported already");
        return failed == 0 ? ExitStatus.Done : ExitStatus.SomeFailed;
    }

    public void Dispose() => results?.Dispose();

    void Report(string file, Failure failure)
    {
        if (Json)
            Console.Result(failure.ToJson(file));
        else
            Console.Message($"{file}: {failure}");
    }
}
