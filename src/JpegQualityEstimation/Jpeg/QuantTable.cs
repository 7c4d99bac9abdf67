namespace JpegQualityEstimation.Jpeg;

/// <summary>An 8x8 table of quantization steps, natural (row-major) order inside.</summary>
/// <remarks>Steps are 1..65535 (8-bit baseline tables: 1..255). Zig-zag order only through the named exits.</remarks>
public sealed partial class QuantTable : IEquatable<QuantTable>
{
    readonly ushort[] natural;

    /// <summary>Takes 64 steps in natural order.</summary>
    /// <exception cref="ArgumentException">Not 64 steps, or a step of 0.</exception>
    public QuantTable(ReadOnlySpan<ushort> naturalOrder)
    {
        if (naturalOrder.Length != 64)
            throw new ArgumentException($"a quantization table has 64 steps, not {naturalOrder.Length}", nameof(naturalOrder));
        if (naturalOrder.Contains((ushort)0))
            throw new ArgumentException("a quantization step of 0", nameof(naturalOrder));
        natural = naturalOrder.ToArray();
    }

    /// <summary>The 64 steps in natural (row-major) order.</summary>
    public ReadOnlySpan<ushort> NaturalOrder => natural;

    /// <summary>The table made ready for blocks; made at first use (twice, harmlessly, where two threads race).</summary>
    internal Quantizer Quantizer => quantizer ??= new Quantizer(this);

    Quantizer? quantizer;

    /// <inheritdoc/>
    public bool Equals(QuantTable? other) => other is not null && natural.AsSpan().SequenceEqual(other.natural);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as QuantTable);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (ushort step in natural)
            hash.Add(step);
        return hash.ToHashCode();
    }
}
