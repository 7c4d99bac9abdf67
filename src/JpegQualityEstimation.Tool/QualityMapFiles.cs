using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool;

// The three files of a quality map. Each is written whole or not at all; the picture comes last.
static class QualityMapFiles
{
    const string Quality = ".quality.npy", Compressed = ".compressed.npy", Picture = ".map.png";

    public static bool Exist(OutputNames names, InputPicture input) =>
        File.Exists(names.Of(input, Quality)) && File.Exists(names.Of(input, Compressed)) && File.Exists(names.Of(input, Picture));

    public static void Write(OutputNames names, InputPicture input, QualityMap map, ImageBuffer image) =>
        Write(names.Of(input, ""), map, image);

    public static void Write(string path, QualityMap map, ImageBuffer image)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        int[] shape = [map.Height, map.Width];
        OutputFile.Write(path + Quality, stream => NpyWriter.Write(stream, map.Quality, shape));
        OutputFile.Write(path + Compressed, stream => NpyWriter.Write(stream, map.Compressed, shape));
        OutputFile.Write(path + Picture, stream => PngWriter.Write(stream, QualityMapPicture.Render(map, image.View).View));
    }
}
