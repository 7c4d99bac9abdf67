namespace JpegQualityEstimation.Maps;

/// <summary>How <see cref="IPrimaryQuantEstimator.EstimateMap"/> goes over a picture.</summary>
public sealed record PrimaryMapOptions
{
    /// <summary>The options used where the caller gives none.</summary>
    public static PrimaryMapOptions Default { get; } = new();

    /// <summary>Pixels from one window to the next, down and across, at least 1; default 8. A stride that is no multiple of 8
    /// takes windows out of phase with the second grid, which the networks were not trained for.</summary>
    public int Stride { get; init; } = 8;

    /// <summary>Row of the first block corner of the second grid, 0..7; 0 for a whole decoded JPEG file.</summary>
    public int OriginRow { get; init; }

    /// <summary>Column of the first block corner of the second grid, 0..7; 0 for a whole decoded JPEG file.</summary>
    public int OriginColumn { get; init; }

    /// <summary>Whether the map keeps all probabilities of every window: 226 + 64 floats, 1160 bytes a window.</summary>
    public bool KeepProbabilities { get; init; }

    /// <summary>Handed every row of windows when it is done, with all its probabilities: one call at a time, from the
    /// threads that do the work, each row once, in no particular order of rows.</summary>
    public PrimaryRowReceiver? RowReceiver { get; init; }
}

/// <summary>Receives the rows of a map as they are done.</summary>
/// <param name="row">The row; valid during the call.</param>
public delegate void PrimaryRowReceiver(PrimaryMapRow row);

/// <summary>One row of windows with all that the network says of them.</summary>
public readonly ref struct PrimaryMapRow
{
    internal PrimaryMapRow(
        int y, ReadOnlySpan<float> probabilities, ReadOnlySpan<float> gridShifts, ReadOnlySpan<float> rawProbabilities, ReadOnlySpan<float> rawGridShifts)
    {
        Y = y;
        Probabilities = probabilities;
        GridShifts = gridShifts;
        RawProbabilities = rawProbabilities;
        RawGridShifts = rawGridShifts;
    }

    /// <summary>Row of the map.</summary>
    public int Y { get; }

    /// <summary>[width,226]: for each window the 15 blocks of step probabilities one after another, block i for the steps 1
    /// to <see cref="PrimaryQuantEstimate.LargestStep"/>(i), each block summing to 1; undetermined windows too.</summary>
    public ReadOnlySpan<float> Probabilities { get; }

    /// <summary>[width,64]: probability of the grid shift (row, column) at 8 * row + column; empty where the model gives none.</summary>
    public ReadOnlySpan<float> GridShifts { get; }

    // The same as the network gives them, before calibration.
    internal ReadOnlySpan<float> RawProbabilities { get; }

    internal ReadOnlySpan<float> RawGridShifts { get; }
}
