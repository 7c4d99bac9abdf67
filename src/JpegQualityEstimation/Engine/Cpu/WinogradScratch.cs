using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu;

// WinogradScratch: what one thread needs for a group of tiles: transformed inputs, which become products in place, in
// training the transformed gradients too, [36][Slots][64], and where each tile's outputs go. Tiles wait here until a group
// is full, across rows of tiles: the transformed weights (590 kB) are read once a group, and with it lie in the
// second-level cache.
sealed unsafe class WinogradScratch
{
    /// <summary>Tiles that the innermost loops take at once.</summary>
    public const int TilesAtOnce = 6;

    public const int Slots = 8 * TilesAtOnce;

    /// <summary>Floats from one frequency to the next; 16 more than the tiles take, so that stores to all frequencies
    /// of one tile do not meet in one set of the first-level cache.</summary>
    public const int FrequencyStride = Slots * 64 + 16;

    readonly AlignedFloats inputs = new(36 * FrequencyStride);
    readonly AlignedFloats temporary = new(36 * 16);
    readonly AlignedFloats columns = new(36 * 64);
    readonly AlignedFloats aside = new(TilesAtOnce * 64);
    AlignedFloats? gradients;
    readonly WinogradTile[] tiles = GC.AllocateArray<WinogradTile>(Slots, pinned: true);

    public float* Inputs => inputs.Pointer;

    /// <summary>Only training asks.</summary>
    public float* Gradients => (gradients ??= new AlignedFloats(36 * FrequencyStride)).Pointer;

    /// <summary>Columns of a tile, half transformed.</summary>
    public float* Columns => columns.Pointer;

    public float* Aside => aside.Pointer;

    public float* Temporary => temporary.Pointer;

    public WinogradTile[] Tiles => tiles;

    /// <summary>Tiles that wait.</summary>
    public int Count { get; set; }

    /// <summary>Floats from a row of tiles to the one after it in all planes of activations, where it is known; else 0.</summary>
    public nint ToNextRow { get; set; }

    /// <summary>The next group's weight gradients replace what is there in place of being added.</summary>
    public bool Replaces { get; set; }
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

    public readonly float* this[int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => row == 0 ? First : row == 1 ? Second : row == 2 ? Third : Fourth;
    }

    public static RowQuad From(float** rows) => new() { First = rows[0], Second = rows[1], Third = rows[2], Fourth = rows[3] };
}
