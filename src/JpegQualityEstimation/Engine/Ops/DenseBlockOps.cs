using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;

namespace JpegQualityEstimation.Engine.Ops;

// Contract of what a dense block is made of, bands of rows at a time: row y holds its channels one after the other
// ([y][c][x], PlaneRows), so that the twelve new channels of a layer are written beside the others without a copy and a
// band of rows stays in cache. Widths are multiples of 16; what lies beyond a narrower picture is the caller's.
// Outputs never overlap inputs. Determinism: equal inputs give equal bits; sums over pixels are kept once a lane, so
// their order depends on the vector width and on nothing else.

/// <summary>Batch norm, ReLU, convolutions with twelve filters, their gradients.</summary>
abstract unsafe class DenseBlockOps
{
    /// <summary>Filters that one call computes: the growth of DenseNet-40.</summary>
    public const int Group = 12;

    /// <summary>Vector lanes; sums over pixels are arrays with so many numbers an entry.</summary>
    public abstract int Lanes { get; }

    /// <summary>out[c][y][x] = max(0, scale[c] * in[c][y][x] + shift[c]).</summary>
    public abstract void Activate(in PlaneRows input, int channels, float* scale, float* shift, in PlaneRows output, int width, int rows);

    /// <summary>out[k][y][x] = (add: what is there, else 0) + sum over c of in[c][y][x] * packed[c,k], k below 12.</summary>
    public abstract void Convolve1x1(in PlaneRows input, int channels, float* packed, in PlaneRows output, int width, int rows, bool add = false);

    /// <summary>
    /// <see cref="Convolve1x1"/> of a band [channels][width] to [outputs][width], of packs that are twelve times packChannels apart: two
    /// vectors of all channels stay in first-level cache for all filters.
    /// </summary>
    public void ConvolveBand(float* input, int channels, float* packs, int packChannels, int outputs, float* output, int width, bool add = false)
    {
        const int Together = 32;
        for (int x = 0; x < width; x += Together)
            for (int k = 0; k < outputs; k += Group)
                Convolve1x1(new PlaneRows(input + x, width, 0), channels, packs + k * packChannels, new PlaneRows(output + k * width + x, width, 0), Together, 1, add);
    }

    /// <summary>
    /// Zero-padded 3x3 convolution of max(0, scale[c] * in[c] + shift[c]) with twelve filters by F(4x4, 3x3), first half: the
    /// sums of the products of channels [first, end), to which <see cref="FinishTiles"/> gives outputs.
    /// </summary>
    /// <param name="input">Tiles of all channels.</param>
    /// <param name="channels">Channels that the filters have.</param>
    /// <param name="first">First channel that is read.</param>
    /// <param name="end">Channel behind the last.</param>
    /// <param name="scale">[channels].</param>
    /// <param name="shift">[channels].</param>
    /// <param name="packed">[36][channels][12], <see cref="WinogradFilters.Pack"/>.</param>
    /// <param name="products">[36][12][lanes], overwritten.</param>
    /// <param name="lanes">Tiles.</param>
    /// <param name="scratch">One thread's.</param>
    public abstract void AccumulateTiles(in TileChunk input, int channels, int first, int end, float* scale, float* shift, float* packed, float* products,
        in TileLanes lanes, WinogradTwelveScratch scratch);

    /// <summary>Outputs [first, end) of twelve from sums of products, or (more not null) from two such sums added; with add, added to what is there.</summary>
    public abstract void FinishTiles(float* products, float* more, in TileChunk output, int first, int end, in TileLanes lanes, WinogradTwelveScratch scratch,
        bool add = false);

    /// <summary>out[c][row][2 y + x][tile] = mean over quarter (y, x) of a tile of max(0, scale[c] * in[c] + shift[c]).</summary>
    public abstract void PoolTiles(in TileChunk input, int channels, float* scale, float* shift, in TileLanes lanes, float* output);

    /// <summary>Filters for <see cref="AccumulateTiles"/> from weights [12,channels,3,3], for training: in single precision; turned by half a turn
    /// they are those of the inputs' gradient, [36][channels][12] all the same.</summary>
    /// <param name="weights">[12,channels,3,3].</param>
    /// <param name="channels">A multiple of 12.</param>
    /// <param name="turned">Whether by half a turn.</param>
    /// <param name="taps">Scratch [9][channels][12].</param>
    /// <param name="packed">[36][channels][12], overwritten.</param>
    public abstract void PackFilters(float* weights, int channels, bool turned, float* taps, float* packed);

    /// <summary>What <see cref="BackwardTiles"/> needs of the gradients of twelve outputs in up to 128 tiles, left in scratch.</summary>
    public abstract void TransformGradients(in TileChunk gradients, in TileLanes lanes, TileGradientScratch scratch);

