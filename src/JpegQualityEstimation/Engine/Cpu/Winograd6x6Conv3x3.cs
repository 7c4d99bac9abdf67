using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu;

// Winograd6x6Conv3x3: forward of a dilated 3x3 convolution, 64 channels to 64, by F(6x6, 3x3): 64 products where the direct
// sum takes 324 and F(4x4, 3x3) 81. Tiles as in WinogradConv3x3, 6x6 outputs d apart: one call takes one row of tiles in, or
// some of them, columns [first, end), and computes a group whenever it is full; Flush computes the last ones.
//   input   eight row pointers (pixel 0 of input rows y-d, y, y+d, .. y+6d), channels last; all columns that a tile looks
//           at (d to the left of it, 6d + 1 past its first) are readable, and zero outside the picture
//   then    those of the row of tiles that is taken in next, from tile thenTile on, which are asked for, or null
//   output  six row pointers, null for a row outside the picture (then so are the rows after it)
//   packed  [64][64 c][64 k] transformed weights, WinogradWeights
// first is a multiple of 6d in the picture's columns: a tile's result then depends on its 64 inputs alone, the same
// bits whatever the strip, the group or the thread.
static unsafe partial class Winograd6x6Conv3x3<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int Channels = 64;
    const int LineFloats = 16;
    const int Side = 6;
    const int Reach = 8;

    /// <summary>Activations come from the last-level cache and go there: what a tile reads or writes is asked for so many tiles early.</summary>
    const int TilesAhead = 1;

    /// <summary>Tiles of a row as <see cref="TileRow"/> counts them: column phase by column phase, as many of each.</summary>
    public static int TilesInRow(int dilation, int first, int end) => dilation * TilesInPhase(dilation, first, end);

    static int TilesInPhase(int dilation, int first, int end) => (end - first + Side * dilation - 1) / (Side * dilation);

    static int Column(int tile, int inPhase, int dilation, int first)
    {
        int phase = tile / inPhase;
        return first + phase + (tile - phase * inPhase) * Side * dilation;
    }

    /// <summary>Takes tiles [firstTile, endTile) of one row in; computes a group whenever it is full. <see cref="Flush"/> computes the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TileRow(
        float** input, float** then, int thenTile, int dilation, int first, int end, int firstTile, int endTile, float* packed, float* bias, float** output, Winograd6x6Scratch scratch)
    {
        RowsOfSix to = RowsOfSix.From(output);
        nint* ahead = stackalloc nint[Reach];
        int inPhase = TilesInPhase(dilation, first, end);
        int place = 0;
        for (int tile = firstTile; tile < endTile; tile++)
        {
            int x = Column(tile, inPhase, dilation, first);
            if (x >= end)
                continue;
            Ahead(input, then, thenTile, tile, endTile, inPhase, dilation, first, ahead);
            bool goesOn = tile % inPhase > 0 && tile > firstTile;
            place = goesOn ? (place + Side) % Reach : 0;
            TransformInput(input, x, dilation, scratch.Inputs + scratch.Count * Channels, scratch.Columns, place, goesOn, ahead);
            scratch.Tiles[scratch.Count] = new Winograd6x6Tile { Column = x, End = end, Output = to };
            if (++scratch.Count == Winograd6x6Scratch.Slots)
                Flush(dilation, packed, bias, scratch);
        }
    }

    // Floats from a tile's pixels to those of the tile that is asked for while it is transformed, in this row or the next; 0: none.
    // The columns that a tile without a left neighbour has beside the six new ones are asked for here.
    static void Ahead(float** input, float** then, int thenTile, int tile, int endTile, int inPhase, int dilation, int first, nint* ahead)
    {
        int next = tile + TilesAhead;
        float** rows = input;
        bool begins = next == endTile;
        if (next >= endTile)
        {
            rows = then;
            next += thenTile - endTile;
            if (rows == null || next >= dilation * inPhase)
            {
                new Span<nint>(ahead, Reach).Clear();
                return;
            }
        }
        int column = Column(next, inPhase, dilation, first);
        nint distance = (column - Column(tile, inPhase, dilation, first)) * Channels;
        for (int i = 0; i < Reach; i++)
        {
            ahead[i] = (nint)(rows[i] - input[i]) + distance;
            if (begins || next % inPhase == 0)
                PrefetchPixels(rows[i] + (column - dilation) * Channels, 2, dilation);
        }
    }

    /// <summary>Computes the tiles that wait.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Flush(int dilation, float* packed, float* bias, Winograd6x6Scratch scratch)
    {
        const int Frequencies = Reach * Reach;
        int count = scratch.Count;
        for (int f = 0; f < Frequencies && count > 0; f++)
        {
            float* tiles = scratch.Inputs + f * Winograd6x6Scratch.FrequencyStride;
            float* weights = packed + f * Channels * Channels;
            int next = f < Frequencies - 1 ? f + 1 : 0;
            float* nextTiles = scratch.Inputs + next * Winograd6x6Scratch.FrequencyStride;
            float* nextWeights = packed + next * Channels * Channels;
            if (f == Frequencies - 2)
                for (int t = 0; t < Math.Min(TilesAhead, count); t++)
                    PrefetchOutput(scratch.Tiles[t], dilation);
            for (int t = 0; t < count; t += WinogradScratch.TilesAtOnce)
                WinogradConv3x3<TVector, TSimd>.Multiply(
                    tiles + t * Channels, weights, scratch.Aside, Asked(t / WinogradScratch.TilesAtOnce, nextWeights, nextTiles));
        }
        for (int t = 0; t < count; t++)
        {
            ref readonly Winograd6x6Tile ahead = ref scratch.Tiles[Math.Min(t + TilesAhead, count - 1)];
            TransformOutput(scratch.Inputs + t * Channels, scratch.Tiles[t], dilation, bias, scratch.Temporary, ahead);
        }
        scratch.Count = 0;
    }

    /// <summary>The 64 lines that the products of one block of tiles ask for: a frequency's weights, then its tiles.</summary>
    static float* Asked(int block, float* weights, float* tiles)
    {
        const int Floats = Channels * LineFloats;
        const int OfWeights = Channels * Channels / Floats;
        const int OfTiles = Winograd6x6Scratch.Slots * Channels / Floats;
        return block < OfWeights ? weights + block * Floats : tiles + Math.Min(block - OfWeights, OfTiles - 1) * Floats;
    }
}
