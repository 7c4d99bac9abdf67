namespace JpegQualityEstimation.Tool;

// What a verb does with one picture.
interface IPictureAnalysis
{
    // Pictures that may be in work at a time, and the threads that they share.
    int Threads { get; }

    // Whether all files that the verb would write for it are there.
    bool IsDone(OutputNames names, InputPicture picture);

    // Reads, analyses, writes and reports, in this order; answers the pixels held. Called for several pictures at a time.
    int Analyse(InputPicture picture, OutputNames? names, PictureTurn turn);
}

// The way through all pictures of a command. As many are in work as the verb has threads, each read, analysed and written by one
// of them, so that none waits for a disk or a decoder; large pictures go alone, with all threads (ThreadShare). Reports come in the
// order of the inputs all the same. A picture that fails is reported and left behind. Inputs of another shard and reported ones
// give no line.
sealed class PictureBatch(ToolConsole console, InputList inputs, ResultFile? results) : IDisposable
{
    // Where maps go; null: none are written.
    public string? Target { get; init; }

    // What map files are named from; null: the deepest folder that holds all inputs, all shards', so that all name alike.
    public string? Root { get; init; }

    public bool Json { get; init; }

    public bool Resume { get; init; }

    public Shard Shard { get; init; } = Shard.All;

    public ReportedNames Reported { get; init; } = new();

    public bool HasResultFile => results is not null;

    // What is reported to: results go where this run's results go.
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
        // Not disposed: a thread may still wait in it for a name when the run is stopped.
        var way = new PictureWay(this, analysis, names, pictures.GetEnumerator());
        way.Run();
        if (way.Skipped > 0)
            Console.Message($"{way.Skipped} skipped: reported already");
        return way.Failed == 0 ? ExitStatus.Done : ExitStatus.SomeFailed;
    }

    public void Dispose() => results?.Dispose();
}
