using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Tool;

// --model turned into a network, the bundled one without it; a model that is not there or none ends the run.
static class ModelChoice
{
    public const string Bundled = "quality";

    // Where several models are named, the bundled one is called by its name; a file of that name is taken before it.
    public static QualityNetwork LoadNamed(string model) => Load(model == Bundled && !File.Exists(model) ? null : model);

    public static QualityNetwork Load(string? model)
    {
        try
        {
            return model is null ? QualityNetwork.Bundled : QualityNetwork.Load(model);
        }
        catch (Exception e) when (e is WeightsFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--model {model}: {Failure.Of(e)}");
        }
        catch (InvalidOperationException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
