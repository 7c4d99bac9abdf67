using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

/// <summary>The kernels one sample at a time: what the vector kernels must equal, and the fallback without vectors.</summary>
sealed class ScalarJpegKernels : JpegKernels
{
    public override string Name => "scalar";

    public override void ToYcc(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> y, Span<byte> cb, Span<byte> cr)
    {
        var (red, green, blue, bytes) = PixelInterleave.Layout(format);
        for (int x = 0, i = 0; x < y.Length; x++, i += bytes)
        {
            int r = pixels[i + red], g = pixels[i + green], b = pixels[i + blue];
            y[x] = YccConversion.Luminance(r, g, b);
            cb[x] = YccConversion.BlueDifference(r, g, b);
            cr[x] = YccConversion.RedDifference(r, g, b);
        }
    }

    public override void ToLuminance(ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> y)
    {
        var (red, green, blue, bytes) = PixelInterleave.Layout(format);
        for (int x = 0, i = 0; x < y.Length; x++, i += bytes)
            y[x] = YccConversion.Luminance(pixels[i + red], pixels[i + green], pixels[i + blue]);
    }

    public override void ToPixels(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> pixels, PixelFormat format)
    {
        if (format == PixelFormat.Gray8)
        {
            y.CopyTo(pixels);
            return;
        }
        var (red, green, blue, bytes) = PixelInterleave.Layout(format);
        for (int x = 0, i = 0; x < y.Length; x++, i += bytes)
        {
            int luma = y[x], b = cb[x] - 128, r = cr[x] - 128;
            if (bytes == 4)
                pixels[i + 3] = 255;
            pixels[i + red] = YccConversion.Red(luma, r);
            pixels[i + green] = YccConversion.Green(luma, b, r);
            pixels[i + blue] = YccConversion.Blue(luma, b);
        }
    }

    public override void Join(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> pixels, PixelFormat format)
    {
        if (format == PixelFormat.Gray8)
            red.CopyTo(pixels);
        else
            PixelInterleave.Join(red, green, blue, pixels, format);
    }

    public override void DownsampleH2V1(ReadOnlySpan<byte> row, Span<byte> output)
    {
        for (int x = 0; x < output.Length; x++)
            output[x] = (byte)((row[2 * x] + row[2 * x + 1] + (x & 1)) >> 1);
    }

    public override void DownsampleH2V2(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> output)
    {
        for (int x = 0; x < output.Length; x++)
            output[x] = (byte)((upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 1 + (x & 1)) >> 2);
    }

    public override void DownsampleH1V2(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> output)
    {
        for (int x = 0; x < output.Length; x++)
            output[x] = (byte)((upper[x] + lower[x] + 1) >> 1);
    }

    public override void UpsampleH2V1(ReadOnlySpan<byte> near, Span<byte> output)
    {
        int last = near.Length - 1;
        for (int x = 0; x < output.Length; x++)
        {
            int i = x >> 1;
            output[x] = (byte)((x & 1) == 0
                ? (3 * near[i] + near[Math.Max(i - 1, 0)] + 1) >> 2
                : (3 * near[i] + near[Math.Min(i + 1, last)] + 2) >> 2);
        }
    }

    public override void UpsampleH2V2(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<byte> output)
    {
        int last = near.Length - 1;
        for (int x = 0; x < output.Length; x++)
        {
            int i = x >> 1;
            int j = (x & 1) == 0 ? Math.Max(i - 1, 0) : Math.Min(i + 1, last);
            output[x] = (byte)((3 * (3 * near[i] + far[i]) + 3 * near[j] + far[j] + 8 - (x & 1)) >> 4);
        }
    }

    public override void UpsampleH1V2(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int bias, Span<byte> output)
    {
        for (int x = 0; x < output.Length; x++)
            output[x] = (byte)((3 * near[x] + far[x] + bias) >> 2);
    }

    public override void RoundTripBlocks(Span<byte> samples, int stride, int blocks, Quantizer quantizer)
    {
        Span<short> coefficients = stackalloc short[Dct8x8.Size];
        for (int block = 0; block < blocks; block++)
        {
            Dct8x8.Forward(samples[(block * 8)..], stride, coefficients);
            quantizer.Quantize(coefficients, coefficients);
            quantizer.Dequantize(coefficients, coefficients);
            Dct8x8.Inverse(coefficients, samples[(block * 8)..], stride);
        }
    }

    public override void ForwardBlocks(ReadOnlySpan<byte> samples, int stride, int blocks, Quantizer quantizer, Span<short> coefficients)
    {
        for (int block = 0; block < blocks; block++)
        {
            Span<short> target = coefficients.Slice(block * 64, 64);
            Dct8x8.Forward(samples[(block * 8)..], stride, target);
            quantizer.Quantize(target, target);
        }
    }

    public override void InverseBlocks(ReadOnlySpan<short> coefficients, Quantizer quantizer, Span<byte> samples, int stride, int blocks)
    {
        Span<short> dequantized = stackalloc short[Dct8x8.Size];
        for (int block = 0; block < blocks; block++)
        {
            quantizer.Dequantize(coefficients.Slice(block * 64, 64), dequantized);
            Dct8x8.Inverse(dequantized, samples[(block * 8)..], stride);
        }
    }
}
