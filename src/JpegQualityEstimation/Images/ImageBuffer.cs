namespace JpegQualityEstimation.Images;

/// <summary>A picture that owns its bytes: tightly packed rows of 8-bit samples.</summary>
public sealed class ImageBuffer
{
    /// <summary>Makes a black picture.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the picture is over 2^31-57 bytes.</exception>
    public ImageBuffer(int width, int height, PixelFormat format)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        long bytes = (long)width * height * format.BytesPerPixel();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Array.MaxLength, nameof(height));
        Width = width;
        Height = height;
        Format = format;
        Pixels = new byte[bytes];
    }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Order of the samples.</summary>
    public PixelFormat Format { get; }

    /// <summary>Bytes from one row to the next: width * bytes per pixel.</summary>
    public int Stride => Width * Format.BytesPerPixel();

    /// <summary>The bytes, first row first, no padding.</summary>
    public byte[] Pixels { get; }

    /// <summary>The picture, to read from.</summary>
    public PixelView View => new(Pixels, Width, Height, Format);

    /// <summary>The picture, to write to.</summary>
    public PixelTarget Target => new(Pixels, Width, Height, Format);
}
