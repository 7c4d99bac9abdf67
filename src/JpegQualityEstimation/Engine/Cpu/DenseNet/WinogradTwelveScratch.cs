namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

/// <summary>What one thread needs for chunks of up to 96 tiles.</summary>
sealed unsafe class WinogradTwelveScratch
{
    public const int MostLanes = 96;

    /// <summary>Lanes of neighbours beside the rows of a chunk.</summary>
    public const int MostNeighbours = 32;

    /// <summary>Lanes of which 36 channels are transformed at a time: two vectors, whose sums are loaded and stored least often.</summary>
    public const int LanesTogether = 32;
    const int InputFloats = 1152;

    readonly AlignedFloats inputs = new(36 * (InputFloats + 16));
    readonly AlignedFloats products = new(36 * 12 * MostLanes);
    readonly AlignedFloats more = new(36 * 12 * MostLanes);
    readonly AlignedFloats temporary = new(24 * (MostLanes + MostNeighbours + 32));

    /// <summary>Channels whose transformed inputs are kept at a time: as few blocks as can be, of one size.</summary>
    public static int ChannelBlock(int lanes, int channels)
    {
        int most = InputFloats / lanes;
        int blocks = (channels + most - 1) / most;
        return (channels + blocks - 1) / blocks;
    }

    /// <summary>Floats from one frequency to the next: 16 more than a block takes, so that stores to all frequencies do not
    /// meet in one set of the first-level cache.</summary>
    public const int InputStride = InputFloats + 16;

    public float* Inputs => inputs.Pointer;

    public float* Products => products.Pointer;

    /// <summary>Products of a second half of the channels.</summary>
    public float* More => more.Pointer;

    public float* Temporary => temporary.Pointer;

    /// <summary>What is read or written behind the products, fetched while they are made.</summary>
    public MemoryAhead Ahead { get; } = new(linesAStep: 16, regions: 32);
}