    /// <summary>
    /// Backward of batch norm (but for the batch's means), ReLU and 3x3 convolution over the tiles of the gradients that were transformed last:
    /// adds to the gradient of the transformed filters, to the norm's sums and dX[c] += gamma[c] d as <see cref="NormGradient"/>.
    /// </summary>
    /// <param name="input">Tiles of x.</param>
    /// <param name="inputGradients">Tiles of dX.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="norm">The batch norm.</param>
    /// <param name="packed">[36][channels][12], turned.</param>
    /// <param name="filterSums">[channels][36][12], added to.</param>
    /// <param name="lanes">The inputs' tiles.</param>
    /// <param name="scratch">One thread's.</param>
    public abstract void BackwardTiles(in TileChunk input, in TileChunk inputGradients, int channels, in NormPointers norm, float* packed, float* filterSums,
        in TileLanes lanes, TileGradientScratch scratch);

    /// <summary>dWeight[12,channels,3,3] += what the gradient [channels][36][12] of the transformed filters, with 16 more floats behind it that are read, says.</summary>
    public abstract void AddFilterGradients(float* filterSums, int channels, float* dWeight);

    /// <summary>Numbers that the lane sums of the weight gradient of <see cref="Convolve1x1"/> need.</summary>
    public int WeightSums(int channels) => (channels + 1) / 2 * 2 * Group * Lanes;

    /// <summary>Adds to lane sums what a band gives to the gradient of the weights of <see cref="Convolve1x1"/>.</summary>
    public abstract void WeightGradient1x1(in PlaneRows input, int channels, in PlaneRows dOut, int width, int rows, float* sums);

    /// <summary>dWeight[k,c] += sums over lanes.</summary>
    public abstract void ReduceWeightGradient(float* sums, int channels, float* dWeight);

    /// <summary>
    /// Backward of batch norm and ReLU but for the batch's means: with d = factor * dOut where scale[c] * x + shift[c] is above 0, else 0:
    /// sums[c] += d, products[c] += d * (x - mean[c]), dX[c] += gamma[c] * d. The sums have <see cref="Lanes"/> numbers a channel.
    /// </summary>
    public abstract void NormGradient(in PlaneRows dOut, float factor, in PlaneRows x, in PlaneRows dX, int channels, in NormPointers norm, int width, int rows);

    /// <summary>out[c][y][x] = a[c] * first[c][y][x] + b[c] * second[c][y][x] + constant[c].</summary>
    public abstract void Combine(in PlaneRows first, float* a, in PlaneRows second, float* b, float* constant, in PlaneRows output,
        int channels, int width, int rows);

    /// <summary>sum[c] += x, one number a channel.</summary>
    public abstract void Sum(in PlaneRows x, int channels, int width, int rows, float* sum);

    /// <summary>sum[c] = that of max(0, scale[c] * x + shift[c]), added row by row in vectors of tiles.</summary>
    public abstract void SumActivated(in PlaneRows x, int channels, float* scale, float* shift, int width, int rows, float* sum);

    /// <summary>sum[c] += (x - mean[c])^2, one number a channel.</summary>
    public abstract void SumSquares(in PlaneRows x, int channels, float* mean, int width, int rows, float* sum);

    /// <summary>Sum of a[i] * b[i].</summary>
    public abstract float Dot(float* a, float* b, int count);

    /// <summary>to[i] += factor * x[i].</summary>
    public abstract void AddScaled(float* x, float factor, float* to, int count);

    /// <summary>Sum over the lanes of one entry.</summary>
    public abstract float SumLanes(float* entry);

    /// <summary>Packs [12,channels] weights as <see cref="Convolve1x1"/> reads them: [c,12].</summary>
    public static void Pack(ReadOnlySpan<float> weights, int channels, Span<float> packed)
    {
        int at = 0;
        for (int c = 0; c < channels; c++)
            for (int k = 0; k < Group; k++)
                packed[at++] = weights[k * channels + c];
    }

    /// <summary>
    /// Packs [outputs,channels] weights for the input gradient of twelve channels from <paramref name="first"/>
    /// on: a convolution that reads the outputs.
    /// </summary>
    public static void PackTransposed(ReadOnlySpan<float> weights, int outputs, int channels, int first, Span<float> packed)
    {
        int at = 0;
        for (int k = 0; k < outputs; k++)
            for (int c = first; c < first + Group; c++)
                packed[at++] = weights[k * channels + c];
    }

    public static DenseBlockOps For(CpuKernelSet set) => set switch
    {
        CpuKernelSet.Vector512 => new CpuDenseBlockOps<System.Runtime.Intrinsics.Vector512<float>, Simd512>(),
        CpuKernelSet.Vector256 => new CpuDenseBlockOps<System.Runtime.Intrinsics.Vector256<float>, Simd256>(),
        CpuKernelSet.Vector128 => new CpuDenseBlockOps<System.Runtime.Intrinsics.Vector128<float>, Simd128>(),
        _ => new CpuDenseBlockOps<float, SimdScalar>(),
    };
}
