using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Findings;

public sealed class RegionFinderTests
{
    static bool InDisc(int y, int x, int cy, int cx, int radius) => (y - cy) * (y - cy) + (x - cx) * (x - cx) <= radius * radius;

    static int TwoDiscs(int y, int x) => InDisc(y, x, 12, 14, 9) ? 1 : InDisc(y, x, 20, 42, 7) ? 2 : 0;

    static double Agreement(RegionScene scene, RegionMap map)
    {
        int same = 0, all = scene.Rows * scene.Columns;
        for (int i = 0; i < all; i++)
            same += map.WindowLabels[i] == scene.SourceOf(i) ? 1 : 0;
        return (double)same / all;
    }

    [Theory]
    [InlineData(75, 11)]
    [InlineData(97, 0)]
    [InlineData(51, 63)]
    public void OneHistoryIsOneSource(int quality, int shift)
    {
        RegionMap map = RegionFinder.Find(new RegionScene(20, 30, (_, _) => 0, (quality, shift)).Map());
        RegionSource only = Assert.Single(map.Sources);
        Assert.False(map.HasSeveralSources);
        Assert.Equal((0, RegionSourceKind.Background, 1.0, 0.0), (only.Label, only.Kind, only.Share, only.Evidence));
        Assert.Equal(new PixelBox(0, 0, map.PictureWidth, map.PictureHeight), only.Bounds);
        Assert.Equal((shift / 8, shift % 8), (only.Shift!.Value.Row, only.Shift.Value.Column));
        Assert.Equal(shift == 0, only.IsAligned);
        Assert.All(map.WindowLabels.ToArray(), label => Assert.Equal(0, label));
    }

    [Fact]
    public void SourcesAreCountedPlacedAndRead()
    {
        var scene = new RegionScene(32, 56, TwoDiscs, (75, 11), (95, 52), (60, 3)) { WrongShare = 0.1 };
        RegionMap map = RegionFinder.Find(scene.Map());
        Assert.Equal(3, map.Sources.Count);
        Assert.InRange(Agreement(scene, map), 0.97, 1);
        Assert.Equal([75, 95, 60], map.Sources.Select(source => source.Primary.QualityFactor));
        Assert.Equal([(1, 3), (6, 4), (0, 3)], map.Sources.Select(source => (source.Shift!.Value.Row, source.Shift.Value.Column)));
        Assert.Equal([RegionSourceKind.Background, RegionSourceKind.Donor, RegionSourceKind.Donor], map.Sources.Select(source => source.Kind));
        Assert.Equal(1, map.Sources.Sum(source => source.Share), 9);
        Assert.All(map.Sources.Skip(1), source => Assert.InRange(source.Evidence, RegionOptions.Default.MinimumEvidence, 1000));
        Assert.All(map.Sources, source => Assert.InRange(source.Confidence, 0.9f, 1));
    }

    [Theory]
    [InlineData(75, 75)]
    [InlineData(75, 70)]
    [InlineData(96, 75)]
    public void AnotherGridIsEnough(int ground, int donor)
    {
        var scene = new RegionScene(24, 40, (y, x) => InDisc(y, x, 12, 20, 5) ? 1 : 0, (ground, 18), (donor, 44));
        RegionMap map = RegionFinder.Find(scene.Map());
        Assert.Equal(2, map.Sources.Count);
        Assert.InRange(Agreement(scene, map), 0.98, 1);
    }

