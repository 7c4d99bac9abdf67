using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool;

// Compressions of a picture written to a file: all rounds on pixels for a PNG; for a JPEG the last round is the file.
static class JpegSimulation
{
    // Returns the size of what was written.
    public static (int Width, int Height) Write(string path, bool asJpeg, ImageBuffer image, JpegRound[] rounds)
    {
        if (rounds.Sum(r => (long)r.ShiftRows) >= image.Height || rounds.Sum(r => (long)r.ShiftColumns) >= image.Width)
            throw new UsageException($"--shift leaves nothing of a {image.Width}x{image.Height} picture");
        if (asJpeg)
            throw new UsageException("JPEG output is not there yet");
        ImageBuffer pixels = JpegRoundTrip.Apply(image.View, rounds);
        OutputFile.Write(path, stream => PngWriter.Write(stream, pixels.View));
        return (pixels.Width, pixels.Height);
    }
}
