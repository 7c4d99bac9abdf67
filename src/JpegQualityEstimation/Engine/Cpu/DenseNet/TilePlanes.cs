using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// TilePlanes: a concatenation buffer of one window, or of some side by side, in tiles of 4x4 pixels, a lane a tile (TileChunk).
//   64x64 pixels  16 tiles a row: [tile row][c][16 phases][16]
//   below         [c][16 phases][window][tiles], so that a vector holds tiles of several rows
sealed unsafe class TilePlanes
{
    public const int RowsOfWindow = 16;

    readonly AlignedFloats values;
    readonly AlignedFloats edges;
    readonly long[] above;
    readonly long[] below;
    readonly int width;
    readonly int tilesOfWindow;

    /// <param name="size">Side of the planes: 64, 32 or 16.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="windows">Windows; more than one only below 64 pixels.</param>
    public TilePlanes(int size, int channels, int windows = 1)
    {
        Tiles = size / 4;
        tilesOfWindow = Tiles * Tiles;
        Count = windows * tilesOfWindow;
        Channels = channels;
        int rows = Tiles == 16 ? 16 : 1;
        width = Count / rows;
        values = new AlignedFloats((long)Count * 16 * channels);
        above = GC.AllocateArray<long>(rows, pinned: true);
        below = GC.AllocateArray<long>(rows, pinned: true);
        for (int r = 0; r < rows; r++)
        {
            above[r] = rows == 1 ? -Tiles : r == 0 ? 0 : -RowStride;
            below[r] = rows == 1 ? Tiles : r == rows - 1 ? 0 : RowStride;
        }
        edges = new AlignedFloats(4 * Count);
        for (int i = 0; i < Count; i++)
        {
            edges.Span[i] = i / Tiles % Tiles == 0 ? 0 : 4;
            edges.Span[Count + i] = i / Tiles % Tiles == Tiles - 1 ? 0 : 1;
            edges.Span[2 * Count + i] = i % Tiles == 0 ? 0 : 4;
            edges.Span[3 * Count + i] = i % Tiles == Tiles - 1 ? 0 : 1;
        }
    }

    /// <summary>Tiles in a row and in a column.</summary>
    public int Tiles { get; }

    /// <summary>All tiles.</summary>
    public int Count { get; }

    public int Channels { get; }

    /// <summary>Floats between phases of a channel.</summary>
    public int PhaseStride => width;

    public int ChannelStride => 16 * width;

    long RowStride => (long)Channels * ChannelStride;

    public void Clear() => values.Span.Clear();

    /// <summary>Tiles from <paramref name="first"/> on, the first of a row of lanes or any of a plane with one row.</summary>
    public TileChunk Chunk(int channel, int first) =>
        new(values.Pointer + first / width * RowStride + (long)channel * ChannelStride + first % width, RowStride, ChannelStride, width);

    public TileLanes Lanes(int first, int count)
    {
        fixed (long* up = above, down = below)
            return new TileLanes(Math.Max(1, count / width), Math.Min(count, width), up + first / width, down + first / width, edges.Pointer + first, Count, apart: true);
    }

    /// <summary>A pixel of channel 0; channels lie <see cref="ChannelStride"/> apart.</summary>
    public float* At(int y, int x, int window = 0)
    {
        int tile = window * tilesOfWindow + y / 4 * Tiles + x / 4;
        return values.Pointer + tile / width * RowStride + ((y & 3) * 4 + (x & 3)) * width + tile % width;
    }

    /// <summary>Rows of a window's values from a channel on, in an order of their own: <see cref="RowsOfWindow"/> of (side of the planes)^2 / 16.</summary>
    public PlaneRows Rows(int channel, int window = 0) =>
        new(At(0, 0, window) + (long)channel * ChannelStride, ChannelStride, Tiles == RowsOfWindow ? RowStride : PhaseStride);

    /// <summary>Where a value of <see cref="Rows"/> lies in the picture.</summary>
    public (int Y, int X) Place(int row, int at)
    {
        (int phase, int tile) = Tiles == RowsOfWindow ? (at / Tiles, row * Tiles + at % Tiles) : (row, at);
        return (tile / Tiles * 4 + phase / 4, tile % Tiles * 4 + phase % 4);
    }

    /// <summary>A window's first channels as rows of pixels.</summary>
    public void ToRows(int channels, in PlaneRows rows, int window = 0)
    {
        for (int y = 0; y < 4 * Tiles; y++)
            for (int c = 0; c < channels; c++)
            {
                float* to = rows.At(y) + c * rows.ChannelStride;
                float* from = At(y, 0, window) + c * ChannelStride;
                for (int t = 0; t < Tiles; t++, from++, to += 4)
                {
                    to[0] = from[0];
                    to[1] = from[PhaseStride];
                    to[2] = from[2 * PhaseStride];
                    to[3] = from[3 * PhaseStride];
                }
            }
    }
}
