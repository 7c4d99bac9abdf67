using System.Diagnostics.CodeAnalysis;

namespace JpegQualityEstimation.Tensors;

/// <summary>All that a safetensors file holds, widened to float32.</summary>
public sealed class SafetensorsContent
{
    readonly Dictionary<string, Tensor> byName;

    internal SafetensorsContent(string name, IReadOnlyList<Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        Name = name;
        Tensors = tensors;
        Metadata = metadata;
        byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>Path or caller's name of the file.</summary>
    public string Name { get; }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<Tensor> Tensors { get; }

    /// <summary>The free text entries of the header; empty where there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Looks a tensor up by its name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Tensor? tensor) => byName.TryGetValue(name, out tensor);

    /// <summary>The tensor of that name, which must have exactly that shape.</summary>
    /// <exception cref="WeightsFormatException">There is none, or its shape is another.</exception>
    public Tensor Require(string name, ReadOnlySpan<int> shape)
    {
        if (!byName.TryGetValue(name, out Tensor? tensor))
            throw new WeightsFormatException(Name, -1, $"no tensor '{name}' in the file");
        bool same = tensor.Shape.Count == shape.Length;
        for (int i = 0; same && i < shape.Length; i++)
            same = tensor.Shape[i] == shape[i];
        if (!same)
        {
            throw new WeightsFormatException(Name, -1,
                $"tensor '{name}' is [{string.Join(',', tensor.Shape)}], not [{string.Join(',', shape.ToArray())}]");
        }
        return tensor;
    }
}
