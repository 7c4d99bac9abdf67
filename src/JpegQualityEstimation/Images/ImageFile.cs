using JpegQualityEstimation.Images.Bmp;
using JpegQualityEstimation.Images.Png;
using JpegQualityEstimation.Images.Pnm;
using JpegQualityEstimation.Images.Tiff;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Images;

// ImageFile: from the bytes of a picture file to 8-bit pixels. The format is told by the first bytes,
// never by the name. Result: Gray8 where the file is gray, Rgb24 otherwise.

/// <summary>Reads picture files: PNG, JPEG, TIFF, BMP and PNM.</summary>
/// <remarks>
/// Alpha is dropped, not blended; palettes are expanded; samples of 16 bits are reduced to 8 by rounding
/// v*255/65535; colour profiles, gamma and orientation tags are ignored: the pixels are those that were stored.
/// Thread-safe.
/// </remarks>
public static class ImageFile
{
    /// <summary>Reads the picture in the file at <paramref name="path"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits; the default ones where null.</param>
    /// <returns>Gray8 or Rgb24 pixels.</returns>
    /// <exception cref="ImageFormatException">The bytes are not a picture this library reads, or one over the limits.</exception>
    /// <exception cref="FileNotFoundException">There is no such file (or <see cref="DirectoryNotFoundException"/>).</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    /// <exception cref="IOException">Reading failed.</exception>
    public static ImageBuffer Read(string path, ImageReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long length = new FileInfo(path) is { Exists: true } file ? file.Length : 0;
        if (length > Array.MaxLength)
            throw new ImageFormatException(ImageErrorCode.TooLarge, path, -1, $"the file holds {length} bytes, more than one buffer does");
        return Read(File.ReadAllBytes(path), path, options);
    }

    /// <summary>Reads the picture in <paramref name="bytes"/>.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="options">Limits; the default ones where null.</param>
    /// <returns>Gray8 or Rgb24 pixels.</returns>
    /// <exception cref="ImageFormatException">The bytes are not a picture this library reads, or one over the limits.</exception>
    public static ImageBuffer Read(ReadOnlySpan<byte> bytes, string name, ImageReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        EncodedImage file = new(bytes, name, options ?? ImageReadOptions.Default);
        return ImageSignature.Recognise(bytes) switch
        {
            ImageFileFormat.Png => PngReader.Read(file),
            ImageFileFormat.Jpeg => JpegDecoder.Decode(bytes, name, options),
            ImageFileFormat.Bmp => BmpReader.Read(file),
            ImageFileFormat.Pnm => PnmReader.Read(file),
            ImageFileFormat.Tiff => TiffReader.Read(file),
            ImageFileFormat.Empty => throw file.Truncated(0, "the file is empty"),
            _ => throw new ImageFormatException(ImageErrorCode.UnknownFormat, name, 0, ImageSignature.Describe(bytes)),
        };
    }
}
