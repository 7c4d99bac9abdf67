using System.Security.Cryptography;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool;

// --model of `evaluate primary`: weight files, names of bundled models, all bundled ones without any.
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
            (PrimaryNetwork network, string hash) = Open(model.File);
            string name = model.Name ?? network.Name;
            NamedFile.RequireNew(models.Select(other => other.Name), name);
            models.Add(EvaluatedPrimaryModel.Of(name, hash, network));
        }
        return models;
    }

    static (PrimaryNetwork Network, string Hash) Open(string file)
    {
        try
        {
            if (!File.Exists(file) && PrimaryNetworks.BundledNames.Contains(file))
                return (PrimaryNetworks.Bundled(file), "");
            byte[] bytes = File.ReadAllBytes(file);
            using var stream = new MemoryStream(bytes, writable: false);
            return (PrimaryNetwork.Load(stream, Path.GetFileName(file)), Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
        catch (Exception e) when (e is WeightsFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--model {file}: {Failure.Of(e)}");
        }
    }
}
