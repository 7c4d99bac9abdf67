using JpegQualityEstimation.Images;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Tests.Training;

static class TrainingScene
{
    /// <summary>Small textured pictures of the given sizes in a new folder "pictures" below the given one.</summary>
    public static TrainingPictures Pictures(TemporaryFolder folder, params (int Width, int Height)[] sizes) =>
        TrainingPictures.Load([Folder(folder, sizes)], 8);

    public static string Folder(TemporaryFolder folder, params (int Width, int Height)[] sizes)
    {
        string path = folder.File("pictures");
        Directory.CreateDirectory(path);
        for (int i = 0; i < sizes.Length; i++)
            Save(System.IO.Path.Combine(path, $"p{i}.png"), Texture(sizes[i].Width, sizes[i].Height, i));
        return path;
    }

    public static ImageBuffer Texture(int width, int height, int seed)
    {
        var picture = new ImageBuffer(width, height, PixelFormat.Rgb24);
        var random = new Random(seed);
        double fx = 0.1 + 0.3 * random.NextDouble(), fy = 0.1 + 0.3 * random.NextDouble();
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double wave = 128 + 60 * Math.Sin(fx * x) * Math.Cos(fy * y);
                for (int c = 0; c < 3; c++)
                    picture.Pixels[3 * (y * width + x) + c] = (byte)Math.Clamp(wave + 20 * c + random.Next(-25, 26), 0, 255);
            }
        }
        return picture;
    }

    public static void Save(string path, ImageBuffer picture) =>
        OutputFile.Write(path, stream => PngWriter.Write(stream, picture.View));

    public static QualityRecipe Recipe(string json) => QualityRecipe.Parse(json, "test.json");
}
