using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

// QualityTrainer: pictures + recipe + seed -> model file. The same three give the same weights, whatever the number of
// threads and however often the run was stopped and resumed.

/// <summary>Trains the quality network of Uchida, Tanaka, Okutomi 2019.</summary>
public static class QualityTrainer
{
    /// <summary>Trains until the recipe's steps are done, the minutes are over, or the token says so; writes the model each time.</summary>
    /// <param name="options">Data, recipe, seed, limits.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellation">Looked at between steps; files are written before the method returns.</param>
    /// <exception cref="ArgumentOutOfRangeException">Threads, minutes or steps are outside their range.</exception>
    /// <exception cref="DirectoryNotFoundException">A data folder is not there.</exception>
    /// <exception cref="InvalidDataException">No usable picture, or the checkpoint belongs to other data or another seed.</exception>
    /// <exception cref="RecipeException">The checkpoint was made with another recipe.</exception>
    /// <exception cref="Tensors.WeightsFormatException">The checkpoint cannot be read.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static QualityTrainingResult Train(
        QualityTrainingOptions options, IProgress<QualityTrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, nameof(options));
        if (options.Minutes is not (null or > 0 and < 1e6) || options.CheckpointMinutes is not (>= 0 and < 1e6))
            throw new ArgumentOutOfRangeException(nameof(options), "minutes must be above 0 and below a million");
        if (Path.GetDirectoryName(Path.GetFullPath(options.OutputPath)) is string folder)
            Directory.CreateDirectory(folder);
        TrainingState? resumed = null;
        string checkpointPath = Path.ChangeExtension(options.OutputPath, ".checkpoint.safetensors");
        if (options.Resume && File.Exists(checkpointPath))
            resumed = TrainingState.Load(checkpointPath, QualityArchitecture.ParameterCount);

        QualityRecipe recipe = options.Recipe ?? resumed?.Recipe ?? QualityRecipe.Load("quality");
        if (options.Steps is int steps)
            recipe = recipe.WithSteps(steps);
        else if (resumed is not null)
            recipe = recipe.WithSteps(resumed.Recipe.Steps);
        TrainingPictures all = TrainingPictures.Load(options.DataFolders, QualityPatchGenerator.LeastPictureSide(recipe), options.Skipped);
        (TrainingPictures training, TrainingPictures heldOut) = all.Split(recipe.ValidationShare);

        TrainingState state;
        if (resumed is null)
        {
            float[] initial = QualityNetwork.CreateInitialized(options.Seed, recipe.Initialization).Parameters;
            state = new TrainingState(initial, recipe, options.Seed, all.ManifestHash);
        }
        else
        {
            state = resumed;
            GoOn(state, recipe, options, all.ManifestHash, checkpointPath);
        }

        string logPath = options.LogPath ?? Path.ChangeExtension(options.OutputPath, ".csv");
        TrainingLog log = resumed is null ? new TrainingLog() : TrainingLog.Read(logPath, state.Step);
        var loop = new QualityTrainingLoop(state, training, heldOut, new QualityNetworkGradient(recipe, options.Threads))
        {
            Log = log,
            TimeLimit = options.Minutes is double minutes ? TimeSpan.FromMinutes(minutes) : TimeSpan.MaxValue,
            CheckpointInterval = TimeSpan.FromMinutes(options.CheckpointMinutes),
            Progress = progress,
            Checkpoint = () =>
            {
                state.Save(checkpointPath);
                SaveModel(state, all, log, options.OutputPath);
                log.Write(logPath);
                LossCurve.Write(log, Path.ChangeExtension(options.OutputPath, ".png"));
            },
        };
        QualityTrainingEnd end = loop.Run(cancellation);
        return new QualityTrainingResult(end, state.Step, training.Pictures.Count, heldOut.Pictures.Count, all.ManifestHash);
    }

    static void GoOn(TrainingState state, QualityRecipe recipe, QualityTrainingOptions options, string manifest, string path)
    {
        if (state.Seed != options.Seed)
            throw new InvalidDataException($"{path}: was trained with seed {state.Seed}, not {options.Seed}");
        if (state.DataManifest != manifest)
            throw new InvalidDataException($"{path}: was trained on other pictures (manifest {state.DataManifest}, here {manifest})");
        if (state.Recipe.WithSteps(recipe.Steps).ToJson() != recipe.ToJson())
            throw new RecipeException(recipe.Name, "", $"differs from the recipe in {path} in more than its steps");
        if (state.Recipe.Steps != recipe.Steps)
            state.History += $"from step {state.Step} on: steps {recipe.Steps} instead of {state.Recipe.Steps}\n";
        state.Recipe = recipe;
    }

    static void SaveModel(TrainingState state, TrainingPictures pictures, TrainingLog log, string path)
    {
        TrainingLogRow? validated = log.Rows.Cast<TrainingLogRow?>().LastOrDefault(row => row!.Value.ValidationQuality is not null);
        var metadata = new Dictionary<string, string>
        {
            ["name"] = Path.GetFileNameWithoutExtension(path),
            ["recipe"] = state.Recipe.ToJson(),
            ["seed"] = state.Seed.ToString(CultureInfo.InvariantCulture),
            ["steps"] = state.Step.ToString(CultureInfo.InvariantCulture),
            ["trainingSeconds"] = state.Seconds.ToString("F0", CultureInfo.InvariantCulture),
            ["dataManifest"] = state.DataManifest,
            ["dataPictures"] = pictures.Pictures.Count.ToString(CultureInfo.InvariantCulture),
        };
        if (state.History.Length > 0)
            metadata["history"] = state.History;
        if (validated is { } row)
            metadata["validationLoss"] = string.Create(CultureInfo.InvariantCulture, $"quality {row.ValidationQuality:G6}, flag {row.ValidationFlag:G6} at step {row.Step}");
        var network = new QualityNetwork(state.Average, metadata["name"], metadata);
        OutputFile.Write(path, stream => network.Save(stream));
    }
}
