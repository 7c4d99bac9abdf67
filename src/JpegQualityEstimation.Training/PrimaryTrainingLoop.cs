using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Training;

/// <summary>The loop of the primary-quantization networks.</summary>
sealed class PrimaryTrainingLoop : TrainingLoop<PrimaryRecipe, PrimaryBatch>
{
    readonly PrimaryRecipe recipe;
    readonly IPrimaryGradient network;
    readonly DoubleJpegGenerator generator;
    readonly int threads;

    public PrimaryTrainingLoop(
        TrainingState<PrimaryRecipe> state, TrainingPictures training, TrainingPictures heldOut, IPrimaryGradient network, int threads)
        : base(state, threads)
    {
        recipe = state.Recipe;
        this.network = network;
        this.threads = threads;
        generator = new DoubleJpegGenerator(recipe, training, state.Seed);
        if (network.ParameterCount > network.TrainableCount)
        {
            var measured = new DoubleJpegGenerator(recipe, training, StatisticsSeed);
            for (int i = 0; i < recipe.StatisticsBatches; i++)
                AddStatistics(Filled(measured, i));
        }
        if (recipe.ValidationInterval == 0 || heldOut.Pictures.Count == 0)
            return;
        var held = new DoubleJpegGenerator(recipe, heldOut, ValidationSeed);
        for (int i = 0; i < recipe.ValidationBatches; i++)
            AddValidation(Filled(held, i));
    }

    protected override int Trainable => network.TrainableCount;

    protected override IReadOnlyList<ParameterMatrix> Matrices => network.Matrices;

    protected override PrimaryBatch CreateBatch() => new(recipe.BatchSize);

    protected override void Fill(long step, PrimaryBatch batch) => generator.Fill(step, batch, threads, Patches);

    protected override DeviceBatch Pack(PrimaryBatch batch) => new()
    {
        Count = batch.Count,
        Step = batch.Step,
        Pixels = batch.Windows,
        Steps = batch.Steps,
        Second = batch.Second,
        Phases = batch.Phases,
    };

    protected override double[] Run(float[] parameters, PrimaryBatch batch, float[] gradient) => Values(network.Run(parameters, batch, gradient));

    protected override double[] Measure(float[] parameters, PrimaryBatch batch, float[] scratch) => Values(network.Run(parameters, batch, null));

    protected override void MoveStatistics(float[] parameters, PrimaryBatch batch, double movement) =>
        network.MoveStatistics(parameters, batch, movement);

    PrimaryBatch Filled(DoubleJpegGenerator from, int step)
    {
        PrimaryBatch batch = CreateBatch();
        from.Fill(step, batch, threads);
        return batch;
    }

    static double[] Values(PrimaryValues values) => [values.Loss, values.Phase, values.Accuracy, values.SquaredError, values.PhaseFound];
}
