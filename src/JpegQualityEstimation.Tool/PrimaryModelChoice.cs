using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool;

// --model of `evaluate primary`: weight files, names of bundled models or of formulas; all bundled ones without any.
static class PrimaryModelChoice
{
    public static List<EvaluatedPrimaryModel> Load(string[]? named)
    {
        if (named is null or [])
            named = [.. PrimaryNetworks.BundledNames];
        if (named is [])
            throw new UsageException("this build carries no weights for primary quantization: --model FILE is needed");
        var models = new List<EvaluatedPrimaryModel>();
        foreach (NamedFile model in named.Select(NamedFile.Parse))
        {
            EvaluatedPrimaryModel next = Open(model);
            NamedFile.RequireNew(models.Select(other => other.Name), next.Name);
            models.Add(next);
        }
        return models;
    }

    static EvaluatedPrimaryModel Open(NamedFile model)
    {
        if (!File.Exists(model.File) && EvaluatedPrimaryModel.Formulas.FirstOrDefault(formula => formula.Name == model.File) is { } formula)
            return formula with { Name = model.Name ?? formula.Name };
        try
        {
            if (!File.Exists(model.File) && PrimaryNetworks.BundledNames.Contains(model.File))
                return EvaluatedPrimaryModel.Of(model.Name ?? model.File, "", PrimaryNetworks.Bundled(model.File));
            return EvaluatedPrimaryModel.Read(model.Name, File.ReadAllBytes(model.File), Path.GetFileName(model.File));
        }
        catch (Exception e) when (e is WeightsFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--model {model.File}: {Failure.Of(e)}");
        }
    }
}
