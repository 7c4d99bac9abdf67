using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Networks;

// DenseNet40Network: the weights of one DenseNet-40 (DenseNet40Architecture) and what is known of them.

/// <summary>Weights of the DenseNet-40 of Tondi, Costanzo, Huang, Li 2021. Immutable; safe to share between threads.</summary>
public sealed partial class DenseNet40Network
{
    internal DenseNet40Network(DenseNet40Architecture architecture, float[] parameters, string name, IReadOnlyDictionary<string, string> metadata)
    {
        if (parameters.Length != architecture.Count)
            throw new ArgumentException($"this DenseNet-40 has {architecture.Count} parameters, not {parameters.Length}");
        Architecture = architecture;
        Parameters = parameters;
        Name = name;
        Metadata = metadata;
    }

    /// <summary>Name of the model: its metadata's <c>name</c>, else the file's.</summary>
    public string Name { get; }

    /// <summary>What the weight file says of itself (recipe, data, metrics).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What the network looks at.</summary>
    public PrimaryInput Input => Architecture.Input;

    /// <summary>Numbers a window gets: 226 class scores (15 softmax blocks), or 15 regressed steps.</summary>
    public int Outputs => Architecture.Outputs;

    internal DenseNet40Architecture Architecture { get; }

    internal float[] Parameters { get; }

    /// <summary>
    /// Reads a safetensors file with tensors first.weight [24,3,3,3] (or [24,1,3,3] for luma), block1.layer1.gamma [24],
    /// .beta [24], .weight [12,24,3,3] ... block1.transition.gamma, .beta [168], .weight [168,168] ... head.gamma,
    /// .beta [456], .weight [outputs,456], .bias [outputs], block1.mean, .variance [168] ...
    /// </summary>
    /// <exception cref="WeightsFormatException">The file is no such file; the message names it and the reason.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static DenseNet40Network Load(string path) => FromContent(Safetensors.Read(path));

    /// <inheritdoc cref="Load(string)"/>
    /// <param name="stream">The file's bytes.</param>
    /// <param name="name">What errors call it.</param>
    public static DenseNet40Network Load(Stream stream, string name) => FromContent(Safetensors.Read(stream, name));

