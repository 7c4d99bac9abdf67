using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg.Lanes;

namespace JpegQualityEstimation.Jpeg;

/// <summary>Which vector kernels this processor runs.</summary>
static class VectorJpegKernels
{
    public static IEnumerable<JpegKernels> Supported()
    {
        if (Lanes512.IsSupported)
            yield return new VectorJpegKernels<Lanes512, Vector512<short>>("vector512");
        if (Lanes256.IsSupported)
            yield return new VectorJpegKernels<Lanes256, Vector256<short>>("vector256");
        if (Lanes128.IsSupported)
            yield return new VectorJpegKernels<Lanes128, Vector128<short>>("vector128");
    }
}

/// <summary>The kernels in vectors of one width. Colour goes through planar chunks that stay in the first cache.</summary>
sealed class VectorJpegKernels<L, V>(string name) : JpegKernels
    where L : ILanes<V>
    where V : struct
{
    const int Chunk = 512;

    static bool Wide => L.Count == Lanes512.Count;

    public override string Name => name;

    [SkipLocalsInit]
    public override void ToYcc(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> y, Span<byte> cb, Span<byte> cr)
    {
        if (format == PixelFormat.Gray8)
        {
            pixels[..y.Length].CopyTo(y);
            cb[..y.Length].Fill(128);
            cr[..y.Length].Fill(128);
            return;
        }
        int bytes = format.BytesPerPixel();
        Span<byte> planar = stackalloc byte[3 * Chunk];
        for (int done = 0; done < y.Length; done += Chunk)
        {
            int count = Math.Min(Chunk, y.Length - done);
            Span<byte> red = planar[..count], green = planar.Slice(Chunk, count), blue = planar.Slice(2 * Chunk, count);
            PixelInterleave.Split(pixels[(done * bytes)..], format, red, green, blue, Wide);
            var kernel = new YccConversion.ForwardKernel(red, green, blue, y.Slice(done, count), cb.Slice(done, count), cr.Slice(done, count));
            RowTraversal.Run<YccConversion.ForwardKernel, L, V>(kernel, 0, count);
        }
    }

    [SkipLocalsInit]
    public override void ToLuminance(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> y)
    {
        if (format == PixelFormat.Gray8)
        {
            pixels[..y.Length].CopyTo(y);
            return;
        }
        int bytes = format.BytesPerPixel();
        Span<byte> planar = stackalloc byte[3 * Chunk];
        for (int done = 0; done < y.Length; done += Chunk)
        {
            int count = Math.Min(Chunk, y.Length - done);
            Span<byte> red = planar[..count], green = planar.Slice(Chunk, count), blue = planar.Slice(2 * Chunk, count);
            PixelInterleave.Split(pixels[(done * bytes)..], format, red, green, blue, Wide);
            var kernel = new YccConversion.LuminanceKernel(red, green, blue, y.Slice(done, count));
            RowTraversal.Run<YccConversion.LuminanceKernel, L, V>(kernel, 0, count);
        }
    }

    [SkipLocalsInit]
    public override void ToPixels(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> pixels, PixelFormat format)
    {
        if (format == PixelFormat.Gray8)
        {
            y.CopyTo(pixels);
            return;
        }
        int bytes = format.BytesPerPixel();
        Span<byte> planar = stackalloc byte[3 * Chunk];
        for (int done = 0; done < y.Length; done += Chunk)
        {
            int count = Math.Min(Chunk, y.Length - done);
            Span<byte> red = planar[..count], green = planar.Slice(Chunk, count), blue = planar.Slice(2 * Chunk, count);
            var kernel = new YccConversion.BackwardKernel(y.Slice(done, count), cb.Slice(done, count), cr.Slice(done, count), red, green, blue);
            RowTraversal.Run<YccConversion.BackwardKernel, L, V>(kernel, 0, count);
            PixelInterleave.Join(red, green, blue, pixels[(done * bytes)..], format, Wide);
        }
    }

    public override void Join(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> pixels, PixelFormat format)
    {
        if (format == PixelFormat.Gray8)
            red.CopyTo(pixels);
        else
            PixelInterleave.Join(red, green, blue, pixels, format, Wide);
    }

    public override void DownsampleH2V1(ReadOnlySpan<byte> row, Span<byte> output) =>
        RowTraversal.Run<ChromaDownsampling.H2V1Kernel, L, V>(new(row[..(2 * output.Length)], output), 0, output.Length);

    public override void DownsampleH2V2(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> output) =>
        RowTraversal.Run<ChromaDownsampling.H2V2Kernel, L, V>(
            new(upper[..(2 * output.Length)], lower[..(2 * output.Length)], output), 0, output.Length);

    public override void DownsampleH1V2(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> output) =>
        RowTraversal.Run<ChromaDownsampling.H1V2Kernel, L, V>(new(upper[..output.Length], lower[..output.Length], output), 0, output.Length);

    public override void UpsampleH2V1(ReadOnlySpan<byte> near, Span<byte> output)
    {
        if (near.Length < 2 || output.Length < 2 * near.Length - 1)
        {
            Scalar.UpsampleH2V1(near, output);
            return;
        }
        int last = near.Length - 1;
        var kernel = new ChromaUpsampling.H2V1Kernel(near, output);
        kernel.Edge(0, 0, 1);
        RowTraversal.Run<ChromaUpsampling.H2V1Kernel, L, V>(kernel, 1, last);
        if (output.Length > 2 * last + 1)
            kernel.Edge(last, last - 1, last);
        else
            output[2 * last] = (byte)((3 * near[last] + near[last - 1] + 1) >> 2);
    }

    public override void UpsampleH2V2(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<byte> output)
    {
        if (near.Length < 2 || output.Length < 2 * near.Length - 1)
        {
            Scalar.UpsampleH2V2(near, far, output);
            return;
        }
        int last = near.Length - 1;
        var kernel = new ChromaUpsampling.H2V2Kernel(near, far[..near.Length], output);
        kernel.Edge(0, 0, 1);
        RowTraversal.Run<ChromaUpsampling.H2V2Kernel, L, V>(kernel, 1, last);
        if (output.Length > 2 * last + 1)
            kernel.Edge(last, last - 1, last);
        else
            output[2 * last] = (byte)((3 * (3 * near[last] + far[last]) + 3 * near[last - 1] + far[last - 1] + 8) >> 4);
    }

    public override void UpsampleH1V2(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int bias, Span<byte> output) =>
        RowTraversal.Run<ChromaUpsampling.H1V2Kernel, L, V>(new(near[..output.Length], far[..output.Length], bias, output), 0, output.Length);

    public override void RoundTripBlocks(Span<byte> samples, int stride, int blocks, Quantizer quantizer) =>
        BlockRow.RoundTrip<L, V>(samples, stride, blocks, quantizer);

    public override void ForwardBlocks(ReadOnlySpan<byte> samples, int stride, int blocks, Quantizer quantizer, Span<short> coefficients) =>
        BlockRow.Forward<L, V>(samples, stride, blocks, quantizer, coefficients);

    public override void InverseBlocks(ReadOnlySpan<short> coefficients, Quantizer quantizer, Span<byte> samples, int stride, int blocks) =>
        BlockRow.Inverse<L, V>(coefficients, quantizer, samples, stride, blocks);
}
