using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training;

/// <summary>Trains a network that estimates the primary quantization (Tondi, Costanzo, Huang, Li 2021, and ours).</summary>
public static class PrimaryTrainer
{
    /// <summary>Trains until the recipe's steps are done, the minutes are over, or the token says so; writes the model each time.</summary>
    /// <param name="options">Data, recipe, seed, limits.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellation">Looked at between steps; files are written before the method returns.</param>
    /// <exception cref="ArgumentOutOfRangeException">Threads, minutes or steps are outside their range.</exception>
    /// <exception cref="DeviceUnavailableException">A device was asked for by name and cannot be had.</exception>
    /// <exception cref="DeviceException">A device was asked for by name, is there, and failed.</exception>
    /// <exception cref="DirectoryNotFoundException">A data folder is not there.</exception>
    /// <exception cref="InvalidDataException">No usable picture, or the checkpoint belongs to other data or another seed.</exception>
    /// <exception cref="RecipeException">The checkpoint was made with another recipe.</exception>
    /// <exception cref="Tensors.WeightsFormatException">The checkpoint or the model to start from cannot be read.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static TrainingResult Train(
        PrimaryTrainingOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        Train(options, PrimaryTrainees.Create, PrimaryTrainees.ParameterCount, progress, cancellation);

    internal static TrainingResult Train(
        PrimaryTrainingOptions options, Func<PrimaryRecipe, ulong, int, IPrimaryTrainee> create, Func<PrimaryRecipe, int> parameterCount,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new Run(options, create, parameterCount).Train(progress, cancellation);
    }

    sealed class Run(
        PrimaryTrainingOptions options, Func<PrimaryRecipe, ulong, int, IPrimaryTrainee> create, Func<PrimaryRecipe, int> parameterCount)
        : Trainer<PrimaryRecipe, PrimaryBatch>(options, options.Recipe)
    {
        IPrimaryTrainee? network;

        protected override PrimaryRecipe DefaultRecipe() => PrimaryRecipe.Load("primary");

        protected override int LeastPictureSide(PrimaryRecipe recipe) => DoubleJpegGenerator.LeastPictureSide;

        protected override int ParameterCount(PrimaryRecipe recipe) => parameterCount(recipe);

        protected override int WhiteningCount(PrimaryRecipe recipe) => PrimaryTrainees.WhiteningCount(recipe);

        protected override float[] Initial(PrimaryRecipe recipe, string? from, TrainingPictures training) =>
            from is null ? Network(recipe).Initial(options.Seed, training) : Network(recipe).Load(from);

        protected override TrainingLoop<PrimaryRecipe, PrimaryBatch> CreateLoop(
            TrainingState<PrimaryRecipe> state, TrainingPictures training, TrainingPictures heldOut) =>
            new PrimaryTrainingLoop(state, training, heldOut, Network(state.Recipe), options.Threads);

        protected override IDeviceTraining OpenOnDevice(IDeviceBackend backend, int index, PrimaryRecipe recipe) =>
            Network(recipe).OpenOnDevice(backend, index, Options.Precision);

        protected override void Save(PrimaryRecipe recipe, float[] parameters, string path, Dictionary<string, string> metadata) =>
            OutputFile.Write(path, stream => Network(recipe).Save(stream, parameters, metadata, options.HalfPrecision));

        IPrimaryTrainee Network(PrimaryRecipe recipe) => network ??= create(recipe, options.Seed, options.Threads);
    }
}
