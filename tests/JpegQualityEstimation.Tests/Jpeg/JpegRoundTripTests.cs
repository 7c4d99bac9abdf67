using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg;

public sealed class JpegRoundTripTests
{
    public static TheoryData<ChromaSubsampling> Samplings => [.. Enum.GetValues<ChromaSubsampling>()];

    public static TheoryData<string, ChromaSubsampling> SetsAndSamplings()
    {
        var data = new TheoryData<string, ChromaSubsampling>();
        foreach (JpegKernels kernels in JpegKernels.Available)
            foreach (ChromaSubsampling sampling in Enum.GetValues<ChromaSubsampling>())
                data.Add(kernels.Name, sampling);
        return data;
    }

    [Theory]
    [MemberData(nameof(SetsAndSamplings))]
    public void EveryKernelSetGivesTheSameBytes(string set, ChromaSubsampling sampling)
    {
        var reference = new JpegRoundTrip(JpegKernels.Scalar);
        var trip = new JpegRoundTrip(KernelSets.Get(set));
        foreach (var (width, height) in new[] { (1, 1), (2, 3), (5, 40), (16, 16), (31, 33), (64, 64), (65, 15), (130, 70), (600, 18) })
            for (int quality = 7; quality <= 100; quality += 31)
            {
                ImageBuffer picture = GoldenPicture.Create(width, height, PixelFormat.Rgb24, width + quality);
                JpegCompression compression = JpegCompression.FromQuality(quality, sampling);
                Assert.Equal(Run(reference, picture, compression).Pixels, Run(trip, picture, compression).Pixels);
            }
    }

    // Wherever a rectangle begins and ends in bands, blocks and chroma samples: its pixels are the whole picture's, the others untouched.
    [Theory]
    [MemberData(nameof(Samplings))]
    public void WantedPixelsAreThoseOfTheWholePicture(ChromaSubsampling sampling)
    {
        const int Width = 83, Height = 66;
        var random = new Random(5);
        JpegCompression compression = JpegCompression.FromQuality(60, sampling);
        ImageBuffer picture = GoldenPicture.Create(Width, Height, PixelFormat.Rgb24, 9);
        ImageBuffer whole = JpegRoundTrip.Apply(picture.View, compression);
        var trip = new JpegRoundTrip();
        for (int round = 0; round < 300; round++)
        {
            int row = random.Next(Height), column = random.Next(Width);
            var wanted = new WantedPixels(row, column, 1 + random.Next(Height - row), 1 + random.Next(Width - column));
            ImageBuffer made = new(Width, Height, PixelFormat.Rgb24);
            picture.Pixels.CopyTo(made.Pixels.AsSpan());
            trip.Apply(made.View, made.Target, compression, wanted);
            for (int y = 0; y < Height; y++)
                for (int x = 0; x < Width; x++)
                {
                    bool inside = y >= wanted.Row && y < wanted.EndRow && x >= wanted.Column && x < wanted.EndColumn;
                    int at = y * picture.Stride + 3 * x;
                    if (!(inside ? whole : picture).Pixels.AsSpan(at, 3).SequenceEqual(made.Pixels.AsSpan(at, 3)))
                        Assert.Fail($"{wanted}: pixel ({x}, {y})");
                }
        }
    }

    [Theory]
    [InlineData(PixelFormat.Bgr24)]
    [InlineData(PixelFormat.Rgba32)]
    [InlineData(PixelFormat.Bgra32)]
    public void TheOrderOfTheBytesDoesNotMatter(PixelFormat format)
    {
        foreach (ChromaSubsampling sampling in Enum.GetValues<ChromaSubsampling>())
            foreach (var (width, height) in new[] { (1, 1), (7, 5), (33, 18), (100, 20) })
            {
                ImageBuffer rgb = GoldenPicture.Create(width, height, PixelFormat.Rgb24, 2);
                JpegCompression compression = JpegCompression.FromQuality(80, sampling);
                ImageBuffer expected = JpegRoundTrip.Apply(rgb.View, compression);
                ImageBuffer actual = JpegRoundTrip.Apply(Reordered(rgb, format).View, compression);
                Assert.Equal(Reordered(expected, format).Pixels, actual.Pixels);
                Assert.Equal(format, actual.Format);
            }
    }

