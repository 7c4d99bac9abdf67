using System.CommandLine;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe evaluate last: grid and table of the last compression from pixels, on a folder of never-compressed pictures.
sealed class EvaluateLastVerb(ToolConsole console)
{
    public const string Example = """
        jqe evaluate last --data pictures --out report
        jqe evaluate last --data pictures --qualities 50 75 90 95 --json
        """;

    readonly EvaluationArguments shared = new(console, "Use the first so many pictures; 0: all.", "Where crops and shifts come from.");
    readonly Option<int[]> qualities = new("--qualities")
    {
        Description = "Quality factors of one compression (50 60 70 75 80 85 90 92 95 97 98 99 100).",
        HelpName = "Q",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Command Create(ToolConsole console)
    {
        var verb = new EvaluateLastVerb(console);
        var command = new Command("last", "Measures the estimator of the last compression: grids, tables, steps, false alarms.")
        {
            verb.shared.Data, verb.shared.Output, verb.shared.Pictures, verb.qualities, verb.shared.Seed, verb.shared.Device, verb.shared.Threads, verb.shared.Json,
        };
        command.SetAction(verb.Run);
        return command;
    }

    int Run(ParseResult parse)
    {
        var options = new LastEvaluationOptions
        {
            DataFolders = shared.Folders(parse),
            Seed = parse.GetValue(shared.Seed),
            Threads = shared.ThreadCount(parse),
            MaxPictures = EvaluationArguments.Count(parse, shared.Pictures, 0),
            Skipped = shared.Skipped,
        };
        if (EvaluationArguments.Qualities(parse, qualities) is { Length: > 0 } list)
            options = options with { Qualities = [.. list.Order()] };
        return shared.Run(
            parse, progress => LastEvaluation.Run(options, progress, console.Cancellation),
            LastEvaluationFiles.Write, LastEvaluationFiles.ToJsonLine, LastEvaluationFiles.ToMarkdown);
    }
}
