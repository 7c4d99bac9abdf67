using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Tests.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Findings;

public sealed class LastCompressionEstimatorTests
{
    static readonly ImageBuffer Scene = SyntheticPicture.Create(232, 184, 3);

    [Theory]
    [InlineData(ChromaSubsampling.Samp420)]
    [InlineData(ChromaSubsampling.Samp444)]
    [InlineData(ChromaSubsampling.Gray)]
    public void QualitiesOf50To98AreReadWithTheirWholeTables(ChromaSubsampling sampling)
    {
        ImageBuffer scene = sampling == ChromaSubsampling.Gray ? Gray(Scene) : Scene;
        for (int quality = 50; quality <= 98; quality += 6)
        {
            JpegCompression compression = JpegCompression.FromQuality(quality, sampling);
            int row = quality % 8, column = quality / 8 % 8;
            AssertFound(Crop(JpegRoundTrip.Apply(scene.View, compression), row, column), compression.Luminance, row, column, quality);
        }
    }

    [Fact]
    public void EveryOriginIsFound()
    {
        ImageBuffer once = JpegRoundTrip.Apply(Scene.View.Crop(0, 0, 136, 120), JpegCompression.FromQuality(85));
        for (int row = 0; row < 8; row++)
            for (int column = 0; column < 8; column++)
            {
                LastCompressionEstimate last = LastCompressionEstimator.Estimate(once.View.Crop(column, row, 128, 112));
                Assert.True(last.IsDetected);
                Assert.Equal(new GridOrigin(-row & 7, -column & 7), last.GridOrigin);
                Assert.Equal(85, last.NearestQualityFactor);
            }
    }

    [Fact]
    public void PhotoshopsTablesAreRead()
    {
        foreach (int level in PhotoshopTables.Levels)
        {
            var compression = new JpegCompression(PhotoshopTables.Luminance(level), PhotoshopTables.Chrominance(level), ChromaSubsampling.Samp444);
            LastCompressionEstimate last = LastCompressionEstimator.Estimate(JpegRoundTrip.Apply(Scene.View, compression).View);
            Assert.Equal((true, new GridOrigin(0, 0)), (last.IsDetected, last.GridOrigin));
            Assert.False(last.IsStandard);
            Assert.Equal(TableSource.Photoshop, last.Source);
            Assert.Equal(compression.Luminance, last.Table);
            AssertSteps(last, compression.Luminance);
        }
    }

    [Fact]
    public void ATableOfNoFamilyIsMeasured()
    {
        var steps = new ushort[64];
        for (int i = 0; i < 64; i++)
            steps[i] = (ushort)(3 + i * 7 % 5 + i / 8);
        var table = new QuantTable(steps);
        LastCompressionEstimate last = LastCompressionEstimator.Estimate(
            JpegRoundTrip.Apply(Scene.View, new JpegCompression(table, table, ChromaSubsampling.Samp444)).View);
        Assert.Equal((true, 64, TableSource.Measured), (last.IsDetected, last.AnsweredSteps, last.Source));
        Assert.Equal(table, last.Table);
        Assert.Equal(table.ZigZagOrder().Select(step => (int?)step), last.ZigZagSteps().Select(step => step.Step));
    }

    [Theory]
    [InlineData(60, 85, 3, 5)]
    [InlineData(75, 95, 0, 4)]
    [InlineData(90, 98, 7, 1)]
    [InlineData(95, 75, 2, 2)]
    [InlineData(75, 90, 0, 0)]
    [InlineData(60, 90, 0, 0)]
    [InlineData(60, 75, 0, 0)]
    [InlineData(75, 95, 0, 0)]
    [InlineData(80, 97, 0, 0)]
    [InlineData(90, 98, 0, 0)]
    [InlineData(70, 99, 0, 0)]
    [InlineData(75, 100, 0, 0)]
    public void OfTwoCompressionsTheLastIsRead(int first, int second, int row, int column)
    {
        ImageBuffer once = JpegRoundTrip.Apply(SyntheticPicture.Create(400, 304, 5).View, JpegCompression.FromQuality(first));
        ImageBuffer twice = JpegRoundTrip.Apply(Crop(once, row, column).View, JpegCompression.FromQuality(second));
        LastCompressionEstimate last = LastCompressionEstimator.Estimate(Crop(twice, 1, 6).View);
        Assert.Equal((true, new GridOrigin(7, 2)), (last.IsDetected, last.GridOrigin));
        Assert.Equal(second, last.NearestQualityFactor);
        Assert.Equal(QuantTable.StandardLuminance(second), last.Table);
    }

