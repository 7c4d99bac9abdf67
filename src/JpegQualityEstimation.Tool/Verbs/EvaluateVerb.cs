using System.CommandLine;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe evaluate quality: the paper's tables and figures on a folder of never-compressed pictures, several models at once.
sealed class EvaluateVerb(ToolConsole console)
{
    public const string Example = """
        jqe evaluate quality --data pictures --out report
        jqe evaluate quality --data pictures --model ours.safetensors --network theirs.safetensors --quick
        """;

    readonly EvaluationArguments shared = new(
        console, "Use the first so many pictures (16); 0: all.", "Where masks, splice qualities and shifts come from.");
    readonly Option<string[]> model = new("--model")
    {
        Description = "Weights to evaluate as the library serves them (safetensors, or quality, the bundled ones), once for each model, optionally as NAME=FILE; default: the bundled model.",
        HelpName = "FILE",
    };
    readonly Option<string[]> network = new("--network")
    {
        Description = "As --model, but the network alone: without evidence of the last JPEG grid.",
        HelpName = "FILE",
    };
    readonly Option<int[]> qualities = new("--qualities")
    {
        Description = "Quality factors of Figure 2 (5 10 ... 95 97 98 99 100).",
        HelpName = "Q",
        AllowMultipleArgumentsPerToken = true,
    };
    readonly Option<bool> quick = new("--quick") { Description = "Six pictures, eight qualities, three samplings." };
    readonly Option<int?> splices = new("--splices") { Description = "Splices of each kind and band of qualities for each picture and sampling (1).", HelpName = "N" };

    public static Command Create(ToolConsole console)
    {
        var verb = new EvaluateVerb(console);
        var quality = new Command("quality", "Measures quality networks: Figure 2 and Table 1 of Uchida 2019, splices, double compression.")
        {
            verb.shared.Data, verb.model, verb.network, verb.shared.Output, verb.shared.Pictures, verb.qualities, verb.quick, verb.splices, verb.shared.Seed,
            verb.shared.Device, verb.shared.Threads, verb.shared.Json,
        };
        quality.SetAction(verb.Run);
        return new Command("evaluate", "Measures a network or an estimator on never-compressed pictures.")
        {
            quality, EvaluatePrimaryVerb.Create(console), EvaluateLastVerb.Create(console), EvaluateRegionsVerb.Create(console),
            EvaluateRobustnessVerb.Create(console), EvaluatePageVerb.Create(console), EvaluateCalibrationVerb.Create(console),
        };
    }

    int Run(ParseResult parse)
    {
        var options = new QualityEvaluationOptions
        {
            DataFolders = shared.Folders(parse),
            Models = Models(parse.GetValue(model) ?? [], parse.GetValue(network) ?? []),
            Seed = parse.GetValue(shared.Seed),
            Threads = shared.ThreadCount(parse),
            Skipped = shared.Skipped,
        };
        if (parse.GetValue(quick))
            options = options.Quick();
        options = options with { MaxPictures = EvaluationArguments.Count(parse, shared.Pictures, options.MaxPictures) };
        if (parse.GetValue(splices) is int each)
            options = options with { SplicesPerPicture = each is >= 0 and <= 100 ? each : throw new UsageException("--splices must be 0..100") };
        if (EvaluationArguments.Qualities(parse, qualities) is { Length: > 0 } list)
            options = options with { Qualities = [.. list.Order()] };
        return shared.Run(
            parse, progress => QualityEvaluation.Run(options, progress, console.Cancellation),
            QualityEvaluationFiles.Write, QualityEvaluationFiles.ToJsonLine, QualityEvaluationFiles.ToMarkdown);
    }

    static List<EvaluatedModel> Models(string[] served, string[] alone)
    {
        if (served.Length + alone.Length == 0)
            served = [ModelChoice.Bundled];
        var models = new List<EvaluatedModel>();
        foreach ((string text, bool networkOnly) in served.Select(text => (text, false)).Concat(alone.Select(text => (text, true))))
        {
            NamedFile file = NamedFile.Parse(text);
            QualityNetwork weights = ModelChoice.LoadNamed(file.File);
            string name = file.Name ?? (networkOnly ? $"{weights.Name}, network alone" : weights.Name);
            NamedFile.RequireNew(models.Select(other => other.Name), name);
            models.Add(new EvaluatedModel(name, weights) { NetworkOnly = networkOnly });
        }
        return models;
    }
}
