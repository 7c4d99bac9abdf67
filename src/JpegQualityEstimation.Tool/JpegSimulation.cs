using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool;

// Compressions of a picture written to a file: all rounds on pixels for a PNG; for a JPEG the last round is the file,
// which decodes to the pixels of that PNG.
static class JpegSimulation
{
    // Returns the size of what was written.
    public static (int Width, int Height) Write(string path, bool asJpeg, ImageBuffer image, JpegRound[] rounds)
    {
        if (rounds.Sum(r => (long)r.ShiftRows) >= image.Height || rounds.Sum(r => (long)r.ShiftColumns) >= image.Width)
            throw new UsageException($"--shift leaves nothing of a {image.Width}x{image.Height} picture");
        ImageBuffer pixels = JpegRoundTrip.Apply(image.View, asJpeg ? rounds[..^1] : rounds);
        if (!asJpeg)
        {
            OutputFile.Write(path, stream => PngWriter.Write(stream, pixels.View));
            return (pixels.Width, pixels.Height);
        }
        JpegRound last = rounds[^1];
        int width = pixels.Width - last.ShiftColumns, height = pixels.Height - last.ShiftRows;
        OutputFile.Write(path, stream => JpegEncoder.Encode(
            stream, pixels.View.Crop(last.ShiftColumns, last.ShiftRows, width, height), last.Compression));
        return (width, height);
    }
}
