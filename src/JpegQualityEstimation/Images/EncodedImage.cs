using System.Buffers.Binary;

namespace JpegQualityEstimation.Images;

// EncodedImage: the bytes of one picture file, its name and the limits, as every reader is handed them.
// All reads are bounds-checked and fail as ImageFormatException; nothing here allocates from a header
// before the header has been checked against the limits.

readonly ref struct EncodedImage(ReadOnlySpan<byte> bytes, string name, ImageReadOptions options)
{
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public string Name { get; } = name;

    public ImageReadOptions Options { get; } = options;

    public int Length => Bytes.Length;

    public ImageFormatException Unsupported(long offset, string reason) => new(ImageErrorCode.Unsupported, Name, offset, reason);

    public ImageFormatException Corrupt(long offset, string reason) => new(ImageErrorCode.Corrupt, Name, offset, reason);

    public ImageFormatException Truncated(long offset, string reason) => new(ImageErrorCode.Truncated, Name, offset, reason);

    public ImageFormatException TooLarge(long offset, string reason) => new(ImageErrorCode.TooLarge, Name, offset, reason);

    /// <summary>The bytes at <paramref name="offset"/>, or Truncated with <paramref name="what"/> as the thing cut off.</summary>
    public ReadOnlySpan<byte> Slice(long offset, long length, string what)
    {
        if (offset < 0 || length < 0 || offset > Bytes.Length || length > Bytes.Length - offset)
            throw Truncated(Math.Clamp(offset, 0, Bytes.Length), $"the file ends inside {what}");
        return Bytes.Slice((int)offset, (int)length);
    }

    public uint UInt32BigEndian(long offset, string what) => BinaryPrimitives.ReadUInt32BigEndian(Slice(offset, 4, what));

    public uint UInt32LittleEndian(long offset, string what) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(offset, 4, what));

    public ushort UInt16LittleEndian(long offset, string what) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(offset, 2, what));

    /// <summary>Checks a declared size before anything of that size is allocated.</summary>
    /// <param name="offset">Where the size stands in the file.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="format">Format of the result.</param>
    public void CheckSize(long offset, long width, long height, PixelFormat format)
    {
        if (width < 1 || height < 1)
            throw Corrupt(offset, $"the picture is {width}x{height}");
        if (width > int.MaxValue || height > int.MaxValue || width * height > Options.MaxPixels)
            throw TooLarge(offset, $"the picture is {width}x{height}, the limit is {Options.MaxPixels} pixels");
        if (width * height > Array.MaxLength / format.BytesPerPixel())
            throw TooLarge(offset, $"the picture is {width}x{height} {format}, more than one buffer holds");
    }

    /// <summary>Working memory, checked against the file before; a machine that cannot give it says so as TooLarge.</summary>
    public byte[] AllocateBytes(long count, string what)
    {
        try
        {
            return new byte[count];
        }
        catch (OutOfMemoryException)
        {
            throw TooLarge(-1, $"not enough memory for {what} of {count} bytes");
        }
    }

    /// <summary>The result's memory; a machine that cannot give it says so as TooLarge.</summary>
    public ImageBuffer Allocate(int width, int height, PixelFormat format)
    {
        try
        {
            return new ImageBuffer(width, height, format);
        }
        catch (OutOfMemoryException)
        {
            throw TooLarge(-1, $"not enough memory for {width}x{height} {format}");
        }
    }
}
