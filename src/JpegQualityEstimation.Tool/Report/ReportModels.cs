using System.Security.Cryptography;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Tool.Report;

// ReportModels: which weights answered, with the hashes of their files. quality, primary: what --model and --primary-model
// said, null for the bundled ones.
sealed class ReportModels(string? quality, string? primary)
{
    readonly Dictionary<string, string> hashes = new(StringComparer.Ordinal);

    public ReportModel Quality(string name) => new(name, Hash(quality ?? ExportedModel.Quality));

    public ReportModel Primary(string name, QuantTable second)
    {
        if (primary is not null)
            return new ReportModel(name, Hash(primary));
        string? bundled = PrimaryNetworks.BundledNames.Count > 0 ? PrimaryNetworks.Choose(second, PrimaryNetworks.BundledNames) : null;
        return new ReportModel(name, bundled is not null && PrimaryNetworks.Bundled(bundled).Name == name ? Hash(bundled) : null);
    }

    string Hash(string model)
    {
        if (!hashes.TryGetValue(model, out string? hash))
            hashes[model] = hash = Convert.ToHexStringLower(SHA256.HashData(ExportedModel.Read(model)));
        return hash;
    }
}
