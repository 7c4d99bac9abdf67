using System.CommandLine;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Tool;

// The arguments that evaluations share: on which pictures, what is drawn at random, and where the report goes.
sealed class EvaluationArguments(ToolConsole console, string pictures, string seed)
{
    public Option<string[]> Data { get; } = DataChoice.Option();

    public Option<string?> Output { get; } = new("--out")
    {
        Description = "Folder to write evaluation.json, evaluation.md and the figures to; created.",
        HelpName = "DIR",
    };

    public Option<int?> Pictures { get; } = new("--pictures") { Description = pictures, HelpName = "N" };

    public Option<ulong> Seed { get; } = new("--seed") { Description = seed, HelpName = "S", DefaultValueFactory = _ => 1 };

    public Option<ComputeDevice> Device { get; } = SharedOptions.Device();

    public Option<int> Threads { get; } = SharedOptions.Threads();

    public Option<bool> Json { get; } = SharedOptions.Json();

    public string[] Folders(ParseResult parse)
    {
        DeviceChoice.RequireProcessor(parse.GetValue(Device), "evaluation");
        return DataChoice.Folders(parse.GetValue(Data)!);
    }

    public void Skipped(string file, string reason) => console.Message($"skipped {file}: {reason}");

    // The value of an option that may be 0; otherwise where it is not given.
    public static int Count(ParseResult parse, Option<int?> option, int otherwise) =>
        parse.GetValue(option) is not int count ? otherwise
            : count >= 0 ? count : throw new UsageException($"{option.Name} must not be negative");

    /// <summary>The different quality factors that an option was given; empty without.</summary>
    public static int[] Qualities(ParseResult parse, Option<int[]> option)
    {
        int[] given = parse.GetValue(option) ?? [];
        return given.All(quality => quality is >= 1 and <= 100) ? [.. given.Distinct()] : throw new UsageException($"{option.Name} must be of 1..100");
    }

    public int ThreadCount(ParseResult parse) => parse.GetValue(Threads) is > 0 and int count ? count : Environment.ProcessorCount;

    // Files first, then the result, so that a result means that all is there.
    public int Run<TReport>(
        ParseResult parse, Func<IProgress<double>, TReport> evaluate, Action<TReport, string> write, Func<TReport, string> json, Func<TReport, string> markdown)
    {
        const string Label = "evaluating";
        TReport report = ProgressBar.Show(console, Label, progress => evaluate(progress ?? new ProgressLines(console, Label)));
        if (parse.GetValue(Output) is string folder)
            write(report, folder);
        console.Result(parse.GetValue(Json) ? json(report) : markdown(report));
        return ExitStatus.Done;
    }
}
