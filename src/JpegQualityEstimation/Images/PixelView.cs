namespace JpegQualityEstimation.Images;

// PixelView (read) and PixelTarget (write): any caller's buffer seen as a picture, without a copy.
// Row y starts at byte y * Stride; a row holds Width * BytesPerPixel bytes; what lies between is never touched.

/// <summary>A picture in a buffer that somebody else owns, to read from.</summary>
public readonly ref struct PixelView
{
    /// <summary>Views <paramref name="pixels"/> as a picture.</summary>
    /// <param name="pixels">The bytes, first row first.</param>
    /// <param name="width">Pixels a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="stride">Bytes from one row to the next, at least width * bytes per pixel.</param>
    /// <param name="format">Order of the samples.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below its minimum.</exception>
    /// <exception cref="ArgumentException">The buffer is too short for the picture.</exception>
    public PixelView(ReadOnlySpan<byte> pixels, int width, int height, int stride, PixelFormat format)
    {
        PixelLayout.Check(pixels.Length, width, height, stride, format);
        Pixels = pixels;
        Width = width;
        Height = height;
        Stride = stride;
        Format = format;
    }

    /// <summary>Views tightly packed <paramref name="pixels"/> as a picture.</summary>
    /// <inheritdoc cref="PixelView(ReadOnlySpan{byte}, int, int, int, PixelFormat)"/>
    public PixelView(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format)
        : this(pixels, width, height, checked(width * format.BytesPerPixel()), format)
    {
    }

    /// <summary>All bytes.</summary>
    public ReadOnlySpan<byte> Pixels { get; }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Bytes from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>Order of the samples.</summary>
    public PixelFormat Format { get; }

    /// <summary>The bytes of row <paramref name="y"/>, without padding.</summary>
    public ReadOnlySpan<byte> Row(int y) =>
        Pixels.Slice(checked(y * Stride), Width * Format.BytesPerPixel());

    /// <summary>The rectangle at column <paramref name="x"/>, row <paramref name="y"/>, still in the same buffer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle does not lie inside the picture.</exception>
    public PixelView Crop(int x, int y, int width, int height)
    {
        PixelLayout.CheckCrop(Width, Height, x, y, width, height);
        return new PixelView(Pixels[(y * Stride + x * Format.BytesPerPixel())..], width, height, Stride, Format);
    }
}

/// <summary>A picture in a buffer that somebody else owns, to write to.</summary>
public readonly ref struct PixelTarget
{
    /// <inheritdoc cref="PixelView(ReadOnlySpan{byte}, int, int, int, PixelFormat)"/>
    public PixelTarget(Span<byte> pixels, int width, int height, int stride, PixelFormat format)
    {
        PixelLayout.Check(pixels.Length, width, height, stride, format);
        Pixels = pixels;
        Width = width;
        Height = height;
        Stride = stride;
        Format = format;
    }

    /// <inheritdoc cref="PixelView(ReadOnlySpan{byte}, int, int, PixelFormat)"/>
    public PixelTarget(Span<byte> pixels, int width, int height, PixelFormat format)
        : this(pixels, width, height, checked(width * format.BytesPerPixel()), format)
    {
    }

    /// <summary>All bytes.</summary>
    public Span<byte> Pixels { get; }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Bytes from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>Order of the samples.</summary>
    public PixelFormat Format { get; }

    /// <summary>The bytes of row <paramref name="y"/>, without padding.</summary>
    public Span<byte> Row(int y) => Pixels.Slice(checked(y * Stride), Width * Format.BytesPerPixel());

    /// <summary>The same picture, to read from.</summary>
    public PixelView AsView() => new(Pixels, Width, Height, Stride, Format);
}

static class PixelLayout
{
    public static void Check(int length, int width, int height, int stride, PixelFormat format)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        long row = (long)width * format.BytesPerPixel();
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, row);
        long needed = (long)(height - 1) * stride + row;
        if (length < needed)
            throw new ArgumentException(
                $"a {width}x{height} {format} picture of stride {stride} needs {needed} bytes, the buffer holds {length}");
    }

    public static void CheckCrop(int fullWidth, int fullHeight, int x, int y, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)x + width, fullWidth, nameof(width));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)y + height, fullHeight, nameof(height));
    }
}
