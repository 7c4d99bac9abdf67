using System.CommandLine;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe evaluate quality: the paper's tables and figures on a folder of never-compressed pictures, several models at once.
sealed class EvaluateVerb(ToolConsole console)
{
    public const string Example = """
        jqe evaluate quality --data pictures --out report
        jqe evaluate quality --data pictures --model ours.safetensors --model theirs.safetensors --quick
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
        Description = "Weights to evaluate (safetensors), once for each model, optionally as NAME=FILE; default: the bundled model.",
        HelpName = "FILE",
    };
    readonly Option<string?> output = new("--out")
    {
        Description = "Folder to write evaluation.json, evaluation.md and the figures to; created.",
        HelpName = "DIR",
    };
    readonly Option<int?> pictures = new("--pictures") { Description = "Use the first so many pictures (16); 0: all.", HelpName = "N" };
    readonly Option<int[]> qualities = new("--qualities")
    {
        Description = "Quality factors of Figure 2 (5 10 ... 95 97 98 99 100).",
        HelpName = "Q",
        AllowMultipleArgumentsPerToken = true,
    };
    readonly Option<bool> quick = new("--quick") { Description = "Six pictures, eight qualities, three samplings." };
    readonly Option<int?> splices = new("--splices") { Description = "Splices of each kind for each picture and sampling (1).", HelpName = "N" };
    readonly Option<ulong> seed = new("--seed") { Description = "Where masks, splice qualities and shifts come from.", HelpName = "S", DefaultValueFactory = _ => 1 };
    readonly Option<ComputeDevice> device = SharedOptions.Device();
    readonly Option<int> threads = SharedOptions.Threads();
    readonly Option<bool> json = SharedOptions.Json();

    public static Command Create(ToolConsole console)
    {
        var verb = new EvaluateVerb(console);
        var quality = new Command("quality", "Measures quality networks: Figure 2 and Table 1 of Uchida 2019, splices, double compression.")
        {
            verb.data, verb.model, verb.output, verb.pictures, verb.qualities, verb.quick, verb.splices, verb.seed, verb.device, verb.threads, verb.json,
        };
        quality.SetAction(verb.Run);
        return new Command("evaluate", "Measures a network on never-compressed pictures.") { quality, EvaluatePrimaryVerb.Create(console) };
    }

    int Run(ParseResult parse)
    {
        DeviceChoice.RequireProcessor(parse.GetValue(device), "evaluation");
        var options = new QualityEvaluationOptions
        {
            DataFolders = DataChoice.Folders(parse.GetValue(data)!),
            Models = Models(parse.GetValue(model)),
            Seed = parse.GetValue(seed),
            Skipped = (file, reason) => console.Message($"skipped {file}: {reason}"),
        };
        if (parse.GetValue(quick))
            options = options.Quick();
        if (parse.GetValue(threads) is > 0 and int count)
            options = options with { Threads = count };
        if (parse.GetValue(pictures) is int most)
            options = options with { MaxPictures = most >= 0 ? most : throw new UsageException("--pictures must not be negative") };
        if (parse.GetValue(splices) is int each)
            options = options with { SplicesPerPicture = each is >= 0 and <= 100 ? each : throw new UsageException("--splices must be 0..100") };
        if (parse.GetValue(qualities) is { Length: > 0 } list)
        {
            if (list.Any(quality => quality is < 1 or > 100))
                throw new UsageException("--qualities must be of 1..100");
            options = options with { Qualities = [.. list.Distinct().Order()] };
        }
        QualityEvaluationReport report = ProgressBar.Show(
            console, "evaluating", progress => QualityEvaluation.Run(options, progress ?? new ProgressLines(console, "evaluating"), console.Cancellation));
        if (parse.GetValue(output) is string folder)
            QualityEvaluationFiles.Write(report, folder);
        if (parse.GetValue(json))
            console.Result(QualityEvaluationFiles.ToJsonLine(report));
        else
            console.Result(QualityEvaluationFiles.ToMarkdown(report));
        return ExitStatus.Done;
    }

    static List<EvaluatedModel> Models(string[]? named)
    {
        if (named is null or [])
        {
            QualityNetwork bundled = ModelChoice.Load(null);
            return [new EvaluatedModel(bundled.Name, bundled)];
        }
        var models = new List<EvaluatedModel>();
        foreach (string text in named)
        {
            NamedFile file = NamedFile.Parse(text);
            QualityNetwork network = ModelChoice.Load(file.File);
            string name = file.Name ?? network.Name;
            NamedFile.RequireNew(models.Select(other => other.Name), name);
            models.Add(new EvaluatedModel(name, network));
        }
        return models;
    }
}
