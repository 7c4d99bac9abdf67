using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Networks;

// PhaseHistogramNetwork: the weights of a phase-histogram network (PhaseHistogramArchitecture) and what is known of
// them. A file holds one tensor for each of the architecture's, and its shape as JSON under the metadata key options.

/// <summary>Weights of a phase-histogram network for primary quantization. Immutable; safe to share between threads.</summary>
public sealed partial class PhaseHistogramNetwork
{
    const string OptionsKey = "options";

    internal PhaseHistogramNetwork(PhaseHistogramOptions options, float[] parameters, string name, IReadOnlyDictionary<string, string> metadata)
    {
        Architecture = new PhaseHistogramArchitecture(options);
        if (parameters.Length != Architecture.ParameterCount)
            throw new ArgumentException($"this phase-histogram network has {Architecture.ParameterCount} parameters, not {parameters.Length}");
        Parameters = parameters;
        Name = name;
        Metadata = metadata;
    }

    /// <summary>Name of the model: its metadata's <c>name</c>, else the file's.</summary>
    public string Name { get; }

    /// <summary>What the weight file says of itself (recipe, data, metrics).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Shape of the network.</summary>
    public PhaseHistogramOptions Options => Architecture.Options;

    internal PhaseHistogramArchitecture Architecture { get; }

    internal float[] Parameters { get; }

    /// <summary>Reads a safetensors file that <see cref="Save"/> wrote.</summary>
    /// <exception cref="WeightsFormatException">The file is no such file; the message names it and the reason.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PhaseHistogramNetwork Load(string path) => FromContent(Safetensors.Read(path));

    /// <inheritdoc cref="Load(string)"/>
    /// <param name="stream">The file's bytes.</param>
    /// <param name="name">What errors call it.</param>
    public static PhaseHistogramNetwork Load(Stream stream, string name) => FromContent(Safetensors.Read(stream, name));

    /// <summary>Writes the weights as safetensors.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="metadata">What to say of them; null: <see cref="Metadata"/>.</param>
    /// <param name="halves">Round the weights to 16-bit floats: half the file.</param>
    public void Save(Stream stream, IReadOnlyDictionary<string, string>? metadata = null, bool halves = false)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in metadata ?? Metadata)
            all[key] = value;
        all["architecture"] = PhaseHistogramArchitecture.Id;
        all[OptionsKey] = Options.ToJson();
        all.TryAdd("name", Name);
        Safetensors.Write(stream, ToTensors(Architecture, Parameters), all, halves);
    }

    internal static IReadOnlyList<Tensor> ToTensors(PhaseHistogramArchitecture architecture, float[] parameters, string prefix = "") =>
        [.. architecture.Tensors.Select(tensor =>
            new Tensor(prefix + tensor.Name, tensor.Shape, parameters.AsSpan(tensor.Offset, tensor.Length).ToArray()))];

    internal static float[] FromTensors(PhaseHistogramArchitecture architecture, SafetensorsContent content, string prefix = "")
    {
        // All there before anything is allocated: a small file may claim a large network.
        Tensor[] tensors = [.. architecture.Tensors.Select(tensor => content.Require(prefix + tensor.Name, tensor.Shape))];
        float[] parameters = new float[architecture.ParameterCount];
        for (int i = 0; i < tensors.Length; i++)
            tensors[i].Values.CopyTo(parameters, architecture.Tensors[i].Offset);
        return parameters;
    }

    internal static PhaseHistogramNetwork FromContent(SafetensorsContent content)
    {
        if (!content.Metadata.TryGetValue("architecture", out string? architecture) || architecture != PhaseHistogramArchitecture.Id)
            throw new WeightsFormatException(content.Name, -1, $"the metadata say architecture '{architecture}', not '{PhaseHistogramArchitecture.Id}'");
        if (!content.Metadata.TryGetValue(OptionsKey, out string? json))
            throw new WeightsFormatException(content.Name, -1, $"the metadata have no '{OptionsKey}'");
        PhaseHistogramOptions options;
        try
        {
            options = PhaseHistogramOptions.FromJson(json);
        }
        catch (FormatException error)
        {
            throw new WeightsFormatException(content.Name, -1, error.Message, error);
        }
        float[] parameters = FromTensors(new PhaseHistogramArchitecture(options), content);
        foreach (float value in parameters)
            if (!float.IsFinite(value))
                throw new WeightsFormatException(content.Name, -1, "a weight is not a finite number");
        if (!content.Metadata.TryGetValue("name", out string? name))
            name = Path.GetFileNameWithoutExtension(content.Name);
        return new PhaseHistogramNetwork(options, parameters, name, content.Metadata);
    }
}
