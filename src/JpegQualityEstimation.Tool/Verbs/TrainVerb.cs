using System.CommandLine;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe train quality: a folder of never-compressed pictures and a recipe in, a model file out.
sealed class TrainVerb(ToolConsole console)
{
    public const string Example = """
        jqe train quality --data pictures --out quality.safetensors --minutes 90
        jqe train quality --data pictures --out quality.safetensors --resume
        """;

    readonly Option<string[]> data = new("--data")
    {
        Description = "Folders of never-compressed pictures, subfolders included; JPEG files in them are skipped.",
        HelpName = "DIR",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };
    readonly Option<string> output = new("--out")
    {
        Description = "The model file (safetensors); NAME.checkpoint.safetensors, NAME.csv and NAME.png stand beside it.",
        HelpName = "FILE",
        Required = true,
    };
    readonly Option<string?> recipe = new("--recipe")
    {
        Description = $"A bundled recipe ({string.Join(", ", QualityRecipe.BundledNames)}) or a JSON file. Default: quality, or the checkpoint's.",
        HelpName = "FILE",
    };
    readonly Option<double?> minutes = new("--minutes") { Description = "Stop after so many minutes; --resume goes on.", HelpName = "M" };
    readonly Option<int?> steps = new("--steps") { Description = "Steps of the training and its schedule, instead of the recipe's.", HelpName = "N" };
    readonly Option<ulong> seed = new("--seed") { Description = "Where all randomness comes from.", HelpName = "S", DefaultValueFactory = _ => 1 };
    readonly Option<int> threads = SharedOptions.Threads();
    readonly Option<ComputeDevice> device = SharedOptions.Device();
    readonly Option<bool> resume = new("--resume") { Description = "Go on from the checkpoint beside the model, where there is one." };
    readonly Option<string?> log = new("--log", "--csv") { Description = "The run log. Default: NAME.csv beside the model.", HelpName = "FILE" };

    public static Command Create(ToolConsole console)
    {
        var verb = new TrainVerb(console);
        var quality = new Command("quality", "Trains the quality network (Uchida 2019).")
        {
            verb.data, verb.output, verb.recipe, verb.minutes, verb.steps, verb.seed, verb.device, verb.threads, verb.resume, verb.log,
        };
        quality.SetAction(verb.Run);
        return new Command("train", "Trains a network on never-compressed pictures.") { quality };
    }

    int Run(ParseResult parse)
    {
        DeviceChoice.RequireProcessor(parse.GetValue(device), "training");
        if (parse.GetValue(minutes) is not (null or > 0 and < 1e6))
            throw new UsageException("--minutes must be above 0");
        if (parse.GetValue(steps) is < 1)
            throw new UsageException("--steps must be 1 or more");
        QualityTrainingOptions options;
        try
        {
            options = new QualityTrainingOptions
            {
                DataFolders = DataChoice.Folders(parse.GetValue(data)!),
                OutputPath = parse.GetValue(output)!,
                Recipe = parse.GetValue(recipe) is string name ? QualityRecipe.Load(name) : null,
                Minutes = parse.GetValue(minutes),
                Steps = parse.GetValue(steps),
                Seed = parse.GetValue(seed),
                Threads = parse.GetValue(threads) is > 0 and int count ? count : Environment.ProcessorCount,
                Resume = parse.GetValue(resume),
                LogPath = parse.GetValue(log),
                Skipped = (file, reason) => console.Message($"skipped {file}: {reason}"),
            };
        }
        catch (RecipeException error)
        {
            throw new UsageException(error.Message);
        }
        QualityTrainingResult result = TrainingDisplay.Show(
            console, progress => QualityTrainer.Train(options, progress, console.Cancellation));
        console.Message($"{result.End} after step {result.Step}; {result.Pictures} pictures, {result.HeldOut} held out, manifest {result.DataManifest}");
        return result.End == QualityTrainingEnd.Cancelled ? ExitStatus.Interrupted : ExitStatus.Done;
    }
}
