namespace JpegQualityEstimation.Engine.Cpu;

// WinogradScratch: what one thread needs for a group of tiles: transformed inputs and products [36][Slots][64].
sealed unsafe class WinogradScratch
{
    public const int Slots = 16;

    /// <summary>Floats from one frequency to the next; 16 more than the tiles take, so that stores to all frequencies
    /// of one tile do not meet in one set of the first-level cache.</summary>
    public const int FrequencyStride = Slots * 64 + 16;

    readonly AlignedFloats inputs = new(36 * FrequencyStride);
    readonly AlignedFloats products = new(36 * FrequencyStride);
    readonly AlignedFloats temporary = new(36 * 16);
    readonly AlignedFloats columns = new(Slots);

    public float* Inputs => inputs.Pointer;

    public float* Products => products.Pointer;

    public float* Temporary => temporary.Pointer;

    public int* Columns => (int*)columns.Pointer;
}
