using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu;

// WinogradConv3x3: dilated 3x3 convolution, 64 channels to 64, by F(4x4, 3x3): 36 products where the direct sum
// takes 144. A dilation of d is d*d interleaved dense convolutions (exact), so a tile is 4x4 outputs d apart.
// One call takes one row of tiles in, or some of them: four output rows d apart, columns [first, end). Tiles wait in the
// scratch until a group is there; Flush computes the last ones and must come before the next layer.
//   input   six row pointers (pixel 0 of input rows y-d, y, y+d, .. y+4d), channels last; all columns that a tile looks
//           at (d to the left of it, 4d + 1 past its first) are readable, and zero outside the picture
//   output  four row pointers, null for a row outside the picture (then so are the rows after it)
//   packed  [36][64 c][64 k] transformed weights, WinogradWeights
// first is a multiple of 4d in the picture's columns: a tile's result then depends on its 36 inputs alone, the same
// bits whatever the strip, the group or the thread.
static unsafe partial class WinogradConv3x3<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int Channels = 64;

    /// <summary>Activations come from the last-level cache and go there: what a tile reads or writes is asked for so many tiles early.</summary>
    const int TilesAhead = 2;

    /// <summary>Tiles of a row as <see cref="TileRow"/> counts them: column phase by column phase, as many of each.</summary>
    public static int TilesInRow(int dilation, int first, int end) => dilation * TilesInPhase(dilation, first, end);

    /// <summary>Takes tiles [firstTile, endTile) of one row in; computes a group whenever it is full. <see cref="Flush"/> computes the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TileRow<TEpilogue>(
        float** input, int dilation, int first, int end, int firstTile, int endTile, float* packed, float* bias, float** gate, float** output, WinogradScratch scratch)
        where TEpilogue : struct, IEpilogue
    {
        RowQuad to = RowQuad.From(output);
        RowQuad gates = TEpilogue.Kind == Conv3x3Epilogue.Gate ? RowQuad.From(gate) : default;
        int inPhase = TilesInPhase(dilation, first, end);
        int place = 0;
        for (int tile = firstTile; tile < endTile; tile++)
        {
            int x = Column(tile, inPhase, dilation, first);
            if (x >= end)
                continue;
            nint ahead = Ahead(input, tile, firstTile, endTile, inPhase, dilation, first, scratch.ToNextRow);
            bool goesOn = tile % inPhase > 0 && tile > firstTile;
            place = !goesOn ? 0 : place < 2 ? place + 4 : place - 2;
            TransformInput(input, x, dilation, scratch.Inputs + scratch.Count * Channels, scratch.Columns, place, goesOn, ahead);
            scratch.Tiles[scratch.Count] = new WinogradTile { Column = x, End = end, Output = to, Gate = gates };
            if (++scratch.Count == WinogradScratch.Slots)
                Flush<TEpilogue>(dilation, packed, bias, scratch);
        }
    }

    static int Column(int tile, int inPhase, int dilation, int first)
    {
        int phase = tile / inPhase;
        return first + phase + (tile - phase * inPhase) * 4 * dilation;
    }

    // Floats from a tile's pixels to those of the tile that is asked for while it is transformed, in this row or the next; 0: none.
    // The columns that a tile without a left neighbour has beside the four new ones are asked for here.
    static nint Ahead(float** input, int tile, int firstTile, int endTile, int inPhase, int dilation, int first, nint toNextRow)
    {
        int then = tile + TilesAhead;
        nint distance = 0;
        if (then >= endTile)
        {
            then -= endTile - firstTile;
            distance = toNextRow;
            if (distance == 0 || then >= endTile)
                return 0;
        }
        int ahead = Column(then, inPhase, dilation, first);
        if (then % inPhase == 0)
            for (int i = 0; i < 6; i++)
                PrefetchPixels(input[i] + (ahead - dilation) * Channels + distance, 2, dilation);
        return distance + (ahead - Column(tile, inPhase, dilation, first)) * Channels;
    }

    static int TilesInPhase(int dilation, int first, int end) => (end - first + 4 * dilation - 1) / (4 * dilation);

    /// <summary>Computes the tiles that wait.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Flush<TEpilogue>(int dilation, float* packed, float* bias, WinogradScratch scratch)
        where TEpilogue : struct, IEpilogue
    {
        int count = scratch.Count;
        for (int f = 0; f < 36 && count > 0; f++)
        {
            float* tiles = scratch.Inputs + f * WinogradScratch.FrequencyStride;
            float* weights = packed + f * Channels * Channels;
            int next = f < 35 ? f + 1 : 0;
            float* nextTiles = scratch.Inputs + next * WinogradScratch.FrequencyStride;
            float* nextWeights = packed + next * Channels * Channels;
            if (f == 34)
                for (int t = 0; t < Math.Min(TilesAhead, count); t++)
                    PrefetchOutput<TEpilogue>(scratch.Tiles[t], dilation);
            for (int t = 0; t < count; t += WinogradScratch.TilesAtOnce)
                Multiply(tiles + t * Channels, weights, scratch.Aside, Ahead(t / WinogradScratch.TilesAtOnce, nextWeights, nextTiles));
        }
        for (int t = 0; t < count; t++)
        {
            ref readonly WinogradTile ahead = ref scratch.Tiles[Math.Min(t + TilesAhead, count - 1)];
            TransformOutput<TEpilogue>(scratch.Inputs + t * Channels, scratch.Tiles[t], dilation, bias, scratch.Temporary, ahead);
        }
        scratch.Count = 0;
    }

    /// <summary>
    /// dU[36][64 c][64 k] += what one row of tiles gives, = of the first group where the scratch says so; gradient: four row pointers
    /// of dOut, all columns of a tile readable and zero outside the picture.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightGradientTileRow(
        float** input, int dilation, int end, float** gradient, float* dU, WinogradScratch scratch)
    {
        int inPhase = TilesInPhase(dilation, 0, end), tiles = TilesInRow(dilation, 0, end);
        int place = 0;
        for (int tile = 0; tile < tiles; tile++)
        {
            int x = Column(tile, inPhase, dilation, 0);
            if (x >= end)
                continue;
            nint ahead = Ahead(input, tile, 0, tiles, inPhase, dilation, 0, scratch.ToNextRow);
            bool goesOn = tile % inPhase > 0;
            place = !goesOn ? 0 : place < 2 ? place + 4 : place - 2;
            TransformInput(input, x, dilation, scratch.Inputs + scratch.Count * Channels, scratch.Columns, place, goesOn, ahead);
            TransformGradient(gradient, x, dilation, scratch.Gradients + scratch.Count * Channels, scratch.Temporary, ahead);
            if (++scratch.Count == WinogradScratch.Slots)
                FlushWeightGradient(dU, scratch);
        }
    }

    /// <summary>Adds what the tiles that wait give.</summary>
    public static void FlushWeightGradient(float* dU, WinogradScratch scratch)
    {
        if (scratch.Count > 0)
            Accumulate(scratch.Count, dU, scratch);
        scratch.Count = 0;
    }
}
