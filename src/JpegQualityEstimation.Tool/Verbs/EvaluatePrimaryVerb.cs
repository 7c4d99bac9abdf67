using System.CommandLine;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe evaluate primary: section 5 of Tondi 2021 on a folder of never-compressed pictures, several models at once.
sealed class EvaluatePrimaryVerb(ToolConsole console)
{
    public const string Example = """
        jqe evaluate primary --data pictures --out report
        jqe evaluate primary --data pictures --model ours=primary.safetensors --model theirs.safetensors --second 75 90
        jqe evaluate primary --data pictures --scenarios nonaligned-90 mixed-92-told-90 --windows 4000
        jqe evaluate primary --from report/evaluation.json --out report
        """;

    readonly EvaluationArguments shared = new(
        console, "Use the first so many pictures; 0: all.", "Where pictures, shifts and positions come from.");
    readonly Option<string[]> model = new("--model")
    {
        Description = "Weights to evaluate (safetensors, the name of a bundled model, closed-form, galvan2014 or bianchi-piva2012), once for each model, optionally as NAME=FILE; default: all bundled models.",
        HelpName = "FILE",
    };
    readonly Option<string[]> scenarios = new("--scenarios")
    {
        Description = "What to measure: [half-][photoshop-]mixed|nonaligned|aligned|single-QF2[-told-QF] each; default: one of each kind.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };
    readonly Option<int[]> second = new("--second")
    {
        Description = "Second quality factors: the scenarios nonaligned, aligned and single of each.",
        HelpName = "Q",
        AllowMultipleArgumentsPerToken = true,
    };
    readonly Option<bool> full = new("--full") { Description = "All scenarios, every picture for every first quality, ten windows of each." };
    readonly Option<int?> windows = new("--windows") { Description = "Windows for each scenario (600); 0: every picture for every first quality.", HelpName = "N" };
    readonly Option<int> each = SharedOptions.Positive("--windows-each", "Windows from each double-compressed picture (2).", 1, 32);
    readonly Option<string> subsampling = SamplingChoice.Option();
    readonly Option<FileInfo?> from = new("--from") { Description = "An evaluation.json: nothing is measured, its tables and curves are written again.", HelpName = "FILE" };

    public static Command Create(ToolConsole console)
    {
        var verb = new EvaluatePrimaryVerb(console);
        verb.shared.Data.Required = false;
        var command = new Command("primary", "Measures primary-quantization networks: accuracy and MSE of the 15 steps, as section 5 of Tondi 2021.")
        {
            verb.shared.Data, verb.model, verb.shared.Output, verb.scenarios, verb.second, verb.full, verb.windows, verb.each, verb.shared.Pictures,
            verb.subsampling, verb.from, verb.shared.Seed, verb.shared.Device, verb.shared.Threads, verb.shared.Json,
        };
        command.SetAction(verb.Run);
        return command;
    }

    int Run(ParseResult parse)
    {
        FileInfo? earlier = parse.GetValue(from);
        if (parse.GetValue(shared.Data) is { Length: > 0 } == earlier is not null)
            throw new UsageException("--data or --from is needed, not both");
        if (earlier is { Exists: false })
            throw new UsageException($"{earlier}: no such file");
        PrimaryEvaluationOptions? options = earlier is null ? Options(parse) : null;
        return shared.Run(
            parse,
            progress => options is null
                ? PrimaryEvaluationFiles.FromJson(File.ReadAllText(earlier!.FullName)) : PrimaryEvaluation.Run(options, progress, console.Cancellation),
            PrimaryEvaluationFiles.Write, PrimaryEvaluationFiles.ToJsonLine, PrimaryEvaluationFiles.ToMarkdown);
    }

    PrimaryEvaluationOptions Options(ParseResult parse)
    {
        var options = new PrimaryEvaluationOptions
        {
            DataFolders = shared.Folders(parse),
            Models = PrimaryModelChoice.Load(parse.GetValue(model)),
            Subsampling = SamplingChoice.Of(parse.GetValue(subsampling)!),
            Seed = parse.GetValue(shared.Seed),
            Threads = shared.ThreadCount(parse),
            MaxPictures = EvaluationArguments.Count(parse, shared.Pictures, 0),
            Splices = parse.GetValue(shared.Output) is not null,
            Skipped = shared.Skipped,
        };
        if (parse.GetValue(full))
            options = options.Full();
        options = options with { WindowsPerScenario = EvaluationArguments.Count(parse, windows, options.WindowsPerScenario) };
        if (parse.GetValue(each) is > 0 and int perPicture)
            options = options with { WindowsPerPicture = perPicture };
        return Scenarios(parse) is { Count: > 0 } chosen ? options with { Scenarios = chosen } : options;
    }

    List<PrimaryScenario> Scenarios(ParseResult parse)
    {
        int[] qualities = EvaluationArguments.Qualities(parse, second);
        try
        {
            return [.. (parse.GetValue(scenarios) ?? []).Select(PrimaryScenario.Parse).Concat(PrimaryScenarios.OfSecond(qualities)).Distinct()];
        }
        catch (FormatException e)
        {
            throw new UsageException($"--scenarios: {e.Message}");
        }
    }
}
