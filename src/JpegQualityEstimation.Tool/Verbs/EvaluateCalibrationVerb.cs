using System.CommandLine;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe evaluate calibration: whether stated probabilities come true, on a folder of never-compressed pictures.
sealed class EvaluateCalibrationVerb(ToolConsole console)
{
    public const string Example = """
        jqe evaluate calibration --data pictures --out report
        jqe evaluate calibration --data pictures --model calibrated.safetensors --json
        """;

    readonly EvaluationArguments shared = new(console, "Use the first so many pictures; 0: all.", "Where crops, shifts and positions come from.");
    readonly Option<string?> model = new("--model")
    {
        Description = "Model for primary quantization (safetensors); default: the bundled one for any second table.",
        HelpName = "FILE",
    };
    readonly Option<string?> quality = new("--quality-model") { Description = "Quality network (safetensors); default: the bundled one.", HelpName = "FILE" };
    readonly Option<int> windows = SharedOptions.Positive("--windows", "Windows for each scenario (2000).", 1, 1_000_000);

    readonly Option<int[]> second = new("--second")
    {
        Description = "Second quality factors (80 90 95).", HelpName = "Q", AllowMultipleArgumentsPerToken = true,
    };

    public static Command Create(ToolConsole console)
    {
        var verb = new EvaluateCalibrationVerb(console);
        var command = new Command("calibration", "Measures whether stated probabilities come true, and what is left undetermined.")
        {
            verb.shared.Data, verb.model, verb.quality, verb.shared.Output, verb.second, verb.windows, verb.shared.Pictures, verb.shared.Seed, verb.shared.Device,
            verb.shared.Threads, verb.shared.Json,
        };
        command.SetAction(verb.Run);
        return command;
    }

    int Run(ParseResult parse)
    {
        var options = new CalibrationEvaluationOptions
        {
            DataFolders = shared.Folders(parse),
            Primary = Primary(parse.GetValue(model)),
            Quality = ModelChoice.Load(parse.GetValue(quality)),
            Seed = parse.GetValue(shared.Seed),
            Threads = shared.ThreadCount(parse),
            MaxPictures = EvaluationArguments.Count(parse, shared.Pictures, 0),
            Skipped = shared.Skipped,
        };
        if (parse.GetValue(windows) is > 0 and int each)
            options = options with { Windows = each };
        if (EvaluationArguments.Qualities(parse, second) is { Length: > 0 } qualities)
            options = options with { SecondQualities = qualities };
        return shared.Run(
            parse, progress => CalibrationEvaluation.Run(options, progress, console.Cancellation),
            CalibrationEvaluationFiles.Write, CalibrationEvaluationFiles.ToJsonLine, CalibrationEvaluationFiles.ToMarkdown);
    }

    static PrimaryNetwork Primary(string? file)
    {
        try
        {
            if (file is not null)
                return PrimaryModelName.LoadNamedOrFile(file);
            PrimaryNetworks.RequireAny();
            return PrimaryNetworks.Typical;
        }
        catch (Exception e) when (e is WeightsFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--model {file}: {Failure.Of(e)}");
        }
        catch (InvalidOperationException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
