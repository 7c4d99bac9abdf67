using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

// QualityUpdate: one step of the recipe's optimiser on the flat parameters of the quality network. Muon takes the
// weight matrices [64, 576] of layers 2 to 6, whose moment is kept where Adam keeps its first; Adam takes the rest.
sealed class QualityUpdate(QualityRecipe recipe)
{
    const int FirstMatrix = 1;
    const int EndMatrix = QualityArchitecture.Layers - 1;
    readonly MuonOptimizer[] matrices =
        [.. Enumerable.Range(FirstMatrix, EndMatrix - FirstMatrix).Select(_ => new MuonOptimizer(QualityArchitecture.Width, 9 * QualityArchitecture.Width))];

    public void Apply(TrainingState state, float[] gradient, double rate)
    {
        var settings = new AdamOptimizer.Settings(rate, recipe.Beta1, recipe.Beta2, recipe.Epsilon, recipe.WeightDecay);
        if (recipe.Optimizer == TrainingOptimizer.Adam)
        {
            Adam(state, gradient, 0, gradient.Length, settings);
            return;
        }
        Parallel.For(FirstMatrix, EndMatrix, l =>
        {
            int at = QualityArchitecture.WeightOffset(l);
            int count = QualityArchitecture.WeightCount(l);
            matrices[l - FirstMatrix].Update(state.Parameters.AsSpan(at, count), gradient.AsSpan(at, count),
                state.First.AsSpan(at, count), (float)recipe.Momentum, rate);
        });
        int done = 0;
        for (int l = FirstMatrix; l < EndMatrix; l++)
        {
            int at = QualityArchitecture.WeightOffset(l);
            Adam(state, gradient, done, at - done, settings);
            done = at + QualityArchitecture.WeightCount(l);
        }
        Adam(state, gradient, done, gradient.Length - done, settings);
    }

    static void Adam(TrainingState state, float[] gradient, int at, int count, AdamOptimizer.Settings settings) =>
        AdamOptimizer.Update(state.Parameters.AsSpan(at, count), gradient.AsSpan(at, count), state.First.AsSpan(at, count),
            state.Second.AsSpan(at, count), state.Step + 1, settings);
}
