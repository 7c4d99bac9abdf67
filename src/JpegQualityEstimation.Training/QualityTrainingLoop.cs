using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

/// <summary>The loop of the quality network; Muon takes the weight matrices [64, 576] of layers 2 to 6.</summary>
sealed class QualityTrainingLoop : TrainingLoop<QualityRecipe, PatchBatch>
{
    readonly QualityRecipe recipe;
    readonly IQualityGradient network;
    readonly QualityPatchGenerator generator;

    public QualityTrainingLoop(
        TrainingState<QualityRecipe> state, TrainingPictures training, TrainingPictures heldOut, IQualityGradient network, int threads)
        : base(state, threads)
    {
        recipe = state.Recipe;
        this.network = network;
        generator = new QualityPatchGenerator(recipe, training, state.Seed);
        if (recipe.ValidationInterval == 0 || heldOut.Pictures.Count == 0)
            return;
        var held = new QualityPatchGenerator(recipe, heldOut, ValidationSeed);
        for (int i = 0; i < recipe.ValidationBatches; i++)
        {
            PatchBatch batch = CreateBatch();
            held.Fill(i, batch.Patches, batch.Targets);
            AddValidation(batch);
        }
    }

    protected override int Trainable => network.ParameterCount;

    /// <summary>What Muon takes.</summary>
    public static IReadOnlyList<ParameterMatrix> MuonMatrices { get; } =
        [.. Enumerable.Range(1, QualityArchitecture.Layers - 2).Select(layer => new ParameterMatrix(
            QualityArchitecture.WeightOffset(layer), QualityArchitecture.Width, 9 * QualityArchitecture.Width))];

    protected override IReadOnlyList<ParameterMatrix> Matrices => MuonMatrices;

    protected override PatchBatch CreateBatch() => new(recipe.BatchSize, recipe.PatchSize);

    protected override void Fill(long step, PatchBatch batch) => generator.Fill(step, batch.Patches, batch.Targets, Patches);

    protected override DeviceBatch Pack(PatchBatch batch) =>
        new() { Count = recipe.BatchSize, Step = State.Step, Pixels = batch.Patches, Targets = batch.Targets };

    protected override double[] Run(float[] parameters, PatchBatch batch, float[] gradient)
    {
        PatchLoss loss = network.Run(parameters, batch.Patches, batch.Targets, gradient);
        return [loss.Quality, loss.Flag];
    }

    protected override double[] Measure(float[] parameters, PatchBatch batch, float[] scratch) => Run(parameters, batch, scratch);
}
