using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Tool;

// InputFile: the bytes of a picture file.
static class InputFile
{
    /// <exception cref="ImageFormatException">The file is longer than one buffer.</exception>
    public static byte[] Read(string path)
    {
        long length = new FileInfo(path) is { Exists: true } file ? file.Length : 0;
        if (length > Array.MaxLength)
            throw new ImageFormatException(ImageErrorCode.TooLarge, path, -1, $"the file holds {length} bytes, more than one buffer does");
        return File.ReadAllBytes(path);
    }
}
