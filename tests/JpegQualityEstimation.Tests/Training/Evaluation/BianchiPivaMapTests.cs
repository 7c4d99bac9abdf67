using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class BianchiPivaMapTests
{
    const int Width = 384, Height = 256, Last = 92;

    static readonly ImageBuffer original = SyntheticPicture.Create(Width + 8, Height + 8, 11);

    [Fact]
    public void Coefficients_are_those_of_the_orthonormal_transform()
    {
        var picture = new ImageBuffer(24, 16, PixelFormat.Gray8);
        for (int i = 0; i < picture.Pixels.Length; i++)
            picture.Pixels[i] = (byte)(i * 37 % 251);
        var transform = new BlockTransform(picture.View);
        float[] dc = transform.Coefficients(0, 3, 5);
        Assert.Equal((1, 2, 2), (transform.Rows(3), transform.Columns(5), dc.Length));
        double sum = 0, energy = 0, squares = 0;
        for (int y = 0; y < 8; y++)
            for (int x = 0; x < 8; x++)
            {
                double value = picture.Pixels[(y + 3) * 24 + x + 13] - 128.0;
                sum += value;
                squares += value * value;
            }
        for (int k = 0; k < 64; k++)
            energy += Math.Pow(transform.Coefficients(k, 3, 5)[1], 2);
        Assert.Equal(sum / 8, dc[1], 2);
        Assert.Equal(1, energy / squares, 5);
    }

    [Fact]
    public void A_comb_keeps_its_mass_at_the_multiples()
    {
        var prior = new double[BianchiPivaModel.Cells];
        for (int v = -40; v <= 40; v++)
            prior[BianchiPivaModel.Centre + v] = 1;
        foreach (int step in new[] { 1, 4, 7 })
        {
            double[] comb = BianchiPivaModel.Comb(prior, step, 0.3, 2);
            Assert.Equal(81, comb.Sum(), 9);
            Assert.True(comb[BianchiPivaModel.Centre + 5 * step] > 0.9 * step);
            double[] levels = BianchiPivaModel.Levels(comb, step);
            Assert.Equal(81, levels.Sum(), 9);
            Assert.Equal(step, levels[levels.Length / 2 + 3], 2);
        }
        double[] probabilities = BianchiPivaModel.Probabilities([0, 3, 1], 8);
        Assert.Equal([1 / 11.0, 7 / 11.0, 3 / 11.0], probabilities);
    }

    [Fact]
    public void A_mixture_gains_nothing_from_what_is_not_there()
    {
        double[] once = [0.5, 0.25, 0.25], twice = [0.8, 0.1, 0.1];
        Assert.InRange(BianchiPivaModel.Gain([500, 250, 250], once, twice), -1, 0.5);
        Assert.InRange(BianchiPivaModel.Gain([800, 100, 100], once, twice), 150, 200);
    }

    [Fact]
    public void Blocks_compressed_twice_on_one_grid_stand_out() => AssertStandsOut(BianchiPivaAlignedMap.Of, 0, 0);

    [Fact]
    public void Blocks_compressed_twice_on_two_grids_stand_out()
    {
        BlockMap map = AssertStandsOut(BianchiPivaShiftedMap.Of, 3, 6);
        Assert.Equal((5, 2), (map.OriginRow, map.OriginColumn));
    }

    [Fact]
    public void The_smaller_class_is_foreign_and_specks_are_not()
    {
        // 32x32 blocks: a square of 8x8 below the threshold, one block beside it.
        float[] ratios = [.. Enumerable.Repeat(1f, 32 * 32)];
        for (int y = 8; y < 16; y++)
            ratios.AsSpan(y * 32 + 8, 8).Fill(-1);
        ratios[24 * 32 + 24] = -20;
        var picture = new ImageBuffer(256, 256, PixelFormat.Rgb24);
        foreach (int sign in new[] { 1, -1 })
        {
            var map = new BlockMap(32, 32, 0, 0, Array.ConvertAll(ratios, ratio => sign * ratio));
            using var reader = new TamperedRegionReader((_, _) => map, 0, 5);
            RegionFinding finding = reader.Read(picture.View, QuantTable.StandardLuminance(90));
            Assert.Equal(2, finding.Sources.Count);
            Assert.Equal(64, finding.Labels.Count(label => label == 1) / 64.0, 5.0);
            Assert.Equal((1, 0, 0), (finding.Labels[100 * 256 + 100], finding.Labels[196 * 256 + 196], finding.Labels[0]));
        }
        using var even = new TamperedRegionReader((_, _) => new BlockMap(32, 32, 0, 0, new float[32 * 32]), 0, 5);
        Assert.Single(even.Read(picture.View, QuantTable.StandardLuminance(90)).Sources);
    }

    // The left half was compressed before, the right half was not.
    static BlockMap AssertStandsOut(BlockMapper mapper, int shiftRow, int shiftColumn)
    {
        ImageBuffer once = JpegRoundTrip.Apply(original.View, JpegCompression.FromQuality(65));
        var pasted = new ImageBuffer(Width, Height, PixelFormat.Rgb24);
        for (int y = 0; y < Height; y++)
        {
            original.View.Row(y + shiftRow).Slice(3 * shiftColumn, 3 * Width).CopyTo(pasted.Target.Row(y));
            once.View.Row(y + shiftRow).Slice(3 * shiftColumn, 3 * Width / 2).CopyTo(pasted.Target.Row(y));
        }
        ImageBuffer picture = JpegRoundTrip.Apply(pasted.View, JpegCompression.FromQuality(Last));
        BlockMap map = mapper(picture.View, QuantTable.StandardLuminance(Last));
        int right = 0, all = 0;
        for (int i = 0; i < map.Ratios.Length; i++)
        {
            int column = i % map.Columns;
            if (column is 23 or 24)
                continue;
            right += map.Ratios[i] > 0 == column < 24 ? 1 : 0;
            all++;
        }
        Assert.True(right > 0.75 * all, $"{right} of {all} blocks");
        return map;
    }
}
