namespace JpegQualityEstimation.Jpeg;

public sealed partial class QuantTable
{
    /// <summary>The step of one frequency.</summary>
    /// <param name="row">Vertical frequency, 0..7.</param>
    /// <param name="column">Horizontal frequency, 0..7.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside 0..7.</exception>
    public int this[int row, int column]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)row, 7u, nameof(row));
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)column, 7u, nameof(column));
            return natural[row * 8 + column];
        }
    }

    /// <summary>The 64 steps in zig-zag order (ITU-T T.81 figure A.6), as a DQT segment and the papers list them.</summary>
    public ushort[] ZigZagOrder()
    {
        var zigZag = new ushort[64];
        for (int k = 0; k < 64; k++)
            zigZag[k] = natural[ZigZag.ToNatural[k]];
        return zigZag;
    }

    /// <summary>Takes 64 steps in zig-zag order.</summary>
    /// <exception cref="ArgumentException">Not 64 steps, or a step of 0.</exception>
    public static QuantTable FromZigZag(ReadOnlySpan<ushort> zigZagOrder)
    {
        if (zigZagOrder.Length != 64)
            throw new ArgumentException($"a quantization table has 64 steps, not {zigZagOrder.Length}", nameof(zigZagOrder));
        Span<ushort> steps = stackalloc ushort[64];
        for (int k = 0; k < 64; k++)
            steps[ZigZag.ToNatural[k]] = zigZagOrder[k];
        return new QuantTable(steps);
    }
}
