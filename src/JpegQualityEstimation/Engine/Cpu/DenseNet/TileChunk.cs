namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// TileChunk: where the tiles of one call of WinogradTwelve lie. Planes are cut into tiles of 4x4 pixels; the pixels of one
// phase (4 y + x inside the tile) lie side by side, a vector lane a tile, so that no transform moves a value between lanes:
//   pixel phase p of lane t in channel c of row r: Pixel[r * RowStride + c * ChannelStride + p * PhaseStride + t]
// A row is Width tiles, one or more rows of a picture. Of each tile the neighbours above and below lie Above and Below
// floats away (0 where a row has none: the mask then says so), those at the left and right in the lanes beside it, or,
// where sixteen windows lie side by side, sixteen lanes away; they may lie in front of and behind the row.

/// <summary>Rows of tiles in phase planes.</summary>
readonly unsafe struct TileChunk(float* pixel, long rowStride, int channelStride, int phaseStride)
{
    public readonly float* Pixel = pixel;
    public readonly long RowStride = rowStride;
    public readonly int ChannelStride = channelStride;
    public readonly int PhaseStride = phaseStride;

    public float* At(int row, int channel) => Pixel + row * RowStride + (long)channel * ChannelStride;

    /// <summary>From a channel and a lane on, of rows that are so wide.</summary>
    public TileChunk From(int channel, int lane, int width) => new(At(lane / width, channel) + lane % width, RowStride, ChannelStride, PhaseStride);
}

/// <summary>Lanes of a chunk and what lies beyond their tiles.</summary>
/// <param name="rows">Rows.</param>
/// <param name="width">Tiles of a row, a multiple of 16.</param>
/// <param name="above">[rows] floats from a tile to the one above.</param>
/// <param name="below">[rows] floats from a tile to the one below.</param>
/// <param name="edges">Factors [4][rows][lead + width + trail] of the six inputs' outer ones: 4 or 0 above, 1 or 0 below, 4 or 0 left, 1 or 0 right.</param>
/// <param name="edgeStride">Floats from one of the four to the next.</param>
/// <param name="tap">Lanes from a tile to the one at its right: 1 or 16.</param>
/// <param name="lead">Lanes in front of a row that hold left neighbours: 0 or 16.</param>
/// <param name="trail">Lanes behind a row that hold right neighbours: 0 or 16.</param>
/// <param name="apart">Sixteen lanes need none of those beside them: whole rows of a window's tiles.</param>
readonly unsafe struct TileLanes(int rows, int width, long* above, long* below, float* edges, int edgeStride, int tap = 1, int lead = 0, int trail = 0, bool apart = false)
{
    public readonly int Rows = rows;
    public readonly int Width = width;
    public readonly long* Above = above;
    public readonly long* Below = below;
    public readonly float* Edges = edges;
    public readonly int EdgeStride = edgeStride;
    public readonly int Tap = tap;
    public readonly int Lead = lead;
    public readonly int Trail = trail;

    readonly bool apart = apart;

    public int Count => Rows * Width;

    /// <summary>Lanes of a part that is transformed and multiplied before the next: 32 or, if they cannot be parted so, a row.</summary>
    public int Together => Count <= WinogradTwelveScratch.LanesTogether ? Count : apart && Count % WinogradTwelveScratch.LanesTogether == 0 ? WinogradTwelveScratch.LanesTogether : Width;

    /// <summary>The part that begins at a lane.</summary>
    public TileLanes Part(int lane)
    {
        int row = lane / Width;
        return Together == Count ? this
            : new TileLanes(Together / Math.Min(Together, Width), Math.Min(Together, Width), Above + row, Below + row,
                Edges + row * (Lead + Width + Trail) + lane % Width, EdgeStride, Tap, Lead, Trail, apart);
    }
}