    /// <summary>Writes the weights as safetensors.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="metadata">What to say of them; null: <see cref="Metadata"/>.</param>
    /// <param name="halves">Round the weights to 16-bit floats: half the file.</param>
    public void Save(Stream stream, IReadOnlyDictionary<string, string>? metadata = null, bool halves = false)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in metadata ?? Metadata)
            all[key] = value;
        all["architecture"] = DenseNet40Architecture.Id;
        all["input"] = Input == PrimaryInput.Rgb ? "rgb" : "luma";
        all["layout"] = "OIHW";
        all.TryAdd("name", Name);
        Safetensors.Write(stream, ToTensors(Architecture, Parameters), all, halves);
    }

    internal static IReadOnlyList<Tensor> ToTensors(DenseNet40Architecture architecture, ReadOnlySpan<float> parameters, string prefix = "")
    {
        var tensors = new List<Tensor>();
        foreach (TensorPlace place in Places(architecture))
            tensors.Add(new Tensor(prefix + place.Name, place.Shape, parameters.Slice(place.Offset, place.Length).ToArray()));
        return tensors;
    }

    internal static float[] FromTensors(DenseNet40Architecture architecture, SafetensorsContent content, string prefix = "")
    {
        // All shapes before the first allocation, as the file says how many outputs there are.
        (TensorPlace Place, Tensor Tensor)[] found =
            [.. Places(architecture).Select(place => (place, content.Require(prefix + place.Name, place.Shape)))];
        float[] parameters = new float[architecture.Count];
        foreach ((TensorPlace place, Tensor tensor) in found)
        {
            float[] values = tensor.Values;
            foreach (float value in values)
                if (!float.IsFinite(value))
                    throw new WeightsFormatException(content.Name, -1, $"tensor '{prefix + place.Name}' holds a value that is not a finite number");
            values.CopyTo(parameters, place.Offset);
        }
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
            foreach (float variance in parameters.AsSpan(architecture.Variance(b), DenseNet40Architecture.BlockOutputs(b)))
                if (variance < 0)
                    throw new WeightsFormatException(content.Name, -1, $"tensor '{prefix}block{b + 1}.variance' holds a negative variance");
        return parameters;
    }

    /// <summary>All tensors in the order of the flat parameter vector, statistics last.</summary>
    internal static IEnumerable<TensorPlace> Places(DenseNet40Architecture a)
    {
        yield return new("first.weight", [DenseNet40Architecture.FirstFilters, a.InputChannels, 3, 3], 0);
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
        {
            for (int l = 0; l <= DenseNet40Architecture.Layers; l++)
            {
                int c = DenseNet40Architecture.LayerInputs(b, l);
                bool isLayer = l < DenseNet40Architecture.Layers;
                string name = isLayer ? $"block{b + 1}.layer{l + 1}" : b < DenseNet40Architecture.Blocks - 1 ? $"block{b + 1}.transition" : "head";
                yield return new(name + ".gamma", [c], a.Gamma(b, l));
                yield return new(name + ".beta", [c], a.Beta(b, l));
                yield return new(name + ".weight", isLayer ? [DenseNet40Architecture.Growth, c, 3, 3] : [name == "head" ? a.Outputs : c, c], a.Weight(b, l));
            }
        }
        yield return new("head.bias", [a.Outputs], a.Bias);
        if (a.HasPhases)
        {
            yield return new("phase.weight", [DenseNet40Architecture.PhaseOutputs, DenseNet40Architecture.Features], a.PhaseWeight);
            yield return new("phase.bias", [DenseNet40Architecture.PhaseOutputs], a.PhaseBias);
        }
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
        {
            yield return new($"block{b + 1}.mean", [DenseNet40Architecture.BlockOutputs(b)], a.Mean(b));
            yield return new($"block{b + 1}.variance", [DenseNet40Architecture.BlockOutputs(b)], a.Variance(b));
        }
    }

    internal static DenseNet40Network FromContent(SafetensorsContent content)
    {
        int inputs = Extent(content, "first.weight", 1);
        if (inputs != 1 && inputs != 3)
            throw new WeightsFormatException(content.Name, -1, $"tensor 'first.weight' has {inputs} input channels, not 3 (rgb) or 1 (luma)");
        int outputs = Extent(content, "head.bias", 0);
        if (outputs is < 1 or > MaxOutputs)
            throw new WeightsFormatException(content.Name, -1, $"{outputs} outputs are not believable");
        var architecture = new DenseNet40Architecture(inputs == 3 ? PrimaryInput.Rgb : PrimaryInput.Luma, outputs);
        float[] parameters = FromTensors(architecture, content);
        if (!content.Metadata.TryGetValue("name", out string? name))
            name = Path.GetFileNameWithoutExtension(content.Name);
        return new DenseNet40Network(architecture, parameters, name, content.Metadata);
    }

    const int MaxOutputs = 4096;

    static int Extent(SafetensorsContent content, string tensor, int axis)
    {
        if (!content.TryGet(tensor, out Tensor? found))
            throw new WeightsFormatException(content.Name, -1, $"no tensor '{tensor}' in the file");
        if (found.Shape.Count <= axis)
            throw new WeightsFormatException(content.Name, -1, $"tensor '{tensor}' is [{string.Join(',', found.Shape)}]");
        return found.Shape[axis];
    }
}

/// <summary>Where a named tensor lies in a flat parameter vector.</summary>
readonly record struct TensorPlace(string Name, int[] Shape, int Offset)
{
    public int Length => Shape.Aggregate(1, (product, extent) => product * extent);
}
