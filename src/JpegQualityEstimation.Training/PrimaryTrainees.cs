using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

static class PrimaryTrainees
{
    /// <summary>Numbers in the flat parameter vector of the network that a recipe names; nothing of that size is allocated.</summary>
    public static int ParameterCount(PrimaryRecipe recipe) => recipe.Network switch
    {
        PrimaryNetworkKind.PhaseHistogram => new PhaseHistogramArchitecture(recipe.Histogram).ParameterCount,
        _ => DenseNet(recipe).Count,
    };

    /// <summary>Numbers that the whitening of a recipe's gradients keeps.</summary>
    public static int WhiteningCount(PrimaryRecipe recipe) =>
        recipe.WhiteningRidge > 0 ? GradientWhitening.Offsets(DenseNet40Trainee.MatricesOf(DenseNet(recipe)))[^1] : 0;

    /// <summary>Numbers that the DenseNet of a recipe gives for a window.</summary>
    public static int Outputs(PrimaryRecipe recipe) => recipe.Head == PrimaryHead.Regression ? PrimaryBlocks.Count : PrimaryBlocks.Outputs;

    /// <summary>The DenseNet of a recipe in training.</summary>
    public static DenseNet40Architecture DenseNet(PrimaryRecipe recipe) => new(recipe.Input, Outputs(recipe), recipe.PhaseWeight > 0);

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
