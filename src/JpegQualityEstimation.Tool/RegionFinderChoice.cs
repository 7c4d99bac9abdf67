using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool;

// --model of `evaluate regions`: weight files, names of bundled and specialised models or of formulas; without any the bundled model for any
// second table and all formulas.
static class RegionFinderChoice
{
    const string Universal = "primary";

    static readonly NamedModels<EvaluatedRegionFinder> Models = new(
        EvaluatedRegionFinder.Formulas, model => model.Name, (model, name) => model with { Name = name }, EvaluatedRegionFinder.Read);

    public static List<EvaluatedRegionFinder> Load(string[]? named)
    {
        if (named is null or [])
            named = [.. PrimaryNetworks.BundledNames.Where(name => name == Universal), .. EvaluatedRegionFinder.Formulas.Select(formula => formula.Name)];
        return Models.Load(named);
    }
}
