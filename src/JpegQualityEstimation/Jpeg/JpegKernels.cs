using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// JpegKernels: every per-sample operation of the JPEG pixel side, once for each vector width and once scalar.
// All give the same bytes. Default takes the widest that the processor has; JQE_CPU_KERNELS = vector512, vector256,
// vector128 or scalar takes that one, or the widest below it. Stateless, thread-safe. Rows never alias each other.
abstract class JpegKernels
{
    public static JpegKernels Scalar { get; } = new ScalarJpegKernels();

    /// <summary>All kernels that this processor runs, widest first; the last is the scalar one.</summary>
    public static IReadOnlyList<JpegKernels> Available { get; } = [.. VectorJpegKernels.Supported(), Scalar];

    public static JpegKernels Default { get; } = Named(Environment.GetEnvironmentVariable("JQE_CPU_KERNELS"));

    /// <summary>vector512, vector256, vector128 or scalar.</summary>
    public abstract string Name { get; }

    /// <summary>Colour pixels of one row to three rows of samples, y.Length pixels.</summary>
    public abstract void ToYcc(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> y, Span<byte> cb, Span<byte> cr);

    /// <summary>Pixels of one row to their luminance alone, y.Length pixels.</summary>
    public abstract void ToLuminance(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> y);

    /// <summary>Three rows of samples to the colour pixels of one row, y.Length pixels.</summary>
    public abstract void ToPixels(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> pixels, PixelFormat format);

    /// <summary>Rows of red, green and blue to the colour pixels of one row, red.Length pixels.</summary>
    public abstract void Join(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> pixels, PixelFormat format);

    /// <summary>See <see cref="ChromaDownsampling.H2V1"/>.</summary>
    public abstract void DownsampleH2V1(ReadOnlySpan<byte> row, Span<byte> output);

    /// <summary>See <see cref="ChromaDownsampling.H2V2"/>.</summary>
    public abstract void DownsampleH2V2(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> output);

    /// <summary>See <see cref="ChromaDownsampling.H1V2"/>.</summary>
    public abstract void DownsampleH1V2(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> output);

    /// <summary>See <see cref="ChromaUpsampling.H2V1"/>.</summary>
    public abstract void UpsampleH2V1(ReadOnlySpan<byte> near, Span<byte> output);

    /// <summary>See <see cref="ChromaUpsampling.H2V2"/>.</summary>
    public abstract void UpsampleH2V2(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<byte> output);

    /// <summary>See <see cref="ChromaUpsampling.H1V2"/>.</summary>
    public abstract void UpsampleH1V2(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int bias, Span<byte> output);

    /// <summary>Takes a row of blocks through DCT, quantization and back, in place.</summary>
    public abstract void RoundTripBlocks(Span<byte> samples, int stride, int blocks, Quantizer quantizer);

    /// <summary>Samples of a row of blocks to quantized coefficients [block, 64], natural order.</summary>
    public abstract void ForwardBlocks(ReadOnlySpan<byte> samples, int stride, int blocks, Quantizer quantizer, Span<short> coefficients);

    /// <summary>Quantized coefficients [block, 64], natural order, to the samples of a row of blocks.</summary>
    public abstract void InverseBlocks(ReadOnlySpan<short> coefficients, Quantizer quantizer, Span<byte> samples, int stride, int blocks);

    static JpegKernels Named(string? name)
    {
        string[] order = ["vector512", "vector256", "vector128", "scalar"];
        int wanted = Array.IndexOf(order, name);
        foreach (JpegKernels kernels in Available)
            if (Array.IndexOf(order, kernels.Name) >= wanted)
                return kernels;
        return Scalar;
    }
}
