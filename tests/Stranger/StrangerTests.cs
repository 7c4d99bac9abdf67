using JpegQualityEstimation.DependencyInjection;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Models;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Onnx;
using JpegQualityEstimation.Training;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Stranger;

// What a user of the packages does on the first day, with nothing but what is public.
public sealed class StrangerTests
{
    [Fact]
    public void BundledModelTellsJpegFromNeverCompressed()
    {
        using IQualityMapEstimator estimator = QualityMapEstimator.Create();
        ImageBuffer original = Scene(192, 160);
        ImageBuffer compressed = JpegRoundTrip.Apply(original.View, JpegCompression.FromQuality(60));

        QualityMap before = estimator.Estimate(original.View);
        QualityMap after = estimator.Estimate(compressed.View);

        Assert.Equal(192, after.Width);
        Assert.Equal(192 * 160, after.Quality.Length);
        Assert.True(after.ReliableCompressed > before.ReliableCompressed + 0.3, $"flag {before.ReliableCompressed} -> {after.ReliableCompressed}");
        Assert.InRange(after.ReliableQuality, 45, 75);
    }

    [Fact]
    public void ABufferOfAnotherLibraryNeedsNoCopy()
    {
        byte[] bgra = new byte[50 * 256];
        new Random(1).NextBytes(bgra);
        using IQualityMapEstimator estimator = QualityMapEstimator.Create(new QualityMapEstimatorOptions { Threads = 1 });
        QualityMap map = estimator.Estimate(new PixelView(bgra, 60, 50, 256, PixelFormat.Bgra32));
        Assert.Equal(50, map.Height);
    }

    [Fact]
    public void FirstTablesAreReadWithAModelOfOnesOwn()
    {
        using var file = new MemoryStream();
        PhaseHistogramNetwork.CreateInitialized(1, new PhaseHistogramOptions { SecondTable = true }).Save(file);
        file.Position = 0;
        using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new PrimaryQuantEstimatorOptions { Network = PrimaryNetwork.Load(file, "mine") });
        ImageBuffer twice = JpegRoundTrip.Apply(
            Scene(112, 91).View, [new JpegRound(JpegCompression.FromQuality(70)), new JpegRound(JpegCompression.FromQuality(90), 3, 5)]);
        int rows = 0;
        PrimaryQuantMap map = estimator.EstimateMap(
            twice.View, QuantTable.StandardLuminance(90), new PrimaryMapOptions { RowReceiver = row => rows += row.Probabilities.Length > 0 ? 1 : 0 });

        Assert.Equal((6, 4), (map.Width, map.Height));
        Assert.Equal(4, rows);
        Assert.Equal(PrimaryQuantEstimate.StepCount * 24, map.Steps.Length);
        Assert.True(map.DeterminedShare > 0.9);
        Assert.InRange(map.Pooled.Steps[0], 1, PrimaryQuantEstimate.LargestStep(0));
        Assert.InRange(map[0, 0].QualityFactor, 51, 100);
        Assert.True(PrimaryQuantMapPicture.Render(map, twice.View).Width >= 600);
        Assert.Throws<ArgumentException>(() => estimator.EstimateMap(Scene(63, 64).View, QuantTable.StandardLuminance(90)));
    }

    [Fact]
    public void FilesAreWrittenAndRead()
    {
        string folder = Directory.CreateTempSubdirectory("stranger").FullName;
        try
        {
            ImageBuffer scene = Scene(70, 50);
            string png = Path.Combine(folder, "scene.png");
            string jpeg = Path.Combine(folder, "scene.jpg");
            using (FileStream stream = File.Create(png))
                PngWriter.Write(stream, scene.View);
            using (FileStream stream = File.Create(jpeg))
                JpegEncoder.Encode(stream, scene.View, JpegCompression.FromQuality(80));

            Assert.Equal(scene.Pixels, ImageFile.Read(png).Pixels);
            Assert.Equal(JpegRoundTrip.Apply(scene.View, JpegCompression.FromQuality(80)).Pixels, ImageFile.Read(jpeg).Pixels);
            Assert.Equal(QuantTable.StandardLuminance(80), JpegHeader.Read(File.ReadAllBytes(jpeg), jpeg).Components[0].Table);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void BrokenFilesAreRefusedByTheTypedError()
    {
        var error = Assert.Throws<ImageFormatException>(() => ImageFile.Read([0xFF, 0xD8, 0xFF], "broken.jpg"));
        Assert.Equal("broken.jpg", error.File);
    }

    [Fact]
    public void AHostHasTheEstimators()
    {
        using ServiceProvider host = new ServiceCollection()
            .AddJpegQualityEstimation(options => options.Quality = new QualityMapEstimatorOptions { Threads = 1 })
            .BuildServiceProvider();
        IQualityMapEstimator estimator = host.GetRequiredService<IQualityMapEstimator>();
        Assert.Same(estimator, host.GetRequiredService<IQualityMapEstimator>());
        Assert.Equal(QualityNetwork.Bundled.Name, estimator.ModelName);
    }

    [Fact]
    public void NetworksAreExported()
    {
        using MemoryStream file = new(), weights = new();
        OnnxExport.Write(file, QualityNetwork.Bundled);
        QualityNetwork.Bundled.Save(weights);
        Assert.InRange(file.Length, 0.9 * weights.Length, 1.1 * weights.Length);
        Assert.Equal(13, OnnxExport.OperatorSet);
    }

    [Fact]
    public void SpecialisedModelsAreThere()
    {
        using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new PrimaryQuantEstimatorOptions { Network = SpecialisedModels.Primary90, Threads = 1 });
        Assert.Equal("primary-90", estimator.ModelNameFor(QuantTable.StandardLuminance(90)));
        Assert.Contains("primary-80", SpecialisedModels.Names);
    }

    [Fact]
    public void RecipesAreThere()
    {
        Assert.Contains("uchida2019", QualityRecipe.BundledNames);
        Assert.Equal(60, QualityRecipe.Load("uchida2019").PatchSize);
        Assert.NotEmpty(QualityNetwork.Bundled.Metadata);
    }

    static ImageBuffer Scene(int width, int height)
    {
        var scene = new ImageBuffer(width, height, PixelFormat.Rgb24);
        var random = new Random(7);
        for (int n = 0; n < 400; n++)
        {
            int x0 = random.Next(width), y0 = random.Next(height), size = random.Next(3, 30);
            byte[] colour = new byte[3];
            random.NextBytes(colour);
            for (int y = y0; y < Math.Min(height, y0 + size); y++)
                for (int x = x0; x < Math.Min(width, x0 + size); x++)
                    for (int c = 0; c < 3; c++)
                        scene.Pixels[(y * width + x) * 3 + c] = (byte)Math.Clamp(colour[c] + random.Next(-6, 7), 0, 255);
        }
        return scene;
    }
}
