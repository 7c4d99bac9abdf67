using System.Globalization;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Training;

// Trainer: pictures + recipe + seed -> model file, for any network. The same three give the same weights, whatever the
// number of threads and however often the run was stopped and resumed.
abstract class Trainer<TRecipe, TBatch>(TrainingOptions options, TRecipe? given)
    where TRecipe : TrainingRecipe, ITrainingRecipe<TRecipe>
    where TBatch : class
{
    protected TrainingOptions Options => options;

    protected abstract TRecipe DefaultRecipe();

    protected abstract int LeastPictureSide(TRecipe recipe);

    protected abstract int ParameterCount(TRecipe recipe);

    /// <summary>Numbers that the whitening of gradients keeps.</summary>
    protected virtual int WhiteningCount(TRecipe recipe) => 0;

    /// <summary>The weights of a model file, or random ones.</summary>
    protected abstract float[] Initial(TRecipe recipe, string? from, TrainingPictures training);

    protected abstract TrainingLoop<TRecipe, TBatch> CreateLoop(
        TrainingState<TRecipe> state, TrainingPictures training, TrainingPictures heldOut);

    /// <summary>The training of a recipe's network on a device.</summary>
    protected abstract IDeviceTraining OpenOnDevice(IDeviceBackend backend, int index, TRecipe recipe);

    protected abstract void Save(TRecipe recipe, float[] parameters, string path, Dictionary<string, string> metadata);

    public TrainingResult Train(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, nameof(options));
        if (options.Minutes is not (null or > 0 and < 1e6) || options.CheckpointMinutes is not (>= 0 and < 1e6))
            throw new ArgumentOutOfRangeException(nameof(options), "minutes must be above 0 and below a million");
        DeviceChoice.Require(options.Device);
        if (Path.GetDirectoryName(Path.GetFullPath(options.OutputPath)) is string folder)
            Directory.CreateDirectory(folder);
        TrainingState<TRecipe>? resumed = null;
        string checkpointPath = Path.ChangeExtension(options.OutputPath, ".checkpoint.safetensors");
        if (options.Resume && File.Exists(checkpointPath))
            resumed = TrainingState<TRecipe>.Load(checkpointPath, ParameterCount, WhiteningCount);

        TRecipe recipe = given ?? resumed?.Recipe ?? DefaultRecipe();
        if (options.Steps is int steps)
            recipe = recipe.WithSteps(steps);
        else if (resumed is not null)
            recipe = recipe.WithSteps(resumed.Recipe.Steps);
        TrainingPictures all = TrainingPictures.Load(options.DataFolders, LeastPictureSide(recipe), options.Skipped);
        (TrainingPictures training, TrainingPictures heldOut) = all.Split(recipe.ValidationShare);

        TrainingState<TRecipe> state;
        if (resumed is null)
        {
            state = new TrainingState<TRecipe>(Initial(recipe, options.From, training), recipe, options.Seed, all.ManifestHash, WhiteningCount(recipe));
            if (options.From is string from)
                state.History += $"started from the weights of {Path.GetFileName(from)}\n";
        }
        else
        {
            state = resumed;
            GoOn(state, recipe, all.ManifestHash, checkpointPath);
        }

        string logPath = options.LogPath ?? Path.ChangeExtension(options.OutputPath, ".csv");
        TrainingLog log = resumed is null ? new TrainingLog(TRecipe.Measures) : TrainingLog.Read(logPath, state.Step, TRecipe.Measures);
        TrainingLoop<TRecipe, TBatch> loop = CreateLoop(state, training, heldOut);
        IDevicePatches? made = null;
        ChosenEngine<IDeviceTraining?> chosen = DeviceChoice.Open<IDeviceTraining?>(
            options.Device, () => null, (backend, index) =>
            {
                IDeviceTraining opened = OpenOnDevice(backend, index, state.Recipe);
                made = OpenPatches(backend, index, training);
                return opened;
            });
        using IDevicePatches? patches = made;
        using IDeviceTraining? device = chosen.Engine;
        loop.Device = device;
        loop.Patches = patches;
        loop.Log = log;
        loop.TimeLimit = options.Minutes is double minutes ? TimeSpan.FromMinutes(minutes) : TimeSpan.MaxValue;
        loop.CheckpointInterval = TimeSpan.FromMinutes(options.CheckpointMinutes);
        loop.Progress = progress;
        loop.Checkpoint = () =>
        {
            state.Save(checkpointPath);
            Save(state.Recipe, state.Average, options.OutputPath, Metadata(state, all, log));
            log.Write(logPath);
            LossCurve.Write(log, Path.ChangeExtension(options.OutputPath, ".png"));
        };
        TrainingEnd end = loop.Run(cancellation);
        return new TrainingResult(end, state.Step, training.Pictures.Count, heldOut.Pictures.Count, all.ManifestHash, chosen.Device, chosen.Reason);
    }

    // Where the device cannot hold the pictures as well, the processor goes on making the patches: they are the same.
    static IDevicePatches? OpenPatches(IDeviceBackend backend, int index, TrainingPictures training)
    {
        try
        {
            return backend.OpenPatches(index, [.. training.Pictures.Select(picture => picture.Pixels)]);
        }
        catch (Exception error) when (error is NotSupportedException or DeviceException)
        {
            return null;
        }
    }

    void GoOn(TrainingState<TRecipe> state, TRecipe recipe, string manifest, string path)
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

    Dictionary<string, string> Metadata(TrainingState<TRecipe> state, TrainingPictures pictures, TrainingLog log)
    {
        TrainingLogRow? validated = log.Rows.Cast<TrainingLogRow?>().LastOrDefault(row => row!.Value.Validation is not null);
        var metadata = new Dictionary<string, string>
        {
            ["name"] = Path.GetFileNameWithoutExtension(options.OutputPath),
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
        {
            metadata["validationLoss"] = string.Join(", ", TRecipe.Measures.Columns.Zip(
                row.Validation!, (column, value) => string.Create(CultureInfo.InvariantCulture, $"{TRecipe.Measures.Short(column)} {value:G6}"))) + $" at step {row.Step}";
        }
        return metadata;
    }
}
