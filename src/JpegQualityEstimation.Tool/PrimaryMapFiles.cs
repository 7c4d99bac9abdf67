using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool;

// The three files of a primary quantization map. Each is written whole or not at all; the picture comes last.
static class PrimaryMapFiles
{
    const string Steps = ".q1.npy", Confidence = ".q1conf.npy", Picture = ".map.png";

    public static bool Exist(OutputNames names, InputPicture input) =>
        File.Exists(names.Of(input, Steps)) && File.Exists(names.Of(input, Confidence)) && File.Exists(names.Of(input, Picture));

    public static void Write(string path, PrimaryQuantMap map, ImageBuffer image)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        int[] shape = [PrimaryQuantEstimate.StepCount, map.Height, map.Width];
        OutputFile.Write(path + Steps, stream => NpyWriter.Write(stream, map.Steps, shape));
        OutputFile.Write(path + Confidence, stream => NpyWriter.Write(stream, map.StepConfidence, shape));
        OutputFile.Write(path + Picture, stream => PngWriter.Write(stream, PrimaryQuantMapPicture.Render(map, image.View).View));
    }
}
