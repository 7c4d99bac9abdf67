namespace JpegQualityEstimation.Engine;

// DeviceBatch: the pictures and labels of one training step, as a device takes them; members that a network does not
// read are empty.
sealed class DeviceBatch
{
    /// <summary>n.</summary>
    public required int Count { get; init; }

    /// <summary>Which step the batch is for; keys the dropout masks.</summary>
    public long Step { get; init; }

    /// <summary>[n,h,w,3] RGB.</summary>
    public required ReadOnlyMemory<byte> Pixels { get; init; }

    /// <summary>[n,h,w,2] targets of the quality network.</summary>
    public ReadOnlyMemory<float> Targets { get; init; }

    /// <summary>[n,15] first steps from 1.</summary>
    public ReadOnlyMemory<byte> Steps { get; init; }

    /// <summary>[n,64] second table, zig-zag order.</summary>
    public ReadOnlyMemory<ushort> Second { get; init; }

    /// <summary>[n] phase of the first grid, 0..63, or 255.</summary>
    public ReadOnlyMemory<byte> Phases { get; init; }
}
