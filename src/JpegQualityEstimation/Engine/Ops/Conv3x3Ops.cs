using JpegQualityEstimation.Engine.Cpu;

namespace JpegQualityEstimation.Engine.Ops;

// Contract of the dilated 3x3 convolutions that the quality network is made of, a row at a time, channels last.
// Row pointers, packing and the order of the sums are described where each is implemented (Engine/Cpu/Conv3x3*.cs).
// Determinism: equal inputs give equal bits, whatever the row, the tile or the thread.

/// <summary>Rows of dilated 3x3 convolutions: forward, input gradient, weight gradient.</summary>
abstract unsafe class Conv3x3Ops
{
    /// <summary>Output channels a packed block of weights holds.</summary>
    public abstract int PackedOutputs { get; }

    /// <summary>out[width,64] = max(0, bias[64] + conv(rows[.,channels])), channels 4 or 64.</summary>
    public abstract void Forward(int channels, in RowTriple rows, int dilation, float* packed, float* bias, float* output, int width);

    /// <summary>dIn[width,64] = conv(rows of dOut [.,channels]) where gate[width,64] is above 0, else 0.</summary>
    public abstract void InputGradient(int channels, in RowTriple rows, int dilation, float* packed, float* gate, float* dInput, int width);

    /// <summary>dWeight[3,3,channels,64] += what this row gives.</summary>
    public abstract void WeightGradient(int channels, in RowTriple rows, int dilation, float* dOut, float* dWeight, int width);

    /// <summary>out[width,64] = max(0, bias[64] + conv(rows[.,3 of 4])), weights packed by <see cref="PackFromThree"/>.</summary>
    public abstract void ForwardFromThree(in RowTriple rows, int dilation, float* packed, float* bias, float* output, int width);

    /// <summary>Packs [3,3,3 of 4,64] weights: 27 * 64 values.</summary>
    public abstract void PackFromThree(float* weights, float* packed);

    /// <summary><see cref="InputGradient"/> of rows of which two of four channels are used, weights packed by <see cref="PackFromTwo"/>.</summary>
    public abstract void InputGradientFromTwo(in RowTriple rows, int dilation, float* packed, float* gate, float* dInput, int width);

    /// <summary>Packs [3,3,2 of 4,64] weights: 18 * 64 values.</summary>
    public abstract void PackFromTwo(float* weights, float* packed);

    /// <summary><see cref="WeightGradient"/> of rows of which two or three of four channels are used; the others' dWeight is without meaning.</summary>
    public abstract void WeightGradientOfFew(int used, in RowTriple rows, int dilation, float* dOut, float* dWeight, int width);

    /// <summary>out[width,2] = bias + conv(rows[.,64]), weights [2,3,3,64].</summary>
    public abstract void ForwardToTwo(in RowTriple rows, int dilation, float* weights, float bias0, float bias1, float* output, int width);

    /// <summary>sum[64] += sum over x of values[x,64].</summary>
    public abstract void SumPixels(float* values, int width, float* sum);

    /// <summary>Transforms and packs [3,3,64,64] weights for the tile rows: [36,64,64].</summary>
    public abstract void PackTiles(float* weights, float* packed);

    /// <summary>
    /// Takes in tiles [firstTile, endTile) of one row of 4x4 tiles of <see cref="Forward"/>, 64 channels, columns [first, end),
    /// first a multiple of 4 * dilation in the picture's columns. Outputs are there after <see cref="FlushForwardTiles"/>.
    /// </summary>
    public abstract void ForwardTiles(float** input, int dilation, int first, int end, int firstTile, int endTile, float* packed, float* bias, float** output, WinogradScratch scratch);

    /// <summary>Tiles of a row of columns [first, end), as <see cref="ForwardTiles"/> counts them.</summary>
    public abstract int TilesInRow(int dilation, int first, int end);

    /// <summary>Computes the forward tiles that still wait.</summary>
    public abstract void FlushForwardTiles(int dilation, float* packed, float* bias, WinogradScratch scratch);

    /// <summary>Transforms and packs [3,3,64,64] weights for the rows of large tiles: [64,64,64].</summary>
    public abstract void PackLargeTiles(float* weights, float* packed);

    /// <summary>
    /// <see cref="ForwardTiles"/> in 6x6 tiles: eight input rows, six output rows, first a multiple of 6 * dilation in the picture's
    /// columns; then: the input rows of what is taken in next, from thenTile on, or null.
    /// </summary>
    public abstract void ForwardLargeTiles(
        float** input, float** then, int thenTile, int dilation, int first, int end, int firstTile, int endTile, float* packed, float* bias, float** output, Winograd6x6Scratch scratch);

    /// <summary>Tiles of a row of columns [first, end), as <see cref="ForwardLargeTiles"/> counts them.</summary>
    public abstract int LargeTilesInRow(int dilation, int first, int end);

    /// <summary>Computes the large forward tiles that still wait.</summary>
    public abstract void FlushForwardLargeTiles(int dilation, float* packed, float* bias, Winograd6x6Scratch scratch);

    /// <summary>Takes in one row of 4x4 tiles of <see cref="InputGradient"/>, 64 channels.</summary>
    public abstract void InputGradientTiles(float** dOut, int dilation, int first, int end, float* packed, float** gate, float** dInput, WinogradScratch scratch);

    /// <summary>Computes the input gradient tiles that still wait.</summary>
    public abstract void FlushInputGradientTiles(int dilation, float* packed, WinogradScratch scratch);

    /// <summary>Takes in one row of tiles for dU[36,64,64] += what they give, = where the scratch replaces; dOut: rows outside are zeros.</summary>
    public abstract void WeightGradientTiles(float** input, int dilation, int end, float** dOut, float* dU, WinogradScratch scratch);

    /// <summary>Adds the weight gradient tiles that still wait.</summary>
    public abstract void FlushWeightGradientTiles(float* dU, WinogradScratch scratch);

    /// <summary>dWeight[3,3,64,64] += the weight gradient that dU[36,64,64] stands for.</summary>
    public abstract void AddTileGradient(float* dU, float* dWeight);

    /// <summary>Packs [3,3,channels,64] weights as <see cref="Forward"/> and <see cref="InputGradient"/> read them.</summary>
    public void Pack(int channels, ReadOnlySpan<float> weights, Span<float> packed)
    {
        int block = PackedOutputs;
        int at = 0;
        for (int k = 0; k < 64; k += block)
            for (int term = 0; term < 9 * channels; term++, at += block)
                weights.Slice(term * 64 + k, block).CopyTo(packed[at..]);
    }

    public static Conv3x3Ops For(CpuKernelSet set) => set switch
    {
        CpuKernelSet.Vector512 => new CpuConv3x3Ops<System.Runtime.Intrinsics.Vector512<float>, Simd512>(),
        CpuKernelSet.Vector256 => new CpuConv3x3Ops<System.Runtime.Intrinsics.Vector256<float>, Simd256>(),
        CpuKernelSet.Vector128 => new CpuConv3x3Ops<System.Runtime.Intrinsics.Vector128<float>, Simd128>(),
        _ => new CpuConv3x3Ops<float, SimdScalar>(),
    };
}
