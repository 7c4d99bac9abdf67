using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// BandOutput: quantized coefficients, one row of minimum coded units at a time -> rows of the picture.
// Dequantize, inverse DCT, upsample, colour; as libjpeg-turbo's djpeg does by default. Memory: two bands.
sealed class BandOutput
{
    readonly JpegFrame frame;
    readonly JpegColorModel color;
    readonly ImageBuffer picture;
    readonly BandComponent[] components;
    readonly int lag;
    int nextRow;

    public BandOutput(JpegFrame frame, JpegColorModel color, ImageBuffer picture)
    {
        this.frame = frame;
        this.color = color;
        this.picture = picture;
        components = Array.ConvertAll(frame.Components, c => new BandComponent(frame, c));
        lag = Array.Exists(components, c => c.LooksBelow) ? 1 : 0;
    }

    /// <summary>Takes row <paramref name="mcuRow"/> of <paramref name="planes"/>; rows come in order.</summary>
    public void Add(CoefficientPlane[] planes, int mcuRow)
    {
        for (int i = 0; i < components.Length; i++)
            components[i].Transform(planes[i], mcuRow);
        int end = mcuRow == frame.McusDown - 1 ? frame.Height : (mcuRow + 1) * frame.MaxVertical * 8 - lag;
        for (; nextRow < end; nextRow++)
            Write(nextRow, picture.Pixels.AsSpan(nextRow * picture.Stride, picture.Stride));
    }

    void Write(int y, Span<byte> pixels)
    {
        ReadOnlySpan<byte> first = components[0].Row(y);
        if (color == JpegColorModel.Gray)
        {
            first.CopyTo(pixels);
            return;
        }
        ReadOnlySpan<byte> second = components[1].Row(y), third = components[2].Row(y);
        if (color is JpegColorModel.YCbCr or JpegColorModel.Ycck)
            YccConversion.ToPixels(first, second, third, pixels, PixelFormat.Rgb24);
        else
            YccConversion.Interleave(first, second, third, pixels, PixelFormat.Rgb24);
        if (components.Length == 4)
            Ink(components[3].Row(y), pixels, inverted: color == JpegColorModel.Ycck);
    }

    // Inks as Adobe stores them, 255 = none: red = cyan * black / 255, rounded (djpeg's cmyk_to_rgb; its double
    // arithmetic meets no ties, so integers give the same). The transform of YCCK yields 255 - ink.
    static void Ink(ReadOnlySpan<byte> black, Span<byte> pixels, bool inverted)
    {
        int flip = inverted ? 255 : 0;
        for (int x = 0; x < black.Length; x++)
        {
            int k = black[x];
            Span<byte> pixel = pixels.Slice(x * 3, 3);
            for (int i = 0; i < 3; i++)
                pixel[i] = (byte)(((pixel[i] ^ flip) * k * 2 + 255) / 510);
        }
    }
}
