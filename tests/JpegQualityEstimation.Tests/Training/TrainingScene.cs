using JpegQualityEstimation.Images;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training;
using Xunit;

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

    /// <summary>The checkpoints beside two models hold the same values, bit for bit.</summary>
    public static void AssertSameCheckpoint(string one, string other, int parameters)
    {
        SafetensorsContent a = Safetensors.Read(Path.ChangeExtension(one, ".checkpoint.safetensors"));
        SafetensorsContent b = Safetensors.Read(Path.ChangeExtension(other, ".checkpoint.safetensors"));
        foreach (string name in new[] { "parameters", "average", "adam.first", "adam.second" })
            Assert.True(a.Require(name, [parameters]).Values.AsSpan().SequenceEqual(b.Require(name, [parameters]).Values), name);
    }

    public static QualityRecipe Recipe(string json) => QualityRecipe.Parse(json, "test.json");
}

// Does something once, when a run is at a step.
sealed class AtStep(long step, Action action) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Step == step)
            action();
    }
}
