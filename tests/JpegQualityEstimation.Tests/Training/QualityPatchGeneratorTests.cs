using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed class QualityPatchGeneratorTests : IDisposable
{
    const string Rich = """
        {"patchSize":24,"batchSize":8,"phase":"random","weight422":1,"weight440":1,"weight444":1,"weightGray":1,"neverCompressed":0.2,
         "scaleShare":0.5,"blurShare":0.3,"sharpenShare":0.3,"noiseShare":0.3,"toneShare":0.5,"exposureShare":0.2,"earlierShare":0.3,"spliceShare":0.3}
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_compressed_patch_is_the_round_trip_of_the_picture_at_its_label()
    {
        // The picture is as large as the patch, so the cut is known.
        TrainingPictures pictures = TrainingScene.Pictures(folder, (24, 24));
        QualityRecipe recipe = TrainingScene.Recipe("""{"patchSize":24,"batchSize":1,"flips":false,"neverCompressed":0,"weight444":1,"weight422":1,"weight440":1}""");
        var generator = new QualityPatchGenerator(recipe, pictures, 5);
        var seen = new HashSet<ChromaSubsampling>();
        for (int step = 0; step < 40; step++)
        {
            (PatchHistory history, byte[] pixels, float[] targets) = Make(generator, recipe, step, 0);
            ImageBuffer expected = JpegRoundTrip.Apply(
                pictures.Pictures[0].Pixels.View, JpegCompression.FromQuality(history.Quality, history.Sampling));
            Assert.Equal(expected.Pixels, pixels);
            Assert.All(Enumerable.Range(0, 24 * 24), i => Assert.Equal(((100 - history.Quality) / 100f, 1f), (targets[2 * i], targets[2 * i + 1])));
            seen.Add(history.Sampling);
        }
        Assert.Equal(4, seen.Count);
    }

    [Fact]
    public void A_patch_that_was_never_compressed_is_a_piece_of_the_picture_and_its_labels_are_zero()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (90, 70));
        QualityRecipe recipe = TrainingScene.Recipe("""{"patchSize":24,"phase":"random","flips":false,"neverCompressed":1}""");
        var generator = new QualityPatchGenerator(recipe, pictures, 5);
        for (int step = 0; step < 20; step++)
        {
            (PatchHistory history, byte[] pixels, float[] targets) = Make(generator, recipe, step, 0);
            Assert.Equal(0, history.Quality);
            Assert.All(targets, value => Assert.Equal(0, value));
            Assert.True(IsPieceOf(pixels, 24, pictures.Pictures[0].Pixels));
        }
    }

    [Fact]
    public void An_earlier_compression_leaves_the_label_of_the_last()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (39, 39));
        QualityRecipe recipe = TrainingScene.Recipe("""{"patchSize":24,"flips":false,"neverCompressed":0,"earlierShare":1,"earlierQuality":[30,40],"quality":[90,99]}""");
        var generator = new QualityPatchGenerator(recipe, pictures, 5);
        for (int step = 0; step < 10; step++)
        {
            (PatchHistory history, byte[] pixels, float[] targets) = Make(generator, recipe, step, 0);
            Assert.InRange(history.EarlierQuality, 30, 40);
            Assert.Equal((100 - history.Quality) / 100f, targets[0]);
            ImageBuffer once = JpegRoundTrip.Apply(pictures.Pictures[0].Pixels.View, JpegCompression.FromQuality(history.EarlierQuality));
            bool found = false;
            for (int y = 0; y < 16 && !found; y++)
                for (int x = 0; x < 16 && !found; x++)
                {
                    ImageBuffer twice = JpegRoundTrip.Apply(once.View.Crop(x, y, 24, 24), JpegCompression.FromQuality(history.Quality));
                    found = twice.Pixels.AsSpan().SequenceEqual(pixels);
                }
            Assert.True(found);
        }
    }

    [Fact]
    public void The_grid_phase_is_uniform()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (60, 60));
        QualityRecipe recipe = TrainingScene.Recipe("""{"patchSize":8,"phase":"random"}""");
        var generator = new QualityPatchGenerator(recipe, pictures, 3);
        int[] rows = new int[16], columns = new int[16];
        const int Draws = 8000;
        for (int i = 0; i < Draws; i++)
        {
            PatchHistory history = Make(generator, recipe, i, 0).History;
            rows[history.Row]++;
            columns[history.Column]++;
        }
        // 15 degrees of freedom: 37.7 is exceeded once in a thousand.
        Assert.InRange(ChiSquare(rows), 0, 37.7);
        Assert.InRange(ChiSquare(columns), 0, 37.7);

        static double ChiSquare(int[] counts) => counts.Sum(n => (n - Draws / 16.0) * (n - Draws / 16.0) / (Draws / 16.0));
    }

    [Fact]
    public void Shares_of_the_recipe_are_kept()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (60, 60));
        QualityRecipe recipe = TrainingScene.Recipe("""{"patchSize":8,"weight420":2,"weight444":1,"weightGray":1,"neverCompressed":0.25,"quality":[50,99]}""");
        var generator = new QualityPatchGenerator(recipe, pictures, 3);
        var histories = Enumerable.Range(0, 4000).Select(i => Make(generator, recipe, i, 0).History).ToList();
        Assert.InRange(histories.Count(h => h.Quality == 0), 900, 1100);
        Assert.InRange(histories.Count(h => h.Sampling == ChromaSubsampling.Samp420), 1880, 2120);
        Assert.InRange(histories.Count(h => h.Sampling == ChromaSubsampling.Gray), 880, 1120);
        var qualities = histories.Where(h => h.Quality > 0).Select(h => (double)h.Quality).ToList();
        Assert.Equal(50, qualities.Min());
        Assert.Equal(99, qualities.Max());
        Assert.InRange(qualities.Average(), 73.5, 75.5);
    }

    [Fact]
    public void Gray_patches_have_three_equal_channels()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (60, 60));
        QualityRecipe recipe = TrainingScene.Recipe("""{"patchSize":24,"weight420":0,"weightGray":1,"neverCompressed":0.5,"noiseShare":0.5,"toneShare":0.5}""");
        var generator = new QualityPatchGenerator(recipe, pictures, 3);
        for (int step = 0; step < 40; step++)
        {
            byte[] pixels = Make(generator, recipe, step, 0).Pixels;
            Assert.All(Enumerable.Range(0, 24 * 24), i => Assert.True(pixels[3 * i] == pixels[3 * i + 1] && pixels[3 * i] == pixels[3 * i + 2]));
        }
    }

    [Theory]
    [InlineData(ChromaSubsampling.Samp420)]
    [InlineData(ChromaSubsampling.Samp444)]
    public void A_gray_copy_compressed_as_colour_equals_one_component(ChromaSubsampling sampling)
    {
        ImageBuffer picture = TrainingScene.Texture(50, 41, 1);
        for (int i = 0; i < picture.Pixels.Length; i += 3)
            picture.Pixels.AsSpan(i, 3).Fill(picture.Pixels[i]);
        foreach (int quality in new[] { 5, 50, 90, 100 })
        {
            Assert.Equal(
                JpegRoundTrip.Apply(picture.View, JpegCompression.FromQuality(quality, ChromaSubsampling.Gray)).Pixels,
                JpegRoundTrip.Apply(picture.View, JpegCompression.FromQuality(quality, sampling)).Pixels);
        }
    }

    [Fact]
    public void A_patch_depends_on_seed_step_and_index_alone()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (120, 90), (70, 100));
        QualityRecipe recipe = TrainingScene.Recipe(Rich);
        int length = 24 * 24;
        byte[] batch = new byte[8 * 3 * length];
        float[] targets = new float[8 * 2 * length];
        new QualityPatchGenerator(recipe, pictures, 9).Fill(7, batch, targets);

        // Any order, other steps in between, many threads, one shared generator.
        var shared = new QualityPatchGenerator(recipe, pictures, 9);
        Parallel.For(0, 64, i =>
        {
            int step = i / 8, index = 7 - i % 8;
            (_, byte[] pixels, float[] own) = Make(shared, recipe, step, index);
            if (step == 7)
            {
                Assert.True(pixels.AsSpan().SequenceEqual(batch.AsSpan(3 * length * index, 3 * length)));
                Assert.True(own.AsSpan().SequenceEqual(targets.AsSpan(2 * length * index, 2 * length)));
            }
        });
        Assert.NotEqual(batch, Fill(new QualityPatchGenerator(recipe, pictures, 10), 7));
        Assert.NotEqual(batch, Fill(new QualityPatchGenerator(recipe, pictures, 9), 8));

        byte[] Fill(QualityPatchGenerator generator, long step)
        {
            byte[] patches = new byte[batch.Length];
            generator.Fill(step, patches, new float[targets.Length]);
            return patches;
        }
    }

    [Fact]
    public void Splices_carry_both_labels()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (60, 60));
        QualityRecipe recipe = TrainingScene.Recipe("""{"patchSize":24,"neverCompressed":0.5,"spliceShare":1}""");
        var generator = new QualityPatchGenerator(recipe, pictures, 3);
        int two = 0;
        for (int step = 0; step < 60; step++)
        {
            float[] targets = Make(generator, recipe, step, 0).Targets;
            int flags = Enumerable.Range(0, 24 * 24).Select(i => targets[2 * i + 1]).Distinct().Count();
            two += flags == 2 ? 1 : 0;
        }
        Assert.InRange(two, 15, 45);
    }

    [Fact]
    public void Pictures_that_just_suffice_are_enough_for_every_setting()
    {
        QualityRecipe recipe = TrainingScene.Recipe(Rich);
        int side = QualityPatchGenerator.LeastPictureSide(recipe);
        Assert.Equal(24 + 15 + 15, side);
        TrainingPictures pictures = TrainingScene.Pictures(folder, (side, side), (side, side + 1));
        var generator = new QualityPatchGenerator(recipe, pictures, 3);
        for (int step = 0; step < 300; step++)
            Make(generator, recipe, step, 0);
    }

    static (PatchHistory History, byte[] Pixels, float[] Targets) Make(QualityPatchGenerator generator, QualityRecipe recipe, long step, int index)
    {
        int area = recipe.PatchSize * recipe.PatchSize;
        byte[] pixels = new byte[3 * area];
        float[] targets = new float[2 * area];
        return (generator.FillPatch(step, index, pixels, targets), pixels, targets);
    }

    static bool IsPieceOf(byte[] pixels, int side, ImageBuffer picture)
    {
        for (int y = 0; y <= picture.Height - side; y++)
        {
            for (int x = 0; x <= picture.Width - side; x++)
            {
                bool same = true;
                for (int row = 0; row < side && same; row++)
                    same = picture.View.Row(y + row).Slice(3 * x, 3 * side).SequenceEqual(pixels.AsSpan(3 * side * row, 3 * side));
                if (same)
                    return true;
            }
        }
        return false;
    }
}
