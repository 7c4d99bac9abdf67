using System.CommandLine;
using System.Globalization;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training.Calibration;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe calibrate primary, jqe calibrate quality: a model and its training data in, the model with calibrated probabilities out.
sealed class CalibrateVerb(ToolConsole console)
{
    public const string Example = """
        jqe calibrate primary --data pictures --model primary.safetensors --out calibrated.safetensors
        jqe calibrate quality --data pictures --model quality.safetensors --out calibrated.safetensors
        """;

    readonly Option<string[]> data = DataChoice.Option();
    readonly Option<string> model = new("--model") { Description = "The model (safetensors).", HelpName = "FILE", Required = true };
    readonly Option<string> output = new("--out") { Description = "Where the calibrated model goes; may be the same file.", HelpName = "FILE", Required = true };
    readonly Option<int> windows = SharedOptions.Positive("--windows", "Windows for each of the 29 scenarios (1000).", 1, 1_000_000);
    readonly Option<ulong> seed = new("--seed") { Description = "Where crops, shifts and positions come from.", HelpName = "S", DefaultValueFactory = _ => 1 };
    readonly Option<int> threads = SharedOptions.Threads();
    readonly Option<bool> json = SharedOptions.Json();

    public static Command Create(ToolConsole console)
    {
        var verb = new CalibrateVerb(console);
        var primary = new Command("primary", "Fits how step and grid shift probabilities are scaled, and from which confidence on a window is answered for.")
        {
            verb.data, verb.model, verb.output, verb.windows, verb.seed, verb.threads, verb.json,
        };
        var quality = new Command("quality", "Fits a logistic map from a picture's flag to the probability that it was JPEG.")
        {
            verb.data, verb.model, verb.output, verb.seed, verb.threads, verb.json,
        };
        primary.SetAction(parse => verb.Run(parse, ModelCalibration.Primary));
        quality.SetAction(parse => verb.Run(parse, ModelCalibration.Quality));
        return new Command("calibrate", "Makes a model's probabilities mean what they say, by the pictures that its training held out.") { primary, quality };
    }

    int Run(ParseResult parse, Func<CalibrationOptions, IProgress<double>?, CancellationToken, CalibrationResult> calibrate)
    {
        var options = new CalibrationOptions
        {
            DataFolders = DataChoice.Folders(parse.GetValue(data)!),
            ModelPath = parse.GetValue(model)!,
            OutputPath = parse.GetValue(output)!,
            Seed = parse.GetValue(seed),
            Threads = parse.GetValue(threads) is > 0 and int count ? count : Environment.ProcessorCount,
            Skipped = (file, reason) => console.Message($"skipped {file}: {reason}"),
        };
        if (parse.GetValue(windows) is > 0 and int each)
            options = options with { Windows = each };
        CalibrationResult result;
        try
        {
            const string Label = "calibrating";
            result = ProgressBar.Show(console, Label, progress => calibrate(options, progress ?? new ProgressLines(console, Label), console.Cancellation));
        }
        catch (Exception e) when (e is WeightsFormatException or FileNotFoundException)
        {
            throw new UsageException($"--model {options.ModelPath}: {Failure.Of(e)}");
        }
        if (!result.SamePictures)
            console.Message("these are not the pictures that the model says it was trained on: it may know some of those it was calibrated on");
        console.Result(parse.GetValue(json) ? Line(result) : Text(result));
        return ExitStatus.Done;
    }

    static string Line(CalibrationResult result) => JsonLine.Of(json =>
    {
        json.WriteNumber("heldOut", result.HeldOut);
        json.WriteStartObject("metadata");
        foreach ((string key, string value) in result.Metadata)
            json.WriteString(key, value);
        json.WriteEndObject();
        foreach (CalibrationPair pair in result.Pairs)
        {
            json.WriteStartObject(pair.Name);
            Figures("before", pair.Before);
            Figures("after", pair.After);
            json.WriteEndObject();
        }
        if (result.Answered.Count > 0)
        {
            json.WriteStartObject("answered");
            foreach (UndeterminedFigures group in result.Answered)
            {
                json.WriteStartObject(group.Name);
                json.WriteNumber("share", Math.Round(group.Answered, 5));
                if (group.ErrorAnswered is { } error)
                    json.WriteNumber("error", Math.Round(error, 5));
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteString("sha256", result.Sha256);

        void Figures(string name, CalibrationFigures figures)
        {
            json.WriteStartObject(name);
            json.WriteNumber("count", figures.Count);
            json.WriteNumber("right", Math.Round(figures.Accuracy, 5));
            json.WriteNumber("nll", Math.Round(figures.NegativeLogLikelihood, 5));
            json.WriteNumber("ece", Math.Round(figures.Error, 5));
            json.WriteNumber("adaptiveEce", Math.Round(figures.AdaptiveError, 5));
            json.WriteEndObject();
        }
    });

    static string Text(CalibrationResult result) => string.Join('\n',
    [
        .. result.Metadata.Select(entry => $"{entry.Key}: {entry.Value}"),
        .. result.Pairs.Select(pair => string.Create(
            CultureInfo.InvariantCulture,
            $"{pair.Name}: {pair.Before.Count} answers, right {pair.Before.Accuracy:F4} -> {pair.After.Accuracy:F4}, NLL {pair.Before.NegativeLogLikelihood:F4} -> {pair.After.NegativeLogLikelihood:F4}, ECE {pair.Before.Error:F4} -> {pair.After.Error:F4}, adaptive {pair.Before.AdaptiveError:F4} -> {pair.After.AdaptiveError:F4}")),
        .. result.Answered.Select(group => string.Create(
            CultureInfo.InvariantCulture, $"{group.Name}: {group.Answered:F3} of the windows answered for, {group.ErrorAnswered:F3} of their steps wrong")),
        $"sha256: {result.Sha256}",
    ]);
}
