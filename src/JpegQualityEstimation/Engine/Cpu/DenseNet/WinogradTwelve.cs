using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// WinogradTwelve: BN - ReLU - zero-padded 3x3 convolution with twelve outputs by F(4x4, 3x3) (Lavin, Gray 2016).
//   out = At [ sum over c of (G g Gt)[k,c] . (Bt max(0, scale[c] d + shift[c]) B) ] A
// 432 products a channel and tile in place of 1728. Lanes are tiles (TileChunk): a value's terms are added in the order
// of the channels whatever the vector width, the chunk or the block of channels, so none of them changes a bit.
//   inputs    [36][block of channels][lanes]   transformed inputs, in second-level cache
//   products  [part][36][12][lanes]            sums so far, of the lanes that are transformed together (TileLanes.Together)
static unsafe partial class WinogradTwelve<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    const int Outputs = 12;
    const int Frequencies = 36;

    /// <summary>Sums the products of some channels.</summary>
    /// <param name="input">Channels of which some are read.</param>
    /// <param name="channels">Channels that the filters have.</param>
    /// <param name="first">First channel.</param>
    /// <param name="end">Channel behind the last.</param>
    /// <param name="scale">[channels].</param>
    /// <param name="shift">[channels].</param>
    /// <param name="packed">[36][channels][12], WinogradFilters.</param>
    /// <param name="products">[part][36][12][lanes], overwritten.</param>
    /// <param name="lanes">Tiles.</param>
    /// <param name="scratch">One thread's.</param>
    public static void Accumulate(in TileChunk input, int channels, int first, int end, float* scale, float* shift, float* packed, float* products,
        in TileLanes lanes, WinogradTwelveScratch scratch)
    {
        int part = lanes.Together;
        int block = WinogradTwelveScratch.ChannelBlock(part, end - first);
        scratch.Ahead.Within(Frequencies * ((end - first + block - 1) / block) * (lanes.Count / part));
        for (int from = first; from < end; from += block)
        {
            int count = Math.Min(block, end - from);
            for (int lane = 0; lane < lanes.Count; lane += part)
            {
                TransformInput<One>(input.From(from, lane, lanes.Width), count, scale + from, shift + from, lanes.Part(lane), scratch.Inputs, WinogradTwelveScratch.InputStride, scratch);
                for (int f = 0; f < Frequencies; f++)
                {
                    // The filters two frequencies on, at the end those of the next channels.
                    long ahead = 2L * channels * Outputs;
                    if (f >= Frequencies - 2)
                        ahead = (block - (Frequencies - 2L) * channels) * Outputs;
                    ProductOfTwelve<TVector, TSimd>.Run(scratch.Inputs + f * WinogradTwelveScratch.InputStride, part, count, packed + ((long)f * channels + from) * Outputs,
                        products + (Frequencies * lane + f * part) * Outputs, part, part, from > first, lane == 0 ? ahead : 0);
                    scratch.Ahead.Step();
                }
            }
        }
    }

    // One vector is half a cache line or a whole one; narrower ones would ask for every line too often.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* line)
    {
        if (Sse.IsSupported && TSimd.Count >= 8)
            Sse.Prefetch0(line);
    }
}
