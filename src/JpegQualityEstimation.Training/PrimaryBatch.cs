using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

/// <summary>The windows of one step and their labels.</summary>
sealed class PrimaryBatch(int count)
{
    const int WindowBytes = 3 * DoubleJpegGenerator.Side * DoubleJpegGenerator.Side;

    public int Count => count;

    public long Step { get; set; }

    /// <summary>[n,64,64,3] RGB.</summary>
    public byte[] Windows { get; } = new byte[count * WindowBytes];

    /// <summary>[n,15] first steps from 1.</summary>
    public byte[] Steps { get; } = new byte[count * PrimaryBlocks.Count];

    /// <summary>[n,64] second table, zig-zag order.</summary>
    public ushort[] Second { get; } = new ushort[count * 64];

    /// <summary>[n] phase of the first grid, 0..63, or 255.</summary>
    public byte[] Phases { get; } = new byte[count];

    public Span<byte> Window(int index) => Windows.AsSpan(index * WindowBytes, WindowBytes);

    public Span<byte> StepsOf(int index) => Steps.AsSpan(index * PrimaryBlocks.Count, PrimaryBlocks.Count);

    public Span<ushort> SecondOf(int index) => Second.AsSpan(index * 64, 64);
}
