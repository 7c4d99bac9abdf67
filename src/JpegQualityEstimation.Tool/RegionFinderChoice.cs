using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool;

// --model of `evaluate regions`: weight files, names of bundled models or of formulas; without any the bundled model for any
// second table and all formulas.
static class RegionFinderChoice
{
    const string Universal = "primary";

    public static List<EvaluatedRegionFinder> Load(string[]? named)
    {
        if (named is null or [])
            named = [.. PrimaryNetworks.BundledNames.Where(name => name == Universal), .. EvaluatedRegionFinder.Formulas.Select(formula => formula.Name)];
        var finders = new List<EvaluatedRegionFinder>();
        foreach (NamedFile model in named.Select(NamedFile.Parse))
        {
            EvaluatedRegionFinder next = Open(model);
            NamedFile.RequireNew(finders.Select(other => other.Name), next.Name);
            finders.Add(next);
        }
        return finders;
    }

    static EvaluatedRegionFinder Open(NamedFile model)
    {
        if (!File.Exists(model.File) && EvaluatedRegionFinder.Formulas.FirstOrDefault(formula => formula.Name == model.File) is { } formula)
            return formula with { Name = model.Name ?? formula.Name };
        try
        {
            if (!File.Exists(model.File) && PrimaryNetworks.BundledNames.Contains(model.File))
                return EvaluatedRegionFinder.Of(model.Name ?? model.File, "", PrimaryNetworks.Bundled(model.File));
            return EvaluatedRegionFinder.Read(model.Name, File.ReadAllBytes(model.File), Path.GetFileName(model.File));
        }
        catch (Exception e) when (e is WeightsFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--model {model.File}: {Failure.Of(e)}");
        }
    }
}
