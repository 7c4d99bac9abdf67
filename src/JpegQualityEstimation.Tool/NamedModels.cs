using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Tool;

// --model of the evaluations of primary quantization, whatever a model is to them: weight files, names of bundled and specialised models or of
// formulas. A file is taken before a name.
sealed record NamedModels<T>(IReadOnlyList<T> Formulas, Func<T, string> NameOf, Func<T, string, T> Rename, Func<string?, byte[], string, T> Read)
{
    public List<T> Load(IEnumerable<string> named)
    {
        var models = new List<T>();
        foreach (NamedFile model in named.Select(NamedFile.Parse))
        {
            T next = Open(model);
            NamedFile.RequireNew(models.Select(NameOf), NameOf(next));
            models.Add(next);
        }
        return models;
    }

    T Open(NamedFile model)
    {
        if (!File.Exists(model.File))
        {
            foreach (T formula in Formulas)
                if (NameOf(formula) == model.File)
                    return Rename(formula, model.Name ?? model.File);
        }
        try
        {
            if (PrimaryModelName.Means(model.File))
                return Read(model.Name ?? model.File, PrimaryModelName.Read(model.File), model.File + BundledWeights.Suffix);
            return Read(model.Name, File.ReadAllBytes(model.File), Path.GetFileName(model.File));
        }
        catch (Exception e) when (e is WeightsFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--model {model.File}: {Failure.Of(e)}");
        }
    }
}
