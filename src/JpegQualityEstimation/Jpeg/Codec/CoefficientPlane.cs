namespace JpegQualityEstimation.Jpeg;

/// <summary>Quantized coefficients of some block rows of one component: blocks of 64, natural order inside.</summary>
/// <remarks>Holds either the whole component or the block rows of one row of minimum coded units.</remarks>
sealed class CoefficientPlane
{
    public CoefficientPlane(FrameComponent component, int blockRows, bool progressive)
    {
        Component = component;
        BlocksAcross = component.BlocksAcross;
        Values = new short[(long)BlocksAcross * blockRows * 64];
        NonZero = progressive ? new ulong[(long)BlocksAcross * blockRows] : [];
    }

    public FrameComponent Component { get; }

    /// <summary>Blocks a row, with those that fill the last minimum coded unit.</summary>
    public int BlocksAcross { get; }

    /// <summary>Block row of the component that comes first in <see cref="Values"/>.</summary>
    public int FirstRow { get; set; }

    public short[] Values { get; }

    /// <summary>
    /// Progressive only: per block, bit k is set when AC coefficient k (zig-zag) is not 0. A refinement scan looks
    /// here and not at the coefficients, so that many scans over many empty blocks stay cheap.
    /// </summary>
    public ulong[] NonZero { get; }

    public int Index(int blockRow, int blockColumn) => (blockRow - FirstRow) * BlocksAcross + blockColumn;

    /// <summary>The blocks of a row, one after the other.</summary>
    public Span<short> BlockRow(int blockRow) => Values.AsSpan(Index(blockRow, 0) * 64, BlocksAcross * 64);

    public Span<short> Block(int blockRow, int blockColumn) =>
        Values.AsSpan(Index(blockRow, blockColumn) * 64, 64);
}
