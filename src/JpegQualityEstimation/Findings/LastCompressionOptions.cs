namespace JpegQualityEstimation.Findings;

/// <summary>How <see cref="LastCompressionEstimator"/> looks at a picture.</summary>
public sealed record LastCompressionOptions
{
    /// <summary>The options used where the caller gives none.</summary>
    public static LastCompressionOptions Default { get; } = new();

    /// <summary>False alarms a picture that are accepted, of grids and of steps, above 0; default 0.01.</summary>
    public double FalseAlarms { get; init; } = 0.01;

    /// <summary>Blocks that are looked at for each of the 64 origins, at least 64; default 8192. They are spread over the picture.</summary>
    public int OriginBlocks { get; init; } = 8192;

    /// <summary>Blocks that are looked at for the table, at least 64; default 65536. They are spread over the picture.</summary>
    public int TableBlocks { get; init; } = 65536;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(FalseAlarms);
        if (!double.IsFinite(FalseAlarms))
            throw new ArgumentOutOfRangeException(nameof(FalseAlarms), FalseAlarms, "not a finite number");
        ArgumentOutOfRangeException.ThrowIfLessThan(OriginBlocks, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(TableBlocks, 64);
    }
}
