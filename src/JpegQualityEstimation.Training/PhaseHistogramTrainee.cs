using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Training;

/// <summary>The phase-histogram network as the trainer sees it.</summary>
sealed class PhaseHistogramTrainee(PrimaryRecipe recipe, int threads) : IPrimaryTrainee
{
    readonly PhaseHistogramArchitecture architecture = new(recipe.Histogram);
    readonly PhaseHistogramGradient gradients = new(recipe.Histogram, threads);
    readonly IBlockLoss loss = recipe.CreateLoss();
    readonly float[] logits = new float[recipe.BatchSize * PrimaryBlocks.Outputs];
    readonly float[] posterior = new float[recipe.BatchSize * PhaseHistogramArchitecture.Phases];

    public int ParameterCount => architecture.ParameterCount;

    public int TrainableCount => architecture.ParameterCount;

    // Each coefficient's matrix by itself. The output layers and all biases are Adam's.
    public IReadOnlyList<ParameterMatrix> Matrices =>
    [
        .. new[]
        {
            architecture.Evidence, architecture.Overall, architecture.Phase, architecture.Pooled,
            architecture.Trunk, architecture.Coefficient, architecture.CoefficientTrunk,
        }.SelectMany(Split).OrderBy(matrix => matrix.Offset),
    ];

    public float[] Initial(ulong seed, TrainingPictures? pictures = null) => PhaseHistogramNetwork.CreateInitialized(seed, recipe.Histogram).Parameters;

    public float[] Load(string path)
    {
        PhaseHistogramNetwork network = PhaseHistogramNetwork.Load(path);
        if (network.Options != recipe.Histogram)
            throw new WeightsFormatException(path, -1, $"has the shape {network.Options.ToJson()}, the recipe {recipe.Histogram.ToJson()}");
        return (float[])network.Parameters.Clone();
    }

    public void Save(Stream stream, float[] parameters, IReadOnlyDictionary<string, string> metadata, bool halves) =>
        new PhaseHistogramNetwork(recipe.Histogram, parameters, metadata["name"], metadata).Save(stream, halves: halves);

    public IDeviceTraining OpenOnDevice(IDeviceBackend backend, int index, ComputePrecision precision) =>
        backend.OpenPhaseHistogramTraining(index, new PhaseHistogramTrainingShape(recipe.Histogram, recipe.BatchSize, recipe.LossTerms,
            recipe.AttentionWeight, Matrices, precision));

    // It has none.
    public void MoveStatistics(float[] parameters, PrimaryBatch batch, double movement)
    {
    }

    public PrimaryValues Run(float[] parameters, PrimaryBatch batch, float[]? gradient)
    {
        PhaseHistogramLoss result = gradients.Run(parameters, batch.Windows, batch.Steps, batch.Second, batch.Phases,
            loss, (float)recipe.AttentionWeight, gradient, logits, posterior);
        (double accuracy, double squaredError) = PrimaryScores.Of(logits, batch.Steps);
        return new PrimaryValues(result.Block, result.Attention, accuracy, squaredError, PrimaryScores.PhaseFound(posterior, batch.Phases));
    }

    static IEnumerable<ParameterMatrix> Split(PhaseHistogramTensor tensor)
    {
        int rows = tensor.Shape[^2], columns = tensor.Shape[^1];
        for (int at = 0; at < tensor.Length; at += rows * columns)
            yield return new ParameterMatrix(tensor.Offset + at, rows, columns);
    }
}
