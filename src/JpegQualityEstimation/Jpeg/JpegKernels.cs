using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// JpegKernels: every per-sample operation of the JPEG pixel side, once for each vector width and once scalar.
// All give the same bytes. Default takes the widest that the processor has; JQE_CPU_KERNELS forces one, as it does
// for the engine (CpuKernelSets). Stateless, thread-safe. Rows never alias each other.
abstract class JpegKernels
{
    public static JpegKernels Scalar { get; } = new ScalarJpegKernels();

    /// <summary>All kernels that this processor runs, widest first; the last is the scalar one.</summary>
    public static IReadOnlyList<JpegKernels> Available { get; } = [.. VectorJpegKernels.Supported(), Scalar];

    /// <exception cref="InvalidOperationException">JQE_CPU_KERNELS names no set, or one this machine lacks.</exception>
    public static JpegKernels Default => chosen ??= Choose(Environment.GetEnvironmentVariable(CpuKernelSets.Variable));

    static JpegKernels? chosen;

    /// <summary>vector512, vector256, vector128 or scalar.</summary>
    public abstract string Name { get; }

    /// <summary>Pixels of one row to three rows of samples, y.Length pixels.</summary>
    public abstract void ToYcc(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> y, Span<byte> cb, Span<byte> cr);

    /// <summary>Pixels of one row to their luminance alone, y.Length pixels.</summary>
    public abstract void ToLuminance(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> y);

    /// <summary>Three rows of samples to the pixels of one row, y.Length pixels; Gray8 takes Y.</summary>
    public abstract void ToPixels(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> pixels, PixelFormat format);

    /// <summary>Rows of red, green and blue to the pixels of one row, red.Length pixels; Gray8 takes red.</summary>
    public abstract void Join(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> pixels, PixelFormat format);

    /// <summary>2x1 of <see cref="ChromaDownsampling"/>, output.Length samples.</summary>
    public abstract void DownsampleH2V1(ReadOnlySpan<byte> row, Span<byte> output);

    /// <summary>2x2 of <see cref="ChromaDownsampling"/>, output.Length samples.</summary>
    public abstract void DownsampleH2V2(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> output);

    /// <summary>1x2 of <see cref="ChromaDownsampling"/>, output.Length samples.</summary>
    public abstract void DownsampleH1V2(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> output);

    /// <summary>2x1 of <see cref="ChromaUpsampling"/>: output.Length is 2 * near.Length or one less.</summary>
    public abstract void UpsampleH2V1(ReadOnlySpan<byte> near, Span<byte> output);

    /// <summary>2x2 of <see cref="ChromaUpsampling"/>: far is above for even output rows, below for odd ones.</summary>
    public abstract void UpsampleH2V2(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<byte> output);

    /// <summary>1x2 of <see cref="ChromaUpsampling"/>: bias is 1 for even output rows, 2 for odd ones.</summary>
    public abstract void UpsampleH1V2(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int bias, Span<byte> output);

    /// <summary>Takes a row of blocks through DCT, quantization and back, in place.</summary>
    public abstract void RoundTripBlocks(Span<byte> samples, int stride, int blocks, Quantizer quantizer);

    /// <summary>Samples of a row of blocks to quantized coefficients [block, 64], natural order.</summary>
    public abstract void ForwardBlocks(ReadOnlySpan<byte> samples, int stride, int blocks, Quantizer quantizer, Span<short> coefficients);

    /// <summary>Quantized coefficients [block, 64], natural order, to the samples of a row of blocks.</summary>
    public abstract void InverseBlocks(ReadOnlySpan<short> coefficients, Quantizer quantizer, Span<byte> samples, int stride, int blocks);

    static JpegKernels Choose(string? forced)
    {
        if (string.IsNullOrWhiteSpace(forced))
            return Available[0];
        string name = CpuKernelSets.Choose(forced).ToString();
        return Available.First(kernels => kernels.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }
}
