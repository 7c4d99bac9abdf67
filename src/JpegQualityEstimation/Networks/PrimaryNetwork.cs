using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Networks;

// PrimaryNetwork: any network that reads the first quantization table, whatever its architecture. A weight file says
// in its metadata which one it is (key "architecture"); PrimaryArchitectures lists those that can be run.

/// <summary>Weights of a network that estimates primary quantization steps. Immutable; safe to share between threads.</summary>
public sealed class PrimaryNetwork
{
    readonly Func<IPrimaryEngine> open;

    internal PrimaryNetwork(string name, string architecture, IReadOnlyDictionary<string, string> metadata, Func<IPrimaryEngine> open,
        object? weights = null, PrimaryCalibration? calibration = null)
    {
        Name = name;
        Architecture = architecture;
        Metadata = metadata;
        this.open = open;
        Weights = weights;
        Calibration = calibration ?? PrimaryCalibration.None;
    }

    /// <summary>Name of the model: its metadata's <c>name</c>, else the file's.</summary>
    public string Name { get; }

    /// <summary>Which network it is, as its file says.</summary>
    public string Architecture { get; }

    /// <summary>What the weight file says of itself (recipe, data, metrics).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What the architecture reads out of its file (DenseNet40Network, PhaseHistogramNetwork); null for a stand-in under test.</summary>
    internal object? Weights { get; }

    /// <summary>How the weight file says that probabilities are to be scaled.</summary>
    internal PrimaryCalibration Calibration { get; }

    internal IPrimaryEngine OpenEngine() => open();

    /// <summary>Reads a safetensors file; its metadata's <c>architecture</c> says which network it holds.</summary>
    /// <exception cref="WeightsFormatException">The file is no such file; the message names it and the reason.</exception>
    /// <exception cref="IOException">The file cannot be read; also <see cref="UnauthorizedAccessException"/>.</exception>
    public static PrimaryNetwork Load(string path) => FromContent(Safetensors.Read(path));

    /// <inheritdoc cref="Load(string)"/>
    /// <param name="stream">The file's bytes.</param>
    /// <param name="name">What errors call it.</param>
    public static PrimaryNetwork Load(Stream stream, string name) => FromContent(Safetensors.Read(stream, name));

    static PrimaryNetwork FromContent(SafetensorsContent content)
    {
        if (!content.Metadata.TryGetValue("architecture", out string? architecture))
            throw new WeightsFormatException(content.Name, -1, "its metadata do not say which architecture it is");
        if (!PrimaryArchitectures.Known.TryGetValue(architecture, out Func<SafetensorsContent, PrimaryWeights>? reader))
        {
            throw new WeightsFormatException(content.Name, -1,
                $"architecture '{architecture}' is none that estimates primary quantization ({string.Join(", ", PrimaryArchitectures.Known.Keys)})");
        }
        if (!content.Metadata.TryGetValue("name", out string? name))
            name = Path.GetFileNameWithoutExtension(content.Name);
        PrimaryCalibration calibration = PrimaryCalibration.Read(content.Metadata, content.Name);
        PrimaryWeights weights = reader(content);
        return new PrimaryNetwork(name, architecture, content.Metadata, weights.Open, weights.Network, calibration);
    }
}
