using JpegQualityEstimation.Models;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Tool;

// Models for primary quantization that need no file: those of the core package and the specialised ones. A name means one of them
// only where there is no file of that name; ./NAME is always a file.
static class PrimaryModelName
{
    public static bool Means(string model) => !File.Exists(model) && (PrimaryNetworks.BundledNames.Contains(model) || SpecialisedModels.Names.Contains(model));

    public static PrimaryNetwork Load(string name) => PrimaryNetworks.BundledNames.Contains(name) ? PrimaryNetworks.Bundled(name) : SpecialisedModels.Load(name);

    /// <summary>The bytes of its weight file.</summary>
    public static byte[] Read(string name) =>
        BundledWeights.Read(name) ?? SpecialisedModels.Read(name) ?? throw new UsageException($"this build carries no model '{name}': --model FILE is needed");

    public static PrimaryNetwork LoadNamedOrFile(string model) => Means(model) ? Load(model) : PrimaryNetwork.Load(model);
}