    // The second compression is 90: what is as fine leaves a trace in some places and none in others.
    [Theory]
    [InlineData(100, 0, 90, 44, 1)]
    [InlineData(92, 44, 100, 0, 1)]
    [InlineData(100, 0, 85, 44, 2)]
    [InlineData(75, 18, 100, 0, 2)]
    public void ATraceThatNeedNotBeEverywhereMakesNoSource(int ground, int groundShift, int donor, int donorShift, int sources)
    {
        var scene = new RegionScene(24, 40, (y, x) => InDisc(y, x, 12, 20, 8) ? 1 : 0, (ground, groundShift), (donor, donorShift));
        Assert.Equal(sources, RegionFinder.Find(scene.Map()).Sources.Count);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 9)]
    [InlineData(false, 0)]
    public void AnotherQualityOnTheSameGridIsEnough(bool hasShifts, int shift)
    {
        var scene = new RegionScene(32, 56, TwoDiscs, (75, shift), (60, shift), (92, shift)) { HasShifts = hasShifts };
        RegionMap map = RegionFinder.Find(scene.Map());
        Assert.Equal(3, map.Sources.Count);
        Assert.InRange(Agreement(scene, map), 0.97, 1);
        Assert.Equal(hasShifts ? shift == 0 : null, map.Sources[1].IsAligned);
    }

    [Fact]
    public void TheOrderOfDonorsDoesNotMatter()
    {
        RegionMap one = RegionFinder.Find(new RegionScene(32, 56, TwoDiscs, (75, 11), (95, 52), (60, 3)).Map());
        RegionMap other = RegionFinder.Find(new RegionScene(32, 56, TwoDiscs, (75, 11), (60, 3), (95, 52)).Map());
        Assert.Equal(one.WindowLabels, other.WindowLabels);
        Assert.Equal(one.Sources[1].Primary.QualityFactor, other.Sources[2].Primary.QualityFactor);
    }

    [Fact]
    public void ErrorsHereAndThereAreNoSource()
    {
        RegionMap map = RegionFinder.Find(new RegionScene(40, 60, (_, _) => 0, (80, 20)) { WrongShare = 0.4 }.Map());
        Assert.False(map.HasSeveralSources);
    }

    [Fact]
    public void WhatIsUndeterminedStaysOut()
    {
        var scene = new RegionScene(32, 56, TwoDiscs, (75, 11), (95, 52), (60, 3)) { DeterminedAt = (y, x) => y < 24 || x < 20 };
        RegionMap map = RegionFinder.Find(scene.Map());
        short[] pixels = map.ToPixelLabels();
        for (int y = 0; y < scene.Rows; y++)
        {
            for (int x = 0; x < scene.Columns; x++)
            {
                int i = y * scene.Columns + x;
                Assert.Equal(!scene.DeterminedAt(y, x), map.WindowLabels[i] == RegionMap.Undetermined);
                Assert.Equal(map.WindowLabels[i] == RegionMap.Undetermined, map.WindowConfidence[i] == 0);
            }
        }
        Assert.Equal(RegionMap.Undetermined, pixels[^1]);
        Assert.Equal(1, map.Sources.Sum(source => source.Share), 9);
        RegionMap nothing = RegionFinder.Find(new RegionScene(5, 5, (_, _) => 0, (75, 1)) { DeterminedAt = (_, _) => false }.Map());
        RegionSource only = Assert.Single(nothing.Sources);
        Assert.Equal((0.0, default(PixelBox), false), (only.Share, only.Bounds, only.Primary.Determined));
        Assert.All(nothing.ToPixelLabels(), label => Assert.Equal(RegionMap.Undetermined, label));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(40, 1)]
    [InlineData(2, 3)]
    public void SmallMapsAreAnswered(int rows, int columns)
    {
        RegionMap one = RegionFinder.Find(new RegionScene(rows, columns, (_, _) => 0, (75, 11)).Map());
        Assert.False(one.HasSeveralSources);
        Assert.Equal(one.PictureWidth * one.PictureHeight, one.ToPixelLabels().Count(label => label == 0));
        RegionMap two = RegionFinder.Find(new RegionScene(rows, columns, (y, x) => y + x >= 20 ? 1 : 0, (75, 11), (60, 30)).Map());
        Assert.InRange(two.Sources.Count, 1, 2);
    }

    [Fact]
    public void EvidenceOfAMapIsTheSameHoweverItsRowsCome()
    {
        PrimaryQuantMap map = new RegionScene(32, 56, TwoDiscs, (75, 11), (95, 52), (60, 3)) { WrongShare = 0.2 }.Map();
        var evidence = new RegionEvidence();
        for (int y = map.Height - 1; y >= 0; y--)
            evidence.Receive(map.ProbabilityRow(y));
        RegionMap expected = RegionFinder.Find(map), again = RegionFinder.Find(map), received = RegionFinder.Find(map, evidence);
        Assert.Equal(expected.WindowConfidence, again.WindowConfidence);
        Assert.Equal(expected.WindowConfidence, received.WindowConfidence);
        Assert.Equal(expected.WindowLabels, received.WindowLabels);
        Assert.Equal(expected.ToPixelLabels(), received.ToPixelLabels());
    }

    [Fact]
    public void AMapWithoutProbabilitiesIsReadWithItsEvidence()
    {
        PrimaryQuantMap kept = new RegionScene(32, 56, TwoDiscs, (75, 11), (95, 52), (60, 3)).Map();
        PrimaryQuantMap bare = new RegionScene(32, 56, TwoDiscs, (75, 11), (95, 52), (60, 3)) { Keep = false }.Map();
        Assert.Contains("KeepProbabilities", Assert.Throws<ArgumentException>(() => RegionFinder.Find(bare)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RegionFinder.Find(bare, new RegionEvidence()));
        var evidence = new RegionEvidence();
        for (int y = 0; y < kept.Height; y++)
            evidence.Receive(kept.ProbabilityRow(y));
        RegionMap expected = RegionFinder.Find(kept), map = RegionFinder.Find(bare, evidence);
        Assert.Equal(expected.WindowLabels, map.WindowLabels);
        Assert.Equal(expected.Sources.Select(s => s.Primary.QualityFactor), map.Sources.Select(s => s.Primary.QualityFactor));
        Assert.Equal(expected.Sources.Select(s => s.Primary.Steps.ToArray()), map.Sources.Select(s => s.Primary.Steps.ToArray()));
    }

    [Fact]
    public void LargeMapsAreSearchedOnSomeOfTheirWindows()
    {
        var scene = new RegionScene(260, 270, (y, x) => InDisc(y, x, 100, 150, 40) ? 1 : 0, (75, 11), (75, 52));
        RegionMap map = RegionFinder.Find(scene.Map());
        Assert.Equal(2, map.Sources.Count);
        Assert.InRange(Agreement(scene, map), 0.995, 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void NeverCompressedPartsAreASourceOfTheirOwn(int flagOfRest)
    {
        var scene = new RegionScene(32, 56, (_, _) => 0, (75, 11));
        PrimaryQuantMap map = scene.Map();
        int width = map.PictureWidth, height = map.PictureHeight;
        float[] quality = new float[width * height], compressed = new float[width * height];
        byte[] reliability = new byte[width * height];
        reliability.AsSpan().Fill(255);
        for (int i = 0; i < compressed.Length; i++)
            compressed[i] = i % width < width / 3 ? 0.02f : flagOfRest;
        RegionMap found = RegionFinder.Find(map, new QualityMap(width, height, quality, compressed, reliability));
        if (flagOfRest == 0)
        {
            Assert.False(found.HasSeveralSources);
            return;
        }
        Assert.Equal([RegionSourceKind.Background, RegionSourceKind.NeverCompressed], found.Sources.Select(source => source.Kind));
        Assert.InRange(found.Sources[1].Share, 0.3, 0.36);
        Assert.InRange(found.Sources[1].CompressedShare!.Value, 0, 0.1);
        Assert.InRange(found.Sources[0].CompressedShare!.Value, 0.9, 1);
        Assert.Throws<ArgumentException>(() => RegionFinder.Find(map, new QualityMap(1, 1, [1], [1], [255])));
    }

    [Fact]
    public void OptionsOutsideTheirRangeAreRefused()
    {
        PrimaryQuantMap map = new RegionScene(2, 2, (_, _) => 0, (75, 1)).Map();
        RegionOptions[] wrong =
        [
            new() { MinimumShare = 0 }, new() { MinimumShare = double.NaN }, new() { MinimumArea = 0 }, new() { MinimumEvidence = -1 },
            new() { MinimumEvidence = double.NaN }, new() { MaximumSources = 0 }, new() { MaximumSources = 65 },
        ];
        Assert.All(wrong, options => Assert.Throws<ArgumentOutOfRangeException>(() => RegionFinder.Find(map, options: options)));
    }

    [Fact]
    public void TheMostSourcesAreNeverExceeded()
    {
        PrimaryQuantMap map = new RegionScene(32, 56, TwoDiscs, (75, 11), (95, 52), (60, 3)).Map();
        Assert.Equal(2, RegionFinder.Find(map, options: new() { MaximumSources = 2 }).Sources.Count);
        Assert.Single(RegionFinder.Find(map, options: new() { MaximumSources = 1 }).Sources);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void PicturesAreReadFromEndToEnd(bool spliced)
    {
        Skip.If(PrimaryNetworks.BundledNames.Count == 0, "this build carries no model for primary quantization");
        PrimarySpliceRegion ground = new("ground", 75, 5, 1), donor = new("donor", 65, 2, 6, 0.5, 0.5, 0.25, 0.35);
        const int Width = 320, Height = 224;
        var splice = new PrimarySplice(
            spliced ? [ground, donor] : [ground], region => SyntheticPicture.Create(Width + PrimarySplice.Room, Height + PrimarySplice.Room, (ulong)region + 1),
            Width, Height, JpegCompression.FromQuality(90));
        using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new() { Threads = 1 });
        var evidence = new RegionEvidence();
        PrimaryQuantMap map = estimator.EstimateMap(splice.Picture.View, splice.Second.Luminance, new() { RowReceiver = evidence.Receive });
        RegionMap found = RegionFinder.Find(map, evidence);
        Assert.Equal(spliced ? 2 : 1, found.Sources.Count);
        if (!spliced)
            return;
        short[] pixels = found.ToPixelLabels();
        int right = Enumerable.Range(0, pixels.Length).Count(i => pixels[i] == splice.RegionIndexAt(i % Width, i / Width));
        Assert.InRange((double)right / pixels.Length, 0.9, 1);
        Assert.Equal((2, 6), (found.Sources[1].Shift!.Value.Row, found.Sources[1].Shift!.Value.Column));
    }
}
