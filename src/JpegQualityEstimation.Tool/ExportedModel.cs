using System.Security.Cryptography;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Onnx;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Tool;

// --model of `export`: a weight file or the name of a bundled model, of either kind of network, and the file's hash.
sealed record ExportedModel(string Name, string Sha256, QualityNetwork? QualityNetwork, PrimaryNetwork? PrimaryNetwork)
{
    public const string Quality = ModelChoice.Bundled;

    public static ExportedModel Load(string model)
    {
        try
        {
            byte[] file = Read(model);
            string sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
            using var stream = new MemoryStream(file);
            if (!IsPrimary(Safetensors.Read(file, model)))
            {
                QualityNetwork quality = QualityNetwork.Load(stream, model);
                return new(quality.Name, sha256, quality, null);
            }
            PrimaryNetwork primary = PrimaryNetwork.Load(stream, model);
            return new(primary.Name, sha256, null, primary);
        }
        catch (Exception e) when (e is WeightsFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--model {model}: {Failure.Of(e)}");
        }
    }

    /// <summary>The ONNX file; <see cref="NotSupportedException"/> for a network that has none.</summary>
    public byte[] ToOnnx()
    {
        var metadata = new Dictionary<string, string> { ["weights_sha256"] = Sha256 };
        using var stream = new MemoryStream();
        if (QualityNetwork is not null)
            OnnxExport.Write(stream, QualityNetwork, metadata);
        else
            OnnxExport.Write(stream, PrimaryNetwork!, metadata);
        return stream.ToArray();
    }

    // A bundled model's name means it only where no file is called so.
    public static byte[] Read(string model) =>
        PrimaryModelName.Means(model) || model == Quality && !File.Exists(model) ? PrimaryModelName.Read(model) : File.ReadAllBytes(model);

    static bool IsPrimary(SafetensorsContent content) =>
        content.Metadata.TryGetValue("architecture", out string? architecture)
        && architecture is DenseNet40Architecture.Id or PhaseHistogramArchitecture.Id;
}
