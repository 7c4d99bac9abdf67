using System.CommandLine;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe evaluate primary: section 5 of Tondi 2021 on a folder of never-compressed pictures, several models at once.
sealed class EvaluatePrimaryVerb(ToolConsole console)
{
    public const string Example = """
        jqe evaluate primary --data pictures --out report
        jqe evaluate primary --data pictures --model ours=primary.safetensors --model theirs.safetensors --second 75 90
        jqe evaluate primary --data pictures --scenarios nonaligned-90 mixed-92-told-90 --windows 4000
        """;

    readonly Option<string[]> data = new("--data")
    {
        Description = "Folders of never-compressed pictures, subfolders included; JPEG files in them are skipped.",
        HelpName = "DIR",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };
    readonly Option<string[]> model = new("--model")
    {
        Description = "Weights to evaluate (safetensors, the name of a bundled model, or closed-form), once for each model, optionally as NAME=FILE; default: all bundled models.",
        HelpName = "FILE",
    };
    readonly Option<string?> output = new("--out")
    {
        Description = "Folder to write evaluation.json, evaluation.md and the figures to; created.",
        HelpName = "DIR",
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
    readonly Option<int?> pictures = new("--pictures") { Description = "Use the first so many pictures; 0: all.", HelpName = "N" };
    readonly Option<string> subsampling = SamplingChoice.Option();
    readonly Option<ulong> seed = new("--seed") { Description = "Where pictures, shifts and positions come from.", HelpName = "S", DefaultValueFactory = _ => 1 };
    readonly Option<ComputeDevice> device = SharedOptions.Device();
    readonly Option<int> threads = SharedOptions.Threads();
    readonly Option<bool> json = SharedOptions.Json();

    public static Command Create(ToolConsole console)
    {
        var verb = new EvaluatePrimaryVerb(console);
        var command = new Command("primary", "Measures primary-quantization networks: accuracy and MSE of the 15 steps, as section 5 of Tondi 2021.")
        {
            verb.data, verb.model, verb.output, verb.scenarios, verb.second, verb.full, verb.windows, verb.each, verb.pictures, verb.subsampling,
            verb.seed, verb.device, verb.threads, verb.json,
        };
        command.SetAction(verb.Run);
        return command;
    }

    int Run(ParseResult parse)
    {
        DeviceChoice.RequireProcessor(parse.GetValue(device), "evaluation");
        var options = new PrimaryEvaluationOptions
        {
            DataFolders = DataChoice.Folders(parse.GetValue(data)!),
            Models = PrimaryModelChoice.Load(parse.GetValue(model)),
            Subsampling = SamplingChoice.Of(parse.GetValue(subsampling)!),
            Seed = parse.GetValue(seed),
            Skipped = (file, reason) => console.Message($"skipped {file}: {reason}"),
        };
        if (parse.GetValue(full))
            options = options.Full();
        if (parse.GetValue(threads) is > 0 and int count)
            options = options with { Threads = count };
        if (parse.GetValue(pictures) is int most)
            options = options with { MaxPictures = most >= 0 ? most : throw new UsageException("--pictures must not be negative") };
        if (parse.GetValue(windows) is int wanted)
            options = options with { WindowsPerScenario = wanted >= 0 ? wanted : throw new UsageException("--windows must not be negative") };
        if (parse.GetValue(each) is > 0 and int perPicture)
            options = options with { WindowsPerPicture = perPicture };
        if (Scenarios(parse) is { Count: > 0 } chosen)
            options = options with { Scenarios = chosen };

        PrimaryEvaluationReport report = ProgressBar.Show(
            console, "evaluating", progress => PrimaryEvaluation.Run(options, progress ?? new ProgressLines(console, "evaluating"), console.Cancellation));
        if (parse.GetValue(output) is string folder)
            PrimaryEvaluationFiles.Write(report, folder);
        console.Result(parse.GetValue(json) ? PrimaryEvaluationFiles.ToJsonLine(report) : PrimaryEvaluationFiles.ToMarkdown(report));
        return ExitStatus.Done;
    }

    List<PrimaryScenario> Scenarios(ParseResult parse)
    {
        int[] qualities = parse.GetValue(second) ?? [];
        if (qualities.Any(quality => quality is < 1 or > 100))
            throw new UsageException("--second must be of 1..100");
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
