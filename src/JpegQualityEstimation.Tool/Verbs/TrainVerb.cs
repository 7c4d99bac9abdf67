using System.CommandLine;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe train quality, jqe train primary: a folder of never-compressed pictures and a recipe in, a model file out.
sealed class TrainVerb(ToolConsole console)
{
    public const string QualityExample = """
        jqe train quality --data pictures --out quality.safetensors --minutes 90
        jqe train quality --data pictures --out quality.safetensors --resume
        jqe train quality --data pictures --out mine.safetensors --recipe quality-refined --from quality.safetensors
        """;

    public const string PrimaryExample = """
        jqe train primary --data pictures --out primary.safetensors --minutes 90
        jqe train primary --data pictures --out primary.safetensors --resume
        jqe train primary --data pictures --out mine-90.safetensors --recipe primary-90 --from primary.safetensors
        """;

    readonly Option<string[]> data = DataChoice.Option();
    readonly Option<string> output = new("--out")
    {
        Description = "The model file (safetensors); NAME.checkpoint.safetensors, NAME.csv and NAME.png stand beside it.",
        HelpName = "FILE",
        Required = true,
    };
    readonly Option<string?> qualityRecipe = Recipe("quality", QualityRecipe.BundledNames);
    readonly Option<string?> primaryRecipe = Recipe("primary", PrimaryRecipe.BundledNames);
    readonly Option<string?> from = new("--from")
    {
        Description = "Start from the weights of this model, of the same shape, instead of random ones.",
        HelpName = "FILE",
    };
    readonly Option<double?> minutes = new("--minutes") { Description = "Stop after so many minutes; --resume goes on.", HelpName = "M" };
    readonly Option<int?> steps = new("--steps") { Description = "Steps of the training and its schedule, instead of the recipe's.", HelpName = "N" };
    readonly Option<ulong> seed = new("--seed") { Description = "Where all randomness comes from.", HelpName = "S", DefaultValueFactory = _ => 1 };
    readonly Option<int> threads = SharedOptions.Threads();
    readonly Option<ComputeDevice> device = SharedOptions.Device();
    readonly Option<ComputePrecision> precision = SharedOptions.Precision();
    readonly Option<bool> half = new("--half") { Description = "Write the model's values as 16-bit floats: half the file." };
    readonly Option<bool> resume = new("--resume") { Description = "Go on from the checkpoint beside the model, where there is one." };
    readonly Option<string?> log = new("--log", "--csv") { Description = "The run log. Default: NAME.csv beside the model.", HelpName = "FILE" };

    public static Command Create(ToolConsole console)
    {
        var verb = new TrainVerb(console);
        Option[] shared = [verb.from, verb.minutes, verb.steps, verb.seed, verb.device, verb.precision, verb.threads, verb.resume, verb.half, verb.log];
        var quality = new Command("quality", "Trains the quality network (Uchida 2019).") { verb.data, verb.output, verb.qualityRecipe };
        var primary = new Command("primary", "Trains a network for the primary quantization (Tondi 2021, or ours).")
        {
            verb.data, verb.output, verb.primaryRecipe,
        };
        foreach (Option option in shared)
        {
            quality.Add(option);
            primary.Add(option);
        }
        quality.SetAction(verb.RunQuality);
        primary.SetAction(verb.RunPrimary);
        return new Command("train", "Trains a network on never-compressed pictures.") { quality, primary };
    }

    static Option<string?> Recipe(string name, IReadOnlyList<string> bundled) => new("--recipe")
    {
        Description = $"A bundled recipe ({string.Join(", ", bundled)}) or a JSON file. Default: {name}, or the checkpoint's.",
        HelpName = "FILE",
    };

    int RunQuality(ParseResult parse)
    {
        Check(parse);
        var options = (QualityTrainingOptions)Shared(parse, new QualityTrainingOptions
        {
            DataFolders = DataChoice.Folders(parse.GetValue(data)!),
            OutputPath = parse.GetValue(output)!,
            Recipe = Read(parse.GetValue(qualityRecipe), QualityRecipe.Load),
        });
        return Report(() => TrainingDisplay.Show(console, progress => QualityTrainer.Train(options, progress, console.Cancellation)));
    }

    int RunPrimary(ParseResult parse)
    {
        Check(parse);
        var options = (PrimaryTrainingOptions)Shared(parse, new PrimaryTrainingOptions
        {
            DataFolders = DataChoice.Folders(parse.GetValue(data)!),
            OutputPath = parse.GetValue(output)!,
            Recipe = Read(parse.GetValue(primaryRecipe), PrimaryRecipe.Load),
        });
        return Report(() => TrainingDisplay.Show(console, progress => PrimaryTrainer.Train(options, progress, console.Cancellation)));
    }

    void Check(ParseResult parse)
    {
        if (parse.GetValue(minutes) is not (null or > 0 and < 1e6))
            throw new UsageException("--minutes must be above 0");
        if (parse.GetValue(steps) is < 1)
            throw new UsageException("--steps must be 1 or more");
        if (parse.GetValue(from) is string path && !File.Exists(path))
            throw new UsageException($"--from {path}: no such file");
    }

    TrainingOptions Shared(ParseResult parse, TrainingOptions options) => options with
    {
        From = parse.GetValue(from),
        Minutes = parse.GetValue(minutes),
        Steps = parse.GetValue(steps),
        Seed = parse.GetValue(seed),
        Device = parse.GetValue(device),
        Precision = parse.GetValue(precision),
        Threads = parse.GetValue(threads) is > 0 and int count ? count : Environment.ProcessorCount,
        HalfPrecision = parse.GetValue(half),
        Resume = parse.GetValue(resume),
        LogPath = parse.GetValue(log),
        Skipped = (file, reason) => console.Message($"skipped {file}: {reason}"),
    };

    static TRecipe? Read<TRecipe>(string? name, Func<string, TRecipe> load)
        where TRecipe : class
    {
        try
        {
            return name is null ? null : load(name);
        }
        catch (RecipeException error)
        {
            throw new UsageException(error.Message);
        }
    }

    int Report(Func<TrainingResult> train)
    {
        TrainingResult result;
        try
        {
            result = train();
        }
        catch (DeviceUnavailableException refused)
        {
            throw DeviceChoice.Refusal(refused);
        }
        console.Message($"trained on {result.Device}: {result.DeviceReason}");
        console.Message($"{result.End} after step {result.Step}; {result.Pictures} pictures, {result.HeldOut} held out, manifest {result.DataManifest}");
        return result.End == TrainingEnd.Cancelled ? ExitStatus.Interrupted : ExitStatus.Done;
    }
}
