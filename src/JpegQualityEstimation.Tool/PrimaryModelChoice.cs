using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool;

// --model of `evaluate primary`: weight files, names of bundled and specialised models or of formulas; all bundled ones without any.
static class PrimaryModelChoice
{
    static readonly NamedModels<EvaluatedPrimaryModel> Models = new(
        EvaluatedPrimaryModel.Formulas, model => model.Name, (model, name) => model with { Name = name }, EvaluatedPrimaryModel.Read);

    public static List<EvaluatedPrimaryModel> Load(string[]? named)
    {
        if (named is null or [])
            named = [.. PrimaryNetworks.BundledNames];
        if (named is [])
            throw new UsageException("this build carries no weights for primary quantization: --model FILE is needed");
        return Models.Load(named);
    }
}
