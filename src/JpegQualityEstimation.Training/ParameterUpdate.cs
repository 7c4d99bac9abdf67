using System.Collections.Concurrent;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Training;

// ParameterUpdate: one step of the recipe's optimiser on a flat parameter vector. Muon takes the given matrices, in rising
// order, whose moment is kept where Adam keeps its first; Adam takes the rest. What comes after the trainable parameters
// (statistics that a network keeps itself) is left alone.
sealed class ParameterUpdate(TrainingRecipe recipe, int trainable, IReadOnlyList<ParameterMatrix> matrices, int threads)
{
    // By shape: matrices of one shape take turns in the memory that a thread works in, which then stays in its caches.
    readonly ConcurrentDictionary<(int Rows, int Columns), ConcurrentBag<MuonOptimizer>> idle = [];

    /// <param name="parameters">Updated.</param>
    /// <param name="gradient">As long.</param>
    /// <param name="first">First moment, or Muon's.</param>
    /// <param name="second">Second moment.</param>
    /// <param name="step">Updates done before.</param>
    /// <param name="rate">Learning rate.</param>
    public void Apply(float[] parameters, float[] gradient, float[] first, float[] second, long step, double rate)
    {
        bool muon = recipe.Optimizer == TrainingOptimizer.Muon;
        var settings = new AdamOptimizer.Settings(muon ? rate * recipe.AdamRate : rate, recipe.Beta1, recipe.Beta2, recipe.Epsilon, recipe.WeightDecay);
        int done = 0;
        if (muon)
        {
            Parallel.For(0, matrices.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
            {
                ParameterMatrix matrix = matrices[i];
                ConcurrentBag<MuonOptimizer> shape = idle.GetOrAdd((matrix.Rows, matrix.Columns), _ => []);
                if (!shape.TryTake(out MuonOptimizer? optimizer))
                    optimizer = new MuonOptimizer(matrix.Rows, matrix.Columns);
                optimizer.Update(parameters.AsSpan(matrix.Offset, matrix.Length), gradient.AsSpan(matrix.Offset, matrix.Length),
                    first.AsSpan(matrix.Offset, matrix.Length), (float)recipe.Momentum, rate);
                shape.Add(optimizer);
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
}
