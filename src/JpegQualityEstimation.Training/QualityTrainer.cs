using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

/// <summary>Trains the quality network of Uchida, Tanaka, Okutomi 2019.</summary>
public static class QualityTrainer
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
        QualityTrainingOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new Run(options).Train(progress, cancellation);
    }

    sealed class Run(QualityTrainingOptions options) : Trainer<QualityRecipe, PatchBatch>(options, options.Recipe)
    {
        protected override QualityRecipe DefaultRecipe() => QualityRecipe.Load("quality");

        protected override int LeastPictureSide(QualityRecipe recipe) => QualityPatchGenerator.LeastPictureSide(recipe);

        protected override int ParameterCount(QualityRecipe recipe) => QualityArchitecture.ParameterCount;

        protected override float[] Initial(QualityRecipe recipe, string? from, TrainingPictures training) =>
            from is null ? QualityNetwork.CreateInitialized(Options.Seed, recipe.Initialization).Parameters : QualityNetwork.Load(from).Parameters;

        protected override TrainingLoop<QualityRecipe, PatchBatch> CreateLoop(
            TrainingState<QualityRecipe> state, TrainingPictures training, TrainingPictures heldOut) =>
            new QualityTrainingLoop(state, training, heldOut, new QualityNetworkGradient(state.Recipe, Options.Threads), Options.Threads);

        protected override IDeviceTraining OpenOnDevice(IDeviceBackend backend, int index, QualityRecipe recipe) =>
            backend.OpenQualityTraining(index, new QualityTrainingShape(recipe.BatchSize, recipe.PatchSize,
                recipe.QualityLossWeight, recipe.FlagLossWeight, QualityTrainingLoop.MuonMatrices, Options.Precision));

        protected override void Save(QualityRecipe recipe, float[] parameters, string path, Dictionary<string, string> metadata)
        {
            var network = new QualityNetwork(parameters, metadata["name"], metadata);
            OutputFile.Write(path, stream => network.Save(stream, halves: Options.HalfPrecision));
        }
    }
}