    [Theory]
    [InlineData(PixelFormat.Rgb24, PixelFormat.Bgra32)]
    [InlineData(PixelFormat.Bgra32, PixelFormat.Rgb24)]
    [InlineData(PixelFormat.Bgr24, PixelFormat.Rgb24)]
    public void SourceAndDestinationMayDifferInFormat(PixelFormat from, PixelFormat to)
    {
        ImageBuffer rgb = GoldenPicture.Create(45, 37, PixelFormat.Rgb24, 1);
        JpegCompression compression = JpegCompression.FromQuality(60);
        var result = new ImageBuffer(45, 37, to);
        new JpegRoundTrip().Apply(Reordered(rgb, from).View, result.Target, compression);
        Assert.Equal(Reordered(JpegRoundTrip.Apply(rgb.View, compression), to).Pixels, result.Pixels);
    }

    [Theory]
    [MemberData(nameof(Samplings))]
    public void AGraySourceHasNoChroma(ChromaSubsampling sampling)
    {
        ImageBuffer gray = GoldenPicture.Create(43, 29, PixelFormat.Gray8, 1);
        ImageBuffer expected = JpegRoundTrip.Apply(gray.View, JpegCompression.FromQuality(70, ChromaSubsampling.Gray));
        Assert.Equal(expected.Pixels, JpegRoundTrip.Apply(gray.View, JpegCompression.FromQuality(70, sampling)).Pixels);

        // The same as a colour picture of three equal channels.
        ImageBuffer color = Spread(gray);
        Assert.Equal(Spread(expected).Pixels, JpegRoundTrip.Apply(color.View, JpegCompression.FromQuality(70, sampling)).Pixels);
        var fromGray = new ImageBuffer(43, 29, PixelFormat.Rgb24);
        new JpegRoundTrip().Apply(gray.View, fromGray.Target, JpegCompression.FromQuality(70, sampling));
        Assert.Equal(Spread(expected).Pixels, fromGray.Pixels);
    }

    [Theory]
    [MemberData(nameof(Samplings))]
    public void AGrayDestinationTakesTheFirstComponent(ChromaSubsampling sampling)
    {
        ImageBuffer color = GoldenPicture.Create(43, 29, PixelFormat.Rgb24, 1);
        var gray = new ImageBuffer(43, 29, PixelFormat.Gray8);
        new JpegRoundTrip().Apply(color.View, gray.Target, JpegCompression.FromQuality(70, sampling));
        ImageBuffer grayJpeg = JpegRoundTrip.Apply(color.View, JpegCompression.FromQuality(70, ChromaSubsampling.Gray));
        Assert.Equal(grayJpeg.Pixels, Spread(gray).Pixels);
    }

    [Theory]
    [MemberData(nameof(Samplings))]
    public void InPlaceEqualsOutOfPlace(ChromaSubsampling sampling)
    {
        foreach (var (width, height) in new[] { (3, 3), (64, 64), (61, 77), (20, 100) })
        {
            ImageBuffer picture = GoldenPicture.Create(width, height, PixelFormat.Rgb24, 0);
            JpegCompression compression = JpegCompression.FromQuality(50, sampling);
            ImageBuffer expected = JpegRoundTrip.Apply(picture.View, compression);
            new JpegRoundTrip().Apply(picture.View, picture.Target, compression);
            Assert.Equal(expected.Pixels, picture.Pixels);
        }
    }

    [Theory]
    [MemberData(nameof(Samplings))]
    public void StridesAreKeptAndPaddingIsUntouched(ChromaSubsampling sampling)
    {
        const int width = 37, height = 21, stride = 150;
        ImageBuffer picture = GoldenPicture.Create(width, height, PixelFormat.Rgb24, 5);
        byte[] wide = KernelSets.Bytes(height * stride, 1);
        for (int y = 0; y < height; y++)
            picture.View.Row(y).CopyTo(wide.AsSpan(y * stride));
        byte[] result = KernelSets.Bytes(height * stride, 2), before = [.. result];
        JpegCompression compression = JpegCompression.FromQuality(90, sampling);
        new JpegRoundTrip().Apply(
            new PixelView(wide, width, height, stride, PixelFormat.Rgb24),
            new PixelTarget(result, width, height, stride, PixelFormat.Rgb24), compression);
        ImageBuffer expected = JpegRoundTrip.Apply(picture.View, compression);
        for (int y = 0; y < height; y++)
        {
            Assert.True(expected.View.Row(y).SequenceEqual(result.AsSpan(y * stride, width * 3)));
            Assert.True(before.AsSpan(y * stride + width * 3, stride - width * 3).SequenceEqual(result.AsSpan(y * stride + width * 3, stride - width * 3)));
        }
    }

