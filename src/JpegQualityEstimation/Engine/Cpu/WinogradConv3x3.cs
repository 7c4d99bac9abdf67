namespace JpegQualityEstimation.Engine.Cpu;

// WinogradConv3x3: dilated 3x3 convolution, 64 channels to 64, by F(4x4, 3x3): 36 products where the direct sum
// takes 144. A dilation of d is d*d interleaved dense convolutions (exact), so a tile is 4x4 outputs d apart.
// One call takes one row of tiles in: four output rows d apart, columns [first, end). Tiles wait in the scratch until
// 32 are there; Flush computes the last ones and must come before the next layer.
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

    /// <summary>Takes one row of tiles in; computes a group whenever it is full. <see cref="Flush"/> computes the rest.</summary>
    public static void TileRow<TEpilogue>(
        float** input, int dilation, int first, int end, float* packed, float* bias, float** gate, float** output, WinogradScratch scratch)
        where TEpilogue : struct, IEpilogue
    {
        RowQuad to = RowQuad.From(output);
        RowQuad gates = TEpilogue.Kind == Conv3x3Epilogue.Gate ? RowQuad.From(gate) : default;
        for (int phase = 0; phase < dilation; phase++)
        {
            for (int x = first + phase; x < end; x += 4 * dilation)
            {
                TransformInput(input, x, dilation, scratch.Inputs + scratch.Count * Channels, scratch.Temporary);
                scratch.Tiles[scratch.Count] = new WinogradTile { Column = x, End = end, Output = to, Gate = gates };
                if (++scratch.Count == WinogradScratch.Slots)
                    Flush<TEpilogue>(dilation, packed, bias, scratch);
            }
        }
    }

    /// <summary>Computes the tiles that wait.</summary>
    public static void Flush<TEpilogue>(int dilation, float* packed, float* bias, WinogradScratch scratch)
        where TEpilogue : struct, IEpilogue
    {
        int count = scratch.Count;
        for (int f = 0; f < 36 && count > 0; f++)
        {
            float* inputs = scratch.Inputs + f * WinogradScratch.FrequencyStride;
            float* products = scratch.Products + f * WinogradScratch.FrequencyStride;
            float* weights = packed + f * Channels * Channels;
            for (int k = 0; k < Channels; k += 2 * TSimd.Count, weights += Channels * 2 * TSimd.Count)
            {
                if (TSimd.HasThirtyTwoRegisters)
                {
                    for (int t = 0; t < count; t += 8)
                        Multiply8(inputs + t * Channels, weights, products + t * Channels + k);
                }
                else
                {
                    for (int t = 0; t < count; t += 4)
                        Multiply4(inputs + t * Channels, weights, products + t * Channels + k);
                }
            }
        }
        for (int t = 0; t < count; t++)
            TransformOutput<TEpilogue>(scratch.Products + t * Channels, scratch.Tiles[t], dilation, bias, scratch.Temporary);
        scratch.Count = 0;
    }

    /// <summary>dU[36][64 c][64 k] += what one row of tiles gives; gradient: four row pointers of dOut, null outside.</summary>
    public static void WeightGradientTileRow(
        float** input, int dilation, int end, float** gradient, float* dU, WinogradScratch scratch)
    {
        for (int phase = 0; phase < dilation; phase++)
        {
            for (int x = phase; x < end; x += 4 * dilation)
            {
                TransformInput(input, x, dilation, scratch.Inputs + scratch.Count * Channels, scratch.Temporary);
                TransformGradient(gradient, x, dilation, end, scratch.Products + scratch.Count * Channels, scratch.Temporary);
                if (++scratch.Count == WinogradScratch.Slots)
                    FlushWeightGradient(dU, scratch);
            }
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
