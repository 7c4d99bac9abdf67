using System.CommandLine;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe evaluate robustness: what is left after resizing, filters and re-saves that follow the last compression.
sealed class EvaluateRobustnessVerb(ToolConsole console)
{
    public const string Example = """
        jqe evaluate robustness --data pictures --out report
        jqe evaluate robustness --data pictures --pictures 4 --json
        """;

    readonly EvaluationArguments shared = new(console, "Use the first so many pictures (16); 0: all.", "Where shifts and noise come from.");
    readonly Option<string?> quality = new("--model") { Description = "Weights of quality maps (safetensors); default: the bundled ones.", HelpName = "FILE" };
    readonly Option<string?> primary = new("--primary-model")
    {
        Description = "Weights for primary quantization (safetensors); default: the bundled model for the second table.", HelpName = "FILE",
    };

    public static Command Create(ToolConsole console)
    {
        var verb = new EvaluateRobustnessVerb(console);
        var command = new Command("robustness", "Measures what is left after resizing, blur, noise, tone and re-saves that follow the last compression.")
        {
            verb.shared.Data, verb.quality, verb.primary, verb.shared.Output, verb.shared.Pictures, verb.shared.Seed, verb.shared.Device, verb.shared.Threads,
            verb.shared.Json,
        };
        command.SetAction(verb.Run);
        return command;
    }

    int Run(ParseResult parse)
    {
        var options = new RobustnessEvaluationOptions
        {
            DataFolders = shared.Folders(parse),
            Quality = ModelChoice.Load(parse.GetValue(quality)),
            Primary = Primary(parse.GetValue(primary)),
            Seed = parse.GetValue(shared.Seed),
            Threads = shared.ThreadCount(parse),
            Skipped = shared.Skipped,
        };
        options = options with { MaxPictures = EvaluationArguments.Count(parse, shared.Pictures, options.MaxPictures) };
        return shared.Run(
            parse, progress => RobustnessEvaluation.Run(options, progress, console.Cancellation),
            RobustnessEvaluationFiles.Write, RobustnessEvaluationFiles.ToJsonLine, RobustnessEvaluationFiles.ToMarkdown);
    }

    static PrimaryNetwork Primary(string? file)
    {
        try
        {
            return file is null ? PrimaryNetworks.For(Jpeg.QuantTable.StandardLuminance(90)) : PrimaryModelName.LoadNamedOrFile(file);
        }
        catch (Exception e) when (e is WeightsFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--primary-model {file}: {Failure.Of(e)}");
        }
        catch (InvalidOperationException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