    [Fact]
    public void AnInstanceCarriesNothingFromOneCallToTheNext()
    {
        var trip = new JpegRoundTrip();
        var random = new Random(9);
        for (int trial = 0; trial < 60; trial++)
        {
            var sampling = (ChromaSubsampling)random.Next(5);
            ImageBuffer picture = GoldenPicture.Create(random.Next(1, 90), random.Next(1, 90), random.Next(4) == 0 ? PixelFormat.Gray8 : PixelFormat.Rgb24, trial);
            JpegCompression compression = JpegCompression.FromQuality(random.Next(1, 101), sampling);
            Assert.Equal(JpegRoundTrip.Apply(picture.View, compression).Pixels, Run(trip, picture, compression).Pixels);
        }
    }

    [Fact]
    public void NothingIsAllocatedOnceWarm()
    {
        var trip = new JpegRoundTrip();
        ImageBuffer picture = GoldenPicture.Create(64, 64, PixelFormat.Rgb24, 1);
        JpegCompression[] compressions = [.. Enum.GetValues<ChromaSubsampling>().Select(s => JpegCompression.FromQuality(77, s))];
        for (int i = 0; i < 3; i++)
            foreach (JpegCompression compression in compressions)
                trip.Apply(picture.View, picture.Target, compression);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (JpegCompression compression in compressions)
            trip.Apply(picture.View, picture.Target, compression);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 5)]
    [InlineData(0, 7)]
    [InlineData(8, 8)]
    [InlineData(17, 1)]
    public void AShiftIsACropBeforeTheCompression(int rows, int columns)
    {
        ImageBuffer picture = GoldenPicture.Create(60, 50, PixelFormat.Bgr24, 1);
        JpegCompression first = JpegCompression.FromQuality(60), second = JpegCompression.FromQuality(90, ChromaSubsampling.Samp422);
        ImageBuffer expected = JpegRoundTrip.Apply(picture.View, first);
        expected = JpegRoundTrip.Apply(expected.View.Crop(columns, rows, 60 - columns, 50 - rows), second);
        ImageBuffer actual = JpegRoundTrip.Apply(picture.View, [new JpegRound(first), new JpegRound(second, rows, columns)]);
        Assert.Equal((60 - columns, 50 - rows), (actual.Width, actual.Height));
        Assert.Equal(expected.Pixels, actual.Pixels);
    }

    [Fact]
    public void AShiftBeforeTheFirstRoundCropsTheSource()
    {
        ImageBuffer picture = GoldenPicture.Create(40, 40, PixelFormat.Rgb24, 3);
        JpegCompression compression = JpegCompression.FromQuality(75);
        ImageBuffer actual = JpegRoundTrip.Apply(picture.View, [new JpegRound(compression, 2, 3)]);
        Assert.Equal(JpegRoundTrip.Apply(picture.View.Crop(3, 2, 37, 38), compression).Pixels, actual.Pixels);
    }

    [Fact]
    public void NoRoundsCopy()
    {
        ImageBuffer picture = GoldenPicture.Create(9, 9, PixelFormat.Rgba32, 0);
        ImageBuffer copy = JpegRoundTrip.Apply(picture.View, []);
        Assert.Equal(picture.Pixels, copy.Pixels);
        Assert.NotSame(picture.Pixels, copy.Pixels);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(50, 0)]
    [InlineData(0, 60)]
    [InlineData(int.MaxValue, 0)]
    public void ImpossibleShiftsAreRefused(int rows, int columns)
    {
        ImageBuffer picture = GoldenPicture.Create(60, 50, PixelFormat.Gray8, 1);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => JpegRoundTrip.Apply(picture.View, [new JpegRound(JpegCompression.FromQuality(50), rows, columns)]));
    }

    [Fact]
    public void DifferentSizesAreRefused()
    {
        ImageBuffer a = GoldenPicture.Create(8, 8, PixelFormat.Rgb24, 1), b = GoldenPicture.Create(8, 9, PixelFormat.Rgb24, 1);
        Assert.Throws<ArgumentException>(() => new JpegRoundTrip().Apply(a.View, b.Target, JpegCompression.FromQuality(50)));
    }

    [Fact]
    public void AnOverlapThatIsNotTheSamePixelsIsRefused()
    {
        var bytes = new byte[8 * 8 * 3 + 8 * 24];
        Assert.Throws<ArgumentException>(() => new JpegRoundTrip().Apply(
            new PixelView(bytes, 8, 8, PixelFormat.Rgb24), new PixelTarget(bytes.AsSpan(24), 8, 8, PixelFormat.Rgb24), JpegCompression.FromQuality(50)));
        Assert.Throws<ArgumentException>(() => new JpegRoundTrip().Apply(
            new PixelView(bytes, 8, 8, PixelFormat.Rgb24), new PixelTarget(bytes, 8, 8, 30, PixelFormat.Rgb24), JpegCompression.FromQuality(50)));
    }

    [Fact]
    public void AnUnknownSamplingIsRefused()
    {
        ImageBuffer a = GoldenPicture.Create(8, 8, PixelFormat.Rgb24, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => JpegRoundTrip.Apply(a.View, JpegCompression.FromQuality(50, (ChromaSubsampling)9)));
        Assert.Throws<ArgumentNullException>(() => JpegRoundTrip.Apply(a.View, (JpegCompression)null!));
        Assert.Throws<ArgumentNullException>(() => new JpegCompression(null!, QuantTable.StandardChrominance(50), ChromaSubsampling.Gray));
        Assert.Throws<ArgumentNullException>(() => new JpegCompression(QuantTable.StandardLuminance(50), null!, ChromaSubsampling.Gray));
    }

    [Fact]
    public void AlphaBecomesOpaque()
    {
        ImageBuffer picture = GoldenPicture.Create(40, 3, PixelFormat.Bgra32, 0);
        byte[] result = JpegRoundTrip.Apply(picture.View, JpegCompression.FromQuality(50)).Pixels;
        for (int i = 3; i < result.Length; i += 4)
            Assert.Equal(255, result[i]);
    }

    [Theory]
    [MemberData(nameof(Samplings))]
    public void ASecondPassAtQuality100ChangesLittle(ChromaSubsampling sampling)
    {
        // At quality 100 all steps are 1: what changes is rounding, at most a few levels, and the chroma resampling.
        ImageBuffer flat = new(50, 50, PixelFormat.Rgb24);
        flat.Pixels.AsSpan().Fill(90);
        byte[] result = JpegRoundTrip.Apply(flat.View, JpegCompression.FromQuality(100, sampling)).Pixels;
        Assert.All(result, v => Assert.Equal(90, v));
    }

    [Fact]
    public void TheGridShiftMatters()
    {
        // Compressing twice with the same table on the same grid is nearly idempotent; on a shifted grid it is not.
        ImageBuffer picture = GoldenPicture.Create(72, 72, PixelFormat.Gray8, 1);
        JpegCompression compression = JpegCompression.FromQuality(40, ChromaSubsampling.Gray);
        ImageBuffer once = JpegRoundTrip.Apply(picture.View, compression);
        double same = Difference(once, JpegRoundTrip.Apply(once.View, compression), 0);
        double shifted = Difference(once, JpegRoundTrip.Apply(once.View, [new JpegRound(compression, 4, 4)]), 4);
        Assert.True(shifted > 5 * same + 1, $"{same} on the grid, {shifted} off it");
    }

    static double Difference(ImageBuffer whole, ImageBuffer part, int offset)
    {
        double sum = 0;
        for (int y = 0; y < part.Height; y++)
            for (int x = 0; x < part.Width; x++)
                sum += Math.Abs(whole.Pixels[(y + offset) * whole.Width + x + offset] - part.Pixels[y * part.Width + x]);
        return sum / part.Pixels.Length;
    }

    static ImageBuffer Run(JpegRoundTrip trip, ImageBuffer picture, JpegCompression compression)
    {
        var result = new ImageBuffer(picture.Width, picture.Height, picture.Format);
        trip.Apply(picture.View, result.Target, compression);
        return result;
    }

    static ImageBuffer Spread(ImageBuffer gray)
    {
        var color = new ImageBuffer(gray.Width, gray.Height, PixelFormat.Rgb24);
        for (int i = 0; i < color.Pixels.Length; i++)
            color.Pixels[i] = gray.Pixels[i / 3];
        return color;
    }

    static ImageBuffer Reordered(ImageBuffer rgb, PixelFormat format)
    {
        var result = new ImageBuffer(rgb.Width, rgb.Height, format);
        int bytes = format.BytesPerPixel();
        bool swapped = format is PixelFormat.Bgr24 or PixelFormat.Bgra32;
        for (int from = 0, to = 0; from < rgb.Pixels.Length; from += 3, to += bytes)
        {
            for (int c = 0; c < 3; c++)
                result.Pixels[to + (swapped ? 2 - c : c)] = rgb.Pixels[from + c];
            if (bytes == 4)
                result.Pixels[to + 3] = 255;
        }
        return result;
    }
}
