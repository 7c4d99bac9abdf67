namespace JpegQualityEstimation.Tensors;

// Tensor: shape + storage, no arithmetic. Row-major; the last index runs fastest.

/// <summary>A named float32 array with a shape, as weight files hold them.</summary>
public sealed class Tensor
{
    /// <summary>Takes over <paramref name="values"/> as a tensor of <paramref name="shape"/>.</summary>
    /// <exception cref="ArgumentException">The product of the shape is not the number of values.</exception>
    public Tensor(string name, int[] shape, float[] values)
    {
        long count = 1;
        foreach (int extent in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent, nameof(shape));
            count = checked(count * extent);
        }
        if (count != values.Length)
            throw new ArgumentException($"tensor '{name}' [{string.Join(',', shape)}] needs {count} values, got {values.Length}");
        Name = name;
        Shape = shape;
        Values = values;
    }

    /// <summary>The name under which weight files know it.</summary>
    public string Name { get; }

    /// <summary>Extents, slowest first.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The values, row-major.</summary>
    public float[] Values { get; }
}
