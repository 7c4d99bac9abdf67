using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool;

// The files of a primary quantization map: steps and their confidence [15,h,w], sources [h,w] and their picture.
static class PrimaryMapFiles
{
    public static MapFiles Files { get; } = new(".q1.npy", ".q1conf.npy", ".regions.npy", ".regions.png");

    public static void Write(string path, PrimaryQuantMap map, RegionMap regions, ImageBuffer image)
    {
        int[] shape = [PrimaryQuantEstimate.StepCount, map.Height, map.Width];
        Files.Write(path, PrimaryQuantMapPicture.Render(map, image.View),
            stream => NpyWriter.Write(stream, map.Steps, shape), stream => NpyWriter.Write(stream, map.StepConfidence, shape),
            stream => NpyWriter.Write(stream, regions.WindowLabels, [map.Height, map.Width]),
            stream => PngWriter.Write(stream, RegionMapPicture.Render(regions, image.View).View));
    }
}
