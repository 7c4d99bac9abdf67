using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed class TrainingPicturesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_cannot_be_used_is_reported_and_skipped()
    {
        string data = TrainingScene.Folder(folder, (60, 50), (20, 90));
        Directory.CreateDirectory(Path.Combine(data, "deep"));
        TrainingScene.Save(Path.Combine(data, "deep", "below.png"), TrainingScene.Texture(40, 40, 1));
        File.WriteAllBytes(Path.Combine(data, "photo.jpg"), [0xFF, 0xD8, 0xFF, 0xE0]);
        File.WriteAllBytes(Path.Combine(data, "disguised.png"), [0xFF, 0xD8, 0xFF, 0xE0]);
        File.WriteAllText(Path.Combine(data, "broken.png"), "no picture");
        File.WriteAllText(Path.Combine(data, "notes.txt"), "not even called one");
        var skipped = new Dictionary<string, string>();
        TrainingPictures pictures = TrainingPictures.Load([data], 32, skipped.Add);
        Assert.Equal(["pictures/deep/below.png", "pictures/p0.png"], pictures.Pictures.Select(p => p.Name));
        Assert.Equal(["pictures/broken.png", "pictures/disguised.png", "pictures/p1.png", "pictures/photo.jpg"], skipped.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("JPEG", skipped["pictures/photo.jpg"]);
        Assert.Contains("JPEG", skipped["pictures/disguised.png"]);
        Assert.Contains("20x90", skipped["pictures/p1.png"]);
    }

    [Fact]
    public void Gray_files_become_three_equal_channels()
    {
        var gray = new ImageBuffer(9, 8, PixelFormat.Gray8);
        Random.Shared.NextBytes(gray.Pixels);
        TrainingScene.Save(folder.File("g.png"), gray);
        ImageBuffer loaded = TrainingPictures.Load([folder.Path], 8).Pictures[0].Pixels;
        Assert.Equal(PixelFormat.Rgb24, loaded.Format);
        Assert.Equal(gray.Pixels.SelectMany(v => new[] { v, v, v }), loaded.Pixels);
    }

    [Fact]
    public void The_manifest_knows_names_and_bytes_and_not_the_place()
    {
        string data = TrainingScene.Folder(folder, (30, 30), (31, 30));
        string hash = TrainingPictures.Load([data], 8).ManifestHash;
        Assert.Matches("^[0-9a-f]{64}$", hash);
        using var elsewhere = new TemporaryFolder();
        Assert.Equal(hash, TrainingPictures.Load([TrainingScene.Folder(elsewhere, (30, 30), (31, 30))], 8).ManifestHash);
        File.Move(Path.Combine(data, "p0.png"), Path.Combine(data, "q0.png"));
        Assert.NotEqual(hash, TrainingPictures.Load([data], 8).ManifestHash);
    }

    [Fact]
    public void Empty_and_missing_folders_are_errors()
    {
        Assert.Throws<InvalidDataException>(() => TrainingPictures.Load([folder.Path], 8));
        Assert.Throws<DirectoryNotFoundException>(() => TrainingPictures.Load([folder.File("none")], 8));
    }

    [Fact]
    public void Two_sizes_of_one_number_are_held_out_together()
    {
        for (int i = 0; i < 10; i++)
        {
            TrainingScene.Save(folder.File($"d_{i:D4}.png"), TrainingScene.Texture(16, 16, i));
            TrainingScene.Save(folder.File($"bd_{i:D4}.png"), TrainingScene.Texture(24, 24, i));
        }
        (TrainingPictures training, TrainingPictures held) = TrainingPictures.Load([folder.Path], 8).Split(0.3);
        Assert.Equal((14, 6), (training.Pictures.Count, held.Pictures.Count));
        static string Number(TrainingPicture p) => p.Name[^8..];
        Assert.Empty(training.Pictures.Select(Number).Intersect(held.Pictures.Select(Number)));
    }

    [Fact]
    public void Flips_and_turns_are_eight_different_ones()
    {
        ImageBuffer picture = TrainingScene.Texture(12, 12, 4);
        var seen = new HashSet<string>();
        for (int which = 0; which < 8; which++)
        {
            var crop = new PatchCrop(12);
            crop.Cut(picture, 0, 0);
            crop.Turn(which);
            byte[] bytes = new byte[3 * 144];
            crop.Store(bytes);
            seen.Add(Convert.ToHexString(bytes));
            Assert.Equal(picture.Pixels.Sum(v => v), bytes.Sum(v => v));
        }
        Assert.Equal(8, seen.Count);
    }

    [Fact]
    public void Blur_and_scale_keep_flat_pictures_flat()
    {
        var picture = new ImageBuffer(40, 40, PixelFormat.Rgb24);
        picture.Pixels.AsSpan().Fill(77);
        foreach (ResampleKernel kernel in Enum.GetValues<ResampleKernel>())
        {
            foreach (double scale in new[] { 0.5, 0.77, 1.3, 2 })
            {
                var crop = new PatchCrop(16);
                crop.CutScaled(picture, 0, 40 - 16 / scale, scale, kernel);
                crop.Blur(1.1);
                crop.Sharpen(1);
                byte[] bytes = new byte[3 * 256];
                crop.Store(bytes);
                Assert.All(bytes, value => Assert.Equal(77, value));
            }
        }
    }

    [Fact]
    public void Plots_have_round_ticks_and_show_their_curves()
    {
        Assert.Equal([0, 20, 40, 60, 80, 100], LinePlot.Ticks(0, 100, 5));
        Assert.Equal([-0.5, 0, 0.5, 1], LinePlot.Ticks(-0.6, 1.1, 4));
        var plot = new LinePlot { Title = "t" };
        plot.Add("a", [new PlotPoint(0, 0), new PlotPoint(1, 1, 0.2)]);
        ImageBuffer picture = plot.Draw(300, 200);
        Assert.Contains(Enumerable.Range(0, 300 * 200), i => picture.Pixels.AsSpan(3 * i, 3) is [31, 119, 180]);
        new LinePlot().Draw(200, 200);
        var logarithmic = new LinePlot { YIsLogarithmic = true };
        logarithmic.Add("a", [new PlotPoint(0, 0), new PlotPoint(1, 1e-6), new PlotPoint(2, 1e6)]);
        logarithmic.Draw(200, 200);
    }

    [Fact]
    public void A_log_is_read_back_up_to_a_step()
    {
        var log = new TrainingLog(TrainingMeasures.Quality);
        for (int i = 1; i <= 3; i++)
            log.Add(new TrainingLogRow(50 * i, i, [0.1, 0.2], 1e-3, 40, i == 2 ? [0.3, 0.4] : null));
        string path = folder.File("log.csv");
        log.Write(path);
        TrainingLog read = TrainingLog.Read(path, 100, TrainingMeasures.Quality);
        Assert.Equal([50L, 100L], read.Rows.Select(row => row.Step));
        Assert.Equal([0.3, 0.4], read.Rows[1].Validation!);
        Assert.Null(read.Rows[0].Validation);
        Assert.Empty(TrainingLog.Read(folder.File("none.csv"), 100, TrainingMeasures.Quality).Rows);
        File.WriteAllText(path, "something else\n");
        Assert.Throws<InvalidDataException>(() => TrainingLog.Read(path, 100, TrainingMeasures.Quality));
    }
}