    [Fact]
    public void OnOneGridPhotoshopsTablesMayBeFirstOrLast()
    {
        ImageBuffer scene = SyntheticPicture.Create(400, 304, 5);
        var photoshop = new JpegCompression(PhotoshopTables.Luminance(9), PhotoshopTables.Chrominance(9), ChromaSubsampling.Samp444);
        var standard = JpegCompression.FromQuality(97, ChromaSubsampling.Samp444);
        LastCompressionEstimate last = LastCompressionEstimator.Estimate(JpegRoundTrip.Apply(JpegRoundTrip.Apply(scene.View, photoshop).View, standard).View);
        Assert.Equal((true, 97, standard.Luminance), (last.IsStandard, last.NearestQualityFactor, last.Table));
        standard = JpegCompression.FromQuality(70, ChromaSubsampling.Samp444);
        last = LastCompressionEstimator.Estimate(JpegRoundTrip.Apply(JpegRoundTrip.Apply(scene.View, standard).View, photoshop).View);
        Assert.Equal((TableSource.Photoshop, photoshop.Luminance), (last.Source, last.Table));
    }

    // At 25 all steps are twice those of 50, which leaves them as they are.
    [Theory]
    [InlineData(25)]
    [InlineData(10)]
    public void OneCompressionThatMayHaveBeenTwoIsRead(int quality)
    {
        ImageBuffer once = JpegRoundTrip.Apply(SyntheticPicture.Create(400, 304, 5).View, JpegCompression.FromQuality(quality));
        LastCompressionEstimate last = LastCompressionEstimator.Estimate(once.View);
        Assert.Equal((true, quality), (last.IsDetected, last.NearestQualityFactor));
    }

    // A fifth of the picture, from one that was never compressed or with another table, on another grid or on this one.
    [Theory]
    [InlineData(90, null, 3, ChromaSubsampling.Samp420)]
    [InlineData(95, null, 3, ChromaSubsampling.Samp444)]
    [InlineData(98, null, 3, ChromaSubsampling.Gray)]
    [InlineData(97, 75, 3, ChromaSubsampling.Samp420)]
    [InlineData(99, 75, 3, ChromaSubsampling.Samp444)]
    [InlineData(95, 75, 0, ChromaSubsampling.Samp420)]
    [InlineData(98, 75, 0, ChromaSubsampling.Samp444)]
    public void APastedPartDoesNotHideTheTable(int quality, int? ofPart, int shift, ChromaSubsampling sampling)
    {
        const int Left = 33, Top = 21, Width = 178, Height = 135;
        ImageBuffer scene = SyntheticPicture.Create(400, 304, 5), other = SyntheticPicture.Create(400, 304, 8);
        if (sampling == ChromaSubsampling.Gray)
            (scene, other) = (Gray(scene), Gray(other));
        ImageBuffer picture = JpegRoundTrip.Apply(scene.View, JpegCompression.FromQuality(quality, sampling));
        if (ofPart is { } first)
            other = JpegRoundTrip.Apply(other.View, JpegCompression.FromQuality(first, sampling));
        PixelView part = other.View.Crop(Left + shift, Top + shift, Width, Height);
        for (int y = 0; y < Height; y++)
            part.Row(y)[..(Width * other.Format.BytesPerPixel())].CopyTo(picture.Target.Row(Top + y)[(Left * other.Format.BytesPerPixel())..]);
        foreach (LastCompressionEstimate last in new[] { LastCompressionEstimator.Estimate(picture.View), GridTraces.Of(picture.View, 1, default).Whole })
        {
            Assert.Equal((true, new GridOrigin(0, 0), quality), (last.IsDetected, last.GridOrigin, last.NearestQualityFactor));
            Assert.Equal(QuantTable.StandardLuminance(quality), last.Table);
        }
    }

