using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool;

// The files of a quality map: quality and compression flag [h,w].
static class QualityMapFiles
{
    public static MapFiles Files { get; } = new(".quality.npy", ".compressed.npy");

    public static void Write(string path, QualityMap map, ImageBuffer image)
    {
        int[] shape = [map.Height, map.Width];
        Files.Write(path, QualityMapPicture.Render(map, image.View),
            stream => NpyWriter.Write(stream, map.Quality, shape), stream => NpyWriter.Write(stream, map.Compressed, shape));
    }
}
