using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu;

// Winograd6x6Scratch: what one thread needs for a group of tiles: transformed inputs [64 frequencies][Slots][64], which become
// products in place, and where each tile's outputs go. Tiles wait here until a group is there, across rows of tiles. A layer's
// transformed weights (1 MB) are read once a group, a frequency at a time, from the third-level cache.
sealed unsafe class Winograd6x6Scratch
{
    public const int Slots = 7 * WinogradScratch.TilesAtOnce;

    /// <summary>Floats from one frequency to the next; 16 more than the tiles take, so that stores to all frequencies
    /// of one tile do not meet in one set of the first-level cache.</summary>
    public const int FrequencyStride = Slots * 64 + 16;

    readonly AlignedFloats inputs = new(64 * FrequencyStride);
    readonly AlignedFloats temporary = new(48 * 16);
    readonly AlignedFloats columns = new(64 * 64);
    readonly AlignedFloats aside = new(WinogradScratch.TilesAtOnce * 64);
    readonly Winograd6x6Tile[] tiles = GC.AllocateArray<Winograd6x6Tile>(Slots, pinned: true);

    public float* Inputs => inputs.Pointer;

    /// <summary>Columns of a tile, half transformed.</summary>
    public float* Columns => columns.Pointer;

    public float* Aside => aside.Pointer;

    public float* Temporary => temporary.Pointer;

    public Winograd6x6Tile[] Tiles => tiles;

    /// <summary>Tiles that wait.</summary>
    public int Count { get; set; }
}

/// <summary>Where a tile's outputs go: six rows (0: outside), from Column in steps of the dilation, up to End.</summary>
struct Winograd6x6Tile
{
    public int Column;
    public int End;
    public RowsOfSix Output;
}

[InlineArray(6)]
struct RowsOfSix
{
    nint first;

    public static unsafe RowsOfSix From(float** rows)
    {
        var six = new RowsOfSix();
        for (int i = 0; i < 6; i++)
            six[i] = (nint)rows[i];
        return six;
    }
}
