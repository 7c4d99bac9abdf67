namespace JpegQualityEstimation.Training;

static class PrimaryTrainees
{
    /// <summary>The network that a recipe names.</summary>
    /// <param name="recipe">Kind and shape.</param>
    /// <param name="seed">Of what the network draws in training (dropout).</param>
    /// <param name="threads">Most threads at a time.</param>
    public static IPrimaryTrainee Create(PrimaryRecipe recipe, ulong seed, int threads) => recipe.Network switch
    {
        PrimaryNetworkKind.PhaseHistogram => new PhaseHistogramTrainee(recipe, threads),
        _ => new DenseNet40Trainee(recipe, seed, threads),
    };
}
