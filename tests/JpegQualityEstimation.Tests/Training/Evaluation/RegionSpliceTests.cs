using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Training;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class RegionSpliceTests
{
    static readonly ImageBuffer[] pictures = [TrainingScene.Texture(200, 168, 1), TrainingScene.Texture(200, 168, 2), TrainingScene.Texture(200, 168, 3)];

    [Theory]
    [InlineData("75+95+85-shifted-90")]
    [InlineData("75+70-aligned-80")]
    [InlineData("0+75-mixed-95")]
    [InlineData("0-aligned-90")]
    public void Regions_are_parts_of_their_donors_on_their_own_grids(string name)
    {
        RegionScenario scenario = RegionScenario.Parse(name);
        Assert.Equal(name, scenario.Name);
        RegionSplice splice = RegionSplice.Create(pictures, scenario, 1, seed: 5);
        Assert.Equal((192, 160), (splice.Picture.Width, splice.Picture.Height));
        Assert.Equal(JpegRoundTrip.Apply(splice.Pasted.View, JpegCompression.FromQuality(scenario.Last)).Pixels, splice.Picture.Pixels);
        for (int s = 0; s < splice.Sources.Count; s++)
        {
            RegionTruth source = splice.Sources[s];
            Assert.Equal(s == 0 ? scenario.Ground : scenario.Donors[s - 1], source.Quality);
            Assert.Equal(scenario.Grids == RegionGrids.Shifted || scenario.Grids == RegionGrids.Mixed && s > 0, !source.IsAligned);
            Assert.Single(pictures, picture => Holds(splice, s, picture));
        }
    }

    [Fact]
    public void Donors_have_shares_of_all_bands_and_the_ground_is_the_largest()
    {
        RegionScenario scenario = RegionScenario.Parse("75+95+85-aligned-90");
        for (int number = 0; number < 12; number++)
        {
            RegionSplice splice = RegionSplice.Create(pictures, scenario, number, seed: 1);
            ValueRange first = RegionSplice.Bands[number % 3];
            Assert.InRange(splice.Share(1), first.From - 1e-4, first.To + 1e-4);
            Assert.True(splice.Share(0) > Math.Max(splice.Share(1), splice.Share(2)));
            Assert.Equal(1, splice.Share(0) + splice.Share(1) + splice.Share(2), 12);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_picture_whatever_else_is_made()
    {
        RegionScenario scenario = RegionScenario.Parse("75+95-mixed-90");
        RegionSplice one = RegionSplice.Create(pictures, scenario, 3, seed: 7), again = RegionSplice.Create(pictures, scenario, 3, seed: 7);
        Assert.Equal(one.Picture.Pixels, again.Picture.Pixels);
        Assert.Equal(one.Sources.Select(s => (s.Quality, s.ShiftRow, s.ShiftColumn)), again.Sources.Select(s => (s.Quality, s.ShiftRow, s.ShiftColumn)));
        Assert.True(one.RegionOf.SequenceEqual(again.RegionOf));
        Assert.NotEqual(one.Picture.Pixels, RegionSplice.Create(pictures, scenario, 3, seed: 8).Picture.Pixels);
        Assert.NotEqual(one.Picture.Pixels, RegionSplice.Create(pictures, scenario, 4, seed: 7).Picture.Pixels);
    }

    [Theory]
    [InlineData("75")]
    [InlineData("75+95+85+60-shifted-90")]
    [InlineData("75-askew-90")]
    [InlineData("101-shifted-90")]
    [InlineData("75-shifted-0")]
    [InlineData("75+-shifted-90")]
    public void Wrong_names_are_refused(string name) => Assert.Throws<FormatException>(() => RegionScenario.Parse(name));

    [Fact]
    public void The_standard_names_are_read_back_and_differ()
    {
        Assert.All(RegionScenario.Standard, scenario => Assert.Equal(scenario, RegionScenario.Parse(scenario.Name)));
        Assert.Equal(RegionScenario.Standard.Count, RegionScenario.Standard.Distinct().Count());
        Assert.Contains(RegionScenario.Standard, scenario => scenario.IsGenuine);
    }

    static bool Holds(RegionSplice splice, int s, ImageBuffer picture)
    {
        RegionTruth source = splice.Sources[s];
        ImageBuffer once = source.Quality == 0 ? picture : JpegRoundTrip.Apply(picture.View, JpegCompression.FromQuality(source.Quality));
        int width = splice.Picture.Width;
        for (int i = 0; i < splice.RegionOf.Length; i++)
        {
            if (splice.RegionOf[i] != s)
                continue;
            int x = i % width, y = i / width;
            if (!splice.Pasted.View.Row(y).Slice(3 * x, 3).SequenceEqual(once.View.Row(y + source.ShiftRow).Slice(3 * (x + source.ShiftColumn), 3)))
                return false;
        }
        return true;
    }
}
