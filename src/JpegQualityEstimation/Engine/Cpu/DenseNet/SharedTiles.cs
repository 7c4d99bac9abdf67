using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// SharedTiles: planes of a block under sixteen windows side by side, some tiles of 4x4 pixels apart, that slide down by as many.
// Zero padding reaches one pixel further with every 3x3 convolution, so that the tiles in a ring along a window's edges are not
// those of its neighbours; in a layer whose ring is r tiles
//   strip   part 0, a lane a tile: columns that all windows read; nothing of left and right edges is in what they read of it
//   edges   part 1 left, part 2 right, [column][window], a lane a window: the outermost tile columns, r of which are computed, and
//           those behind them copied from the strip
//   rows    [0, r) and the r + shift lowest are computed when the windows have moved down, the others stay
// A tile is computed as one of the shared or one of the ring by its place in the window and the layer alone.
sealed unsafe class SharedTiles
{
    public const int Windows = 16;
    public const int Parts = 3;
    readonly int size;
    readonly int shift;
    readonly int edgeColumns;
    readonly TileRing[] parts;
    readonly long[] above = GC.AllocateArray<long>(2, pinned: true);
    readonly long[] below = GC.AllocateArray<long>(2, pinned: true);
    readonly AlignedFloats factors = new(4 * FactorStride);

    const int FactorStride = WinogradTwelveScratch.MostLanes + WinogradTwelveScratch.MostNeighbours;

    /// <param name="size">Tiles along a window's side.</param>
    /// <param name="shift">Tiles from one window to the next.</param>
    /// <param name="edgeColumns">Tile columns of an edge: the widest ring and the column beside it.</param>
    /// <param name="channels">Channels.</param>
    public SharedTiles(int size, int shift, int edgeColumns, int channels)
    {
        (this.size, this.shift, this.edgeColumns) = (size, shift, edgeColumns);
        int lanes = (size + (Windows - 1) * shift + 15) / 16 * 16;
        parts = [new(size, channels, lanes), new(size, channels, edgeColumns * Windows), new(size, channels, edgeColumns * Windows)];
    }

    /// <summary>Lanes of the strip.</summary>
    public int StripLanes => parts[0].Lanes;

    public void Slide()
    {
        foreach (TileRing part in parts)
            part.Slide(shift);
    }

    /// <summary>Rows that a layer with that ring computes.</summary>
    public int RowCount(bool fresh, int ring) => fresh ? size : 2 * ring + shift;

    /// <summary>One of them.</summary>
    public int Row(int index, bool fresh, int ring) => fresh || index < ring ? index : index + size - RowCount(fresh, ring);

    /// <summary>Computed lanes of a row of a part.</summary>
    public int Width(int part, int ring) => part == 0 ? StripLanes : ring * Windows;

    /// <summary>Computed lanes of one row or of two.</summary>
    public TileChunk Chunk(int part, int channel, int ring, int row, int second = -1)
    {
        TileRing tiles = parts[part];
        float* pixel = tiles.Row(row, channel) + FirstLane(part, ring);
        return new TileChunk(pixel, second < 0 ? 0 : tiles.Row(second) - tiles.Row(row), 16 * tiles.Lanes, tiles.Lanes);
    }

    /// <summary>What lies around them; valid until the next call.</summary>
    public TileLanes Lanes(int part, int ring, int row, int second = -1)
    {
        int rows = second < 0 ? 1 : 2;
        int lead = part == 2 ? Windows : 0, trail = part == 1 ? Windows : 0;
        int width = Width(part, ring), all = lead + width + trail;
        TileRing tiles = parts[part];
        for (int r = 0; r < rows; r++)
        {
            int y = r == 0 ? row : second;
            above[r] = y == 0 ? 0 : tiles.Row(y - 1) - tiles.Row(y);
            below[r] = y == size - 1 ? 0 : tiles.Row(y + 1) - tiles.Row(y);
            Factor(0, r * all, all).Fill(y == 0 ? 0 : 4);
            Factor(1, r * all, all).Fill(y == size - 1 ? 0 : 1);
            Factor(2, r * all, all).Fill(4);
            Factor(3, r * all, all).Fill(1);
            int tap = part == 0 ? 1 : Windows;
            if (part != 2)
                Factor(2, r * all, tap).Clear();
            if (part != 1)
                Factor(3, r * all + all - tap, tap).Clear();
        }
        fixed (long* up = above, down = below)
            return new TileLanes(rows, width, up, down, factors.Pointer, FactorStride, part == 0 ? 1 : Windows, lead, trail);
    }

    /// <summary>Expects some channels of a part's row.</summary>
    public void Expect(MemoryAhead ahead, int part, int channel, int count, int row) =>
        ahead.Expect(parts[part].Row(row, channel), 64L * count * parts[part].Lanes);

    /// <summary>A phase of a part's row.</summary>
    public float* At(int part, int channel, int row, int phase) => parts[part].Row(row, channel) + phase * parts[part].Lanes;

    /// <summary>Columns of an edge behind the ring: those of the strip.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void CopyInner(int part, int channel, int count, int ring, int row)
    {
        int first = part == 1 ? ring : 0;
        int end = part == 1 ? edgeColumns : edgeColumns - ring;
        int origin = part == 1 ? 0 : size - edgeColumns;
        float* from = At(0, channel, row, 0) + origin;
        float* to = At(part, channel, row, 0);
        for (int plane = 0; plane < 16 * count; plane++, from += parts[0].Lanes, to += parts[part].Lanes)
            for (int x = first; x < end; x++)
                (shift == 1 ? Vector512.Load(from + x) : EvenAndOdd.Sixteen(from + x)).Store(to + x * Windows);
    }

    int FirstLane(int part, int ring) => part == 2 ? (edgeColumns - ring) * Windows : 0;

    Span<float> Factor(int which, int first, int count) => factors.Span.Slice(which * FactorStride + first, count);
}
