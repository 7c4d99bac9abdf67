namespace JpegQualityEstimation.Engine.Cpu;

// WinogradScratch: what one thread needs for a group of tiles: transformed inputs and products [36][Slots][64], and
// where each tile's outputs go. Tiles wait here until a group is full, across rows of tiles, so that the transformed
// weights are read once for 32 tiles.
sealed unsafe class WinogradScratch
{
    public const int Slots = 32;

    /// <summary>Floats from one frequency to the next; 16 more than the tiles take, so that stores to all frequencies
    /// of one tile do not meet in one set of the first-level cache.</summary>
    public const int FrequencyStride = Slots * 64 + 16;

    readonly AlignedFloats inputs = new(36 * FrequencyStride);
    readonly AlignedFloats products = new(36 * FrequencyStride);
    readonly AlignedFloats temporary = new(36 * 16);
    readonly WinogradTile[] tiles = GC.AllocateArray<WinogradTile>(Slots, pinned: true);

    public float* Inputs => inputs.Pointer;

    public float* Products => products.Pointer;

    public float* Temporary => temporary.Pointer;

    public WinogradTile[] Tiles => tiles;

    /// <summary>Tiles that wait.</summary>
    public int Count { get; set; }
}

/// <summary>Where a tile's outputs go: four rows (null: outside), from Column in steps of the dilation, up to End.</summary>
unsafe struct WinogradTile
{
    public int Column;
    public int End;
    public RowQuad Output;
    public RowQuad Gate;
}

unsafe struct RowQuad
{
    public float* First;
    public float* Second;
    public float* Third;
    public float* Fourth;

    public readonly float* this[int row] => row switch { 0 => First, 1 => Second, 2 => Third, _ => Fourth };

    public static RowQuad From(float** rows) => new() { First = rows[0], Second = rows[1], Third = rows[2], Fourth = rows[3] };
}
