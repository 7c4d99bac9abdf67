using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Training;

/// <summary>The DenseNet-40 as the trainer sees it; the statistics of its batch norms follow the trainable parameters.</summary>
sealed class DenseNet40Trainee : IPrimaryTrainee
{
    // Gates are fitted to other windows than the network is trained on first.
    const ulong GateSeed = 0x4741544553;

    readonly PrimaryRecipe recipe;
    readonly ulong seed;
    readonly int threads;
    readonly DenseNet40Architecture architecture;
    readonly DenseNet40Gradient gradients;
    readonly IBlockLoss loss;
    readonly float[] outputs;
    readonly float[] posterior;

    public DenseNet40Trainee(PrimaryRecipe recipe, ulong seed, int threads)
    {
        (this.recipe, this.seed, this.threads) = (recipe, seed, threads);
        architecture = PrimaryTrainees.DenseNet(recipe);
        gradients = new DenseNet40Gradient(architecture, threads) { Dropout = recipe.Dropout, PhaseWeight = recipe.PhaseWeight, FixedFirstBlock = recipe.FirstBlock == DenseNetFirstBlock.Dct, Seed = seed };
        loss = recipe.CreateLoss();
        outputs = new float[recipe.BatchSize * architecture.Outputs];
        posterior = new float[architecture.HasPhases ? recipe.BatchSize * 64 : 0];
    }

    public int ParameterCount => architecture.Count;

    public int TrainableCount => architecture.TrainableCount;

    public IReadOnlyList<ParameterMatrix> Matrices => MatricesOf(architecture);

    /// <summary>The filters of each layer [12, 9 c], the transitions [c, c], and the head of grid phases.</summary>
    public static IReadOnlyList<ParameterMatrix> MatricesOf(DenseNet40Architecture architecture) =>
    [
        .. DenseNet40Network.Places(architecture)
            .Where(place => place.Name.EndsWith(".weight", StringComparison.Ordinal) && (place.Name.StartsWith("block", StringComparison.Ordinal) || place.Name == "phase.weight"))
            .Select(place => new ParameterMatrix(place.Offset, place.Shape[0], place.Length / place.Shape[0], place.Shape.Length == 4 ? place.Shape[2] * place.Shape[3] : 1)),
    ];

    public float[] Initial(ulong seed, TrainingPictures? pictures = null)
    {
        float[] parameters = architecture.FromModel(DenseNet40Network.CreateInitialized(seed, architecture.Input, architecture.Outputs, recipe.Initialization).Parameters);
        if (recipe.FirstBlock != DenseNetFirstBlock.Dct)
            return parameters;
        ArgumentNullException.ThrowIfNull(pictures);
        var windows = new DoubleJpegGenerator(recipe, pictures, seed ^ GateSeed);
        DctFirstBlock.Lay(parameters, architecture, DctGates.Fit(windows, recipe.FirstQuality, seed, threads));
        return parameters;
    }

    public float[] Load(string path)
    {
        DenseNet40Network network = DenseNet40Network.Load(path);
        if (network.Input != architecture.Input || network.Outputs != architecture.Outputs)
            throw new WeightsFormatException(path, -1, $"has input {network.Input} and {network.Outputs} outputs, the recipe {architecture.Input} and {architecture.Outputs}");
        return architecture.FromModel(network.Parameters);
    }

    public void Save(Stream stream, float[] parameters, IReadOnlyDictionary<string, string> metadata, bool halves) =>
        new DenseNet40Network(architecture.WithoutPhases, architecture.ToModel(parameters), metadata["name"], metadata).Save(stream, halves: halves);

    public IDeviceTraining OpenOnDevice(IDeviceBackend backend, int index, ComputePrecision precision) => recipe.WhiteningRidge > 0
        ? throw new NotSupportedException("'whitening' of the recipe is for the processor: no device whitens gradients")
        : recipe.FirstBlock == DenseNetFirstBlock.Dct
        ? throw new NotSupportedException("'firstBlock' of the recipe is for the processor: no device keeps a block as it is")
        : backend.OpenDenseNetTraining(index, new DenseNetTrainingShape(architecture.Input, architecture.Outputs, recipe.BatchSize,
            recipe.Dropout, seed, recipe.LossTerms, recipe.PhaseWeight, Matrices, precision));

    public void MoveStatistics(float[] parameters, PrimaryBatch batch, double movement) =>
        gradients.MoveStatistics(parameters, batch.Windows, movement);

    public PrimaryValues Run(float[] parameters, PrimaryBatch batch, float[]? gradient)
    {
        DenseNet40Loss mean = gradients.Run(parameters, batch.Windows, batch.Steps, loss, batch.Step, gradient, outputs, batch.Phases, posterior);
        (double accuracy, double squaredError) = PrimaryScores.Of(outputs, batch.Steps);
        return new PrimaryValues(mean.Block, mean.Phase, accuracy, squaredError, architecture.HasPhases ? PrimaryScores.PhaseFound(posterior, batch.Phases) : 0);
    }
}
