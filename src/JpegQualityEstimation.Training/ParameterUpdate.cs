using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Training;

// ParameterUpdate: one step of the recipe's optimiser on a flat parameter vector. Muon takes the given matrices, in rising
// order, whose moment is kept where Adam keeps its first, of their gradient or, by the recipe, of what GradientWhitening leaves of it; Adam takes the rest. What comes after the trainable parameters
// (statistics that a network keeps itself) is left alone.
sealed class ParameterUpdate(TrainingRecipe recipe, int trainable, IReadOnlyList<ParameterMatrix> matrices, int threads)
{
    readonly WorkersByShape<MuonOptimizer> optimizers = new(matrix => new MuonOptimizer(matrix.Rows, matrix.Columns));
    readonly WorkersByShape<GradientWhitening> whitenings = new(matrix => new GradientWhitening(matrix));
    readonly int[] whiteningOffsets = recipe.WhiteningRidge > 0 ? GradientWhitening.Offsets(matrices) : [];

    /// <param name="parameters">Updated.</param>
    /// <param name="gradient">As long; the parts of Muon's matrices are whitened in place where the recipe says so.</param>
    /// <param name="first">First moment, or Muon's.</param>
    /// <param name="second">Second moment.</param>
    /// <param name="whitening">What the whitening keeps, matrix by matrix; empty where the recipe has none.</param>
    /// <param name="step">Updates done before.</param>
    /// <param name="rate">Learning rate.</param>
    public void Apply(float[] parameters, float[] gradient, float[] first, float[] second, float[] whitening, long step, double rate)
    {
        bool muon = recipe.Optimizer == TrainingOptimizer.Muon;
        var settings = new AdamOptimizer.Settings(muon ? rate * recipe.AdamRate : rate, recipe.Beta1, recipe.Beta2, recipe.Epsilon, recipe.WeightDecay);
        int done = 0;
        if (muon)
        {
            Parallel.For(0, matrices.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
            {
                ParameterMatrix matrix = matrices[i];
                if (recipe.WhiteningRidge > 0)
                    Whiten(matrix, gradient.AsSpan(matrix.Offset, matrix.Length), whitening.AsSpan(whiteningOffsets[i]..whiteningOffsets[i + 1]), step);
                MuonOptimizer optimizer = optimizers.Take(matrix);
                optimizer.Update(parameters.AsSpan(matrix.Offset, matrix.Length), gradient.AsSpan(matrix.Offset, matrix.Length),
                    first.AsSpan(matrix.Offset, matrix.Length), (float)recipe.Momentum, rate);
                optimizers.Return(matrix, optimizer);
            });
            foreach (ParameterMatrix matrix in matrices)
            {
                Adam(done, matrix.Offset - done);
                done = matrix.Offset + matrix.Length;
            }
        }
        Adam(done, trainable - done);

        void Adam(int at, int count) => AdamOptimizer.Update(parameters.AsSpan(at, count), gradient.AsSpan(at, count),
            first.AsSpan(at, count), second.AsSpan(at, count), step + 1, settings);
    }

    void Whiten(ParameterMatrix matrix, Span<float> gradient, Span<float> state, long step)
    {
        GradientWhitening worker = whitenings.Take(matrix);
        worker.Apply(gradient, state, step, (float)recipe.WhiteningRidge);
        whitenings.Return(matrix, worker);
    }
}
