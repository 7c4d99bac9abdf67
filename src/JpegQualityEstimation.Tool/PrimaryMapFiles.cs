using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool;

// The files of a primary quantization map: steps and their confidence [15,h,w].
static class PrimaryMapFiles
{
    public static MapFiles Files { get; } = new(".q1.npy", ".q1conf.npy");

    public static void Write(string path, PrimaryQuantMap map, ImageBuffer image)
    {
        int[] shape = [PrimaryQuantEstimate.StepCount, map.Height, map.Width];
        Files.Write(path, PrimaryQuantMapPicture.Render(map, image.View),
            stream => NpyWriter.Write(stream, map.Steps, shape), stream => NpyWriter.Write(stream, map.StepConfidence, shape));
    }
}