    public static TheoryData<string> Uncompressed => ["scene", "gray", "leaves", "noise", "gradient", "text", "white noise", "levels", "enlarged", "tiles"];

    [Theory]
    [MemberData(nameof(Uncompressed))]
    public void PicturesWithoutAGridGiveNone(string kind)
    {
        ImageBuffer picture = kind switch
        {
            "scene" => Scene,
            "gray" => Gray(Scene),
            "leaves" => SyntheticPicture.Create(200, 160, 7, SyntheticContent.DeadLeaves),
            "noise" => SyntheticPicture.Create(200, 160, 7, SyntheticContent.Noise),
            "gradient" => SyntheticPicture.Create(200, 160, 7, SyntheticContent.Gradient),
            "text" => SyntheticPicture.Create(200, 160, 7, SyntheticContent.Text),
            "white noise" => TestScenes.Noise(200, 160, PixelFormat.Rgb24, 1),
            "levels" => Mapped(Gray(Scene), 1, value => (byte)(value / 17 * 17)),
            "enlarged" => Enlarged(Gray(Scene), 4),
            _ => Tiles(Gray(Scene)),
        };
        LastCompressionEstimate last = LastCompressionEstimator.Estimate(picture.View);
        Assert.False(last.IsDetected);
        Assert.Equal((0, null, null, false), (last.AnsweredSteps, last.NearestQualityFactor, last.Table, last.IsStandard));
        Assert.All(last.Steps.ToArray(), step => Assert.Equal("-", step.ToString()));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 9)]
    [InlineData(8, 8)]
    [InlineData(14, 200)]
    [InlineData(15, 15)]
    [InlineData(16, 300)]
    [InlineData(300, 17)]
    public void SmallPicturesAreAnsweredOrNot(int width, int height)
    {
        foreach (PixelFormat format in new[] { PixelFormat.Gray8, PixelFormat.Rgb24, PixelFormat.Bgra32 })
            foreach (byte value in new byte[] { 0, 100, 255 })
            {
                var flat = new ImageBuffer(width, height, format);
                flat.Pixels.AsSpan().Fill(value);
                Assert.False(LastCompressionEstimator.Estimate(flat.View).IsDetected);
            }
        Assert.False(LastCompressionEstimator.Estimate(TestScenes.Noise(width, height, PixelFormat.Gray8, 2).View).IsDetected);
    }

    [Fact]
    public void SaturatedPicturesGiveNoneAndSaturatedPartsDoNoHarm()
    {
        ImageBuffer dark = Mapped(Scene, 3, value => (byte)(value > 128 ? 255 : 0));
        Assert.False(LastCompressionEstimator.Estimate(JpegRoundTrip.Apply(dark.View, JpegCompression.FromQuality(90)).View) is { IsDetected: true, Blocks: 0 });
        ImageBuffer bright = Mapped(Scene, 3, value => (byte)Math.Min(255, value * 5 / 4));
        LastCompressionEstimate last = LastCompressionEstimator.Estimate(JpegRoundTrip.Apply(bright.View, JpegCompression.FromQuality(90)).View);
        Assert.Equal((true, 90, true), (last.IsDetected, last.NearestQualityFactor, last.IsStandard));
        AssertSteps(last, QuantTable.StandardLuminance(90));
    }

    [Fact]
    public void PixelOrdersDoNotMatterAndNeitherDoesTheExtentForAClearTable()
    {
        ImageBuffer once = JpegRoundTrip.Apply(Scene.View, JpegCompression.FromQuality(80));
        LastCompressionEstimate rgb = LastCompressionEstimator.Estimate(once.View);
        var bgra = new ImageBuffer(once.Width, once.Height, PixelFormat.Bgra32);
        for (int i = 0; i < once.Pixels.Length / 3; i++)
            (bgra.Pixels[4 * i], bgra.Pixels[4 * i + 1], bgra.Pixels[4 * i + 2], bgra.Pixels[4 * i + 3]) =
                (once.Pixels[3 * i + 2], once.Pixels[3 * i + 1], once.Pixels[3 * i], (byte)i);
        LastCompressionEstimate other = LastCompressionEstimator.Estimate(bgra.View);
        Assert.Equal(rgb.Steps.ToArray(), other.Steps.ToArray());
        Assert.Equal(rgb.GridFalseAlarms, other.GridFalseAlarms);
        LastCompressionEstimate little = LastCompressionEstimator.Estimate(once.View, new() { OriginBlocks = 64, TableBlocks = 300 });
        Assert.Equal((80, true), (little.NearestQualityFactor, little.Blocks < rgb.Blocks));
    }

    [Fact]
    public void WrongOptionsAndCancellationAreSaid()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => LastCompressionEstimator.Estimate(Scene.View, new() { FalseAlarms = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => LastCompressionEstimator.Estimate(Scene.View, new() { FalseAlarms = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => LastCompressionEstimator.Estimate(Scene.View, new() { OriginBlocks = 63 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => LastCompressionEstimator.Estimate(Scene.View, new() { TableBlocks = 0 }));
        Assert.ThrowsAny<OperationCanceledException>(() => LastCompressionEstimator.Estimate(Scene.View, null, new CancellationToken(true)));
    }

    static void AssertFound(ImageBuffer picture, QuantTable table, int row, int column, int quality)
    {
        LastCompressionEstimate last = LastCompressionEstimator.Estimate(picture.View);
        Assert.True(last.IsDetected);
        Assert.Equal(new GridOrigin(-row & 7, -column & 7), last.GridOrigin);
        Assert.Equal((quality, true, TableSource.Standard), (last.NearestQualityFactor, last.IsStandard, last.Source));
        Assert.Equal(table, last.Table);
        Assert.True(last.GridFalseAlarms < -2 && last.Blocks > 64);
        AssertSteps(last, table);
    }

    static void AssertSteps(LastCompressionEstimate last, QuantTable table)
    {
        Assert.True(last.AnsweredSteps >= 15);
        for (int i = 0; i < 64; i++)
        {
            Assert.True(last.Steps[i].Step is null || last.Steps[i].FalseAlarms <= -2);
            Assert.Equal(last.Steps[i].Step ?? table.NaturalOrder[i], table.NaturalOrder[i]);
        }
    }

    static ImageBuffer Crop(ImageBuffer picture, int row, int column)
    {
        var result = new ImageBuffer(picture.Width - column, picture.Height - row, picture.Format);
        PixelView view = picture.View.Crop(column, row, result.Width, result.Height);
        for (int y = 0; y < result.Height; y++)
            view.Row(y).CopyTo(result.Target.Row(y));
        return result;
    }

    static ImageBuffer Gray(ImageBuffer picture)
    {
        var gray = new ImageBuffer(picture.Width, picture.Height, PixelFormat.Gray8);
        for (int i = 0; i < gray.Pixels.Length; i++)
            gray.Pixels[i] = picture.Pixels[3 * i + 1];
        return gray;
    }

    static ImageBuffer Mapped(ImageBuffer picture, int samples, Func<byte, byte> map)
    {
        var result = new ImageBuffer(picture.Width, picture.Height, picture.Format);
        Assert.Equal(samples, picture.Pixels.Length / (picture.Width * picture.Height));
        for (int i = 0; i < result.Pixels.Length; i++)
            result.Pixels[i] = map(picture.Pixels[i]);
        return result;
    }

    static ImageBuffer Enlarged(ImageBuffer picture, int factor)
    {
        var result = new ImageBuffer(picture.Width, picture.Height, PixelFormat.Gray8);
        for (int y = 0; y < result.Height; y++)
            for (int x = 0; x < result.Width; x++)
                result.Pixels[y * result.Width + x] = picture.Pixels[y / factor * picture.Width + x / factor];
        return result;
    }

    static ImageBuffer Tiles(ImageBuffer picture)
    {
        var result = new ImageBuffer(picture.Width, picture.Height, PixelFormat.Gray8);
        for (int y = 0; y < result.Height; y++)
            for (int x = 0; x < result.Width; x++)
                result.Pixels[y * result.Width + x] = picture.Pixels[(60 + y % 24) * picture.Width + 60 + x % 16];
        return result;
    }
}
