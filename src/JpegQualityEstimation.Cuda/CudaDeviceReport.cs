namespace JpegQualityEstimation.Cuda;

/// <summary>What the driver says of a CUDA device.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Name">Its name.</param>
/// <param name="ComputeMajor">Compute capability, before the point.</param>
/// <param name="ComputeMinor">Compute capability, after the point.</param>
/// <param name="Multiprocessors">Number of multiprocessors.</param>
/// <param name="MemoryBytes">All its memory, in bytes.</param>
public sealed record CudaDeviceReport(int Index, string Name, int ComputeMajor, int ComputeMinor, int Multiprocessors, long MemoryBytes)
{
    /// <summary>Most bytes of shared memory that a block can be given.</summary>
    public int MaxSharedPerBlock { get; init; }

    /// <summary>Whether it has stream-ordered memory pools.</summary>
    public bool HasMemoryPools { get; init; }

    /// <summary>Top clock of the multiprocessors in kHz; 0 where the driver does not say.</summary>
    public int ClockKilohertz { get; init; }

    /// <summary>Top clock of the memory in kHz; 0 where the driver does not say.</summary>
    public int MemoryClockKilohertz { get; init; }

    /// <summary>Width of the memory bus in bits.</summary>
    public int MemoryBusBits { get; init; }
}
