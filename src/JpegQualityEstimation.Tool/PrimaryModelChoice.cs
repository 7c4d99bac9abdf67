using System.Security.Cryptography;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool;

// --model of `evaluate primary`: weight files, names of bundled models, closed-form; all bundled ones without any.
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
        if (model.File == EvaluatedPrimaryModel.ClosedForm.Name && !File.Exists(model.File))
            return EvaluatedPrimaryModel.ClosedForm with { Name = model.Name ?? model.File };
        (PrimaryNetwork network, string hash) = Open(model.File);
        return EvaluatedPrimaryModel.Of(model.Name ?? network.Name, hash, network);
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
