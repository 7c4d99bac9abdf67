using System.CommandLine;

namespace JpegQualityEstimation.Tool;

// The arguments that verbs over pictures share: which pictures, where maps go, how results are told.
sealed class PictureBatchOptions
{
    public Argument<string[]> Paths { get; } = SharedOptions.Paths();

    public Option<bool> Json { get; } = SharedOptions.Json();

    // A verb may call the folder of its outputs otherwise, and say so in its help of --resume.
    public Option<string?> Maps { get; init; } = SharedOptions.Maps();

    public Option<string?> MapsRoot { get; } = new("--maps-root")
    {
        Description = "Folder above all inputs that map files are named from; names from standard input need not be known beforehand then.",
        HelpName = "DIR",
    };

    public Option<bool> Resume { get; init; } = SharedOptions.Resume();

    public Option<bool> Recursive { get; } = SharedOptions.Recursive();

    public Option<bool> Null { get; } = new("--null", "-0") { Description = "Names from standard input end with a zero byte (find -print0)." };

    public Option<Shard> Shard { get; } = new("--shard")
    {
        Description = "Only the inputs of task K of N, K from 0: each input belongs to one K, by its name alone.",
        HelpName = "K/N",
        DefaultValueFactory = _ => Tool.Shard.All,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!Tool.Shard.TryParse(text, out Shard shard))
                result.AddError($"--shard {text}: not K/N with K from 0 to N - 1");
            return shard;
        },
    };

    public Option<string[]> Skip { get; } = new("--skip")
    {
        Description = "Skip inputs that FILE, JSON lines of earlier runs, reports; may be given several times.",
        HelpName = "FILE",
    };

    public Option<string?> Results { get; } = new("--results")
    {
        Description = "Append JSON lines to FILE instead of standard output, and skip what it reports: the same command goes on where it was stopped.",
        HelpName = "FILE",
    };

    // How the work is divided and taken up again, for every verb over pictures.
    public void AddDivisionTo(Command verb)
    {
        verb.Add(Null);
        verb.Add(Shard);
        verb.Add(Skip);
        verb.Add(Results);
    }

    public PictureBatch Open(ParseResult parse, ToolConsole console)
    {
        string? target = parse.GetValue(Maps), root = parse.GetValue(MapsRoot);
        if (parse.GetValue(Resume) && target is null)
            throw new UsageException("--resume needs --maps: it skips pictures whose maps are there");
        if (root is not null && target is null)
            throw new UsageException("--maps-root needs --maps: it says what map files are named from");
        string[] paths = parse.GetValue(Paths)!;
        bool zeroEnded = parse.GetValue(Null);
        if (zeroEnded && !paths.Contains("-"))
            throw new UsageException("--null needs -: it says how names on standard input end");
        var inputs = new InputList(paths, parse.GetValue(Recursive), target, new NameReader(console.Input, zeroEnded, console.Cancellation));
        var reported = new ReportedNames();
        foreach (string file in parse.GetValue(Skip) ?? [])
            Read(file, reported, console);
        ResultFile? results = parse.GetValue(Results) is { } path ? new ResultFile(path, reported) : null;
        return new PictureBatch(console, inputs, results)
        {
            Target = target,
            Root = root,
            Json = parse.GetValue(Json) || results is not null,
            Resume = parse.GetValue(Resume),
            Shard = parse.GetValue(Shard)!,
            Reported = reported,
        };
    }

    // The first run of a repeated command has no earlier results.
    static void Read(string file, ReportedNames reported, ToolConsole console)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            reported.Read(stream);
        }
        catch (FileNotFoundException)
        {
            console.Message($"--skip {file}: not there, nothing is skipped for it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--skip {file}: {Failure.Of(e)}");
        }
    }
}
