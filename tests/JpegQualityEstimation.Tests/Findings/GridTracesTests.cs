using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Tests.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Findings;

public sealed class GridTracesTests
{
    static readonly ImageBuffer Scene = SyntheticPicture.Create(264, 232, 3);

    public static TheoryData<int, ChromaSubsampling> Compressions => new()
    {
        { 50, ChromaSubsampling.Samp420 }, { 75, ChromaSubsampling.Gray }, { 90, ChromaSubsampling.Samp444 }, { 97, ChromaSubsampling.Samp422 },
        { 98, ChromaSubsampling.Gray }, { 99, ChromaSubsampling.Samp444 }, { 100, ChromaSubsampling.Gray }, { 100, ChromaSubsampling.Samp420 },
    };

    [Theory]
    [MemberData(nameof(Compressions))]
    public void ACompressedPictureIsFoundAllOverWithItsTable(int quality, ChromaSubsampling sampling)
    {
        ImageBuffer once = JpegRoundTrip.Apply(sampling == ChromaSubsampling.Gray ? Gray(Scene).View : Scene.View, JpegCompression.FromQuality(quality, sampling));
        int row = quality % 8, column = quality / 8 % 8;
        ImageBuffer picture = Crop(once, row, column);
        GridTraces found = GridTraces.Of(picture.View, 2, default);
        Assert.True(found.Whole.IsDetected);
        Assert.Equal(new GridOrigin(-row & 7, -column & 7), found.Whole.GridOrigin);
        Assert.Equal(QuantTable.StandardLuminance(quality), found.Whole.Table);
        GridTrace trace = Assert.Single(found.Traces);
        (float[] grid, float[] table) = Planes(trace, picture);
        Assert.True(grid.Average() > 0.9, $"grid {grid.Average()}");
        Assert.True(table.Average() > 0.9, $"table {table.Average()}");
    }

    public static TheoryData<string> Uncompressed =>
    [
        "scene", "gray", "leaves", "noise", "gradient", "text", "white noise", "levels", "dithered", "enlarged 2", "enlarged 3", "enlarged 4", "enlarged 8", "tiles",
    ];

    [Theory]
    [MemberData(nameof(Uncompressed))]
    public void PicturesWithoutAGridHaveNoTraces(string kind)
    {
        ImageBuffer picture = kind switch
        {
            "scene" => Scene,
            "gray" => Gray(Scene),
            "leaves" => SyntheticPicture.Create(264, 232, 7, SyntheticContent.DeadLeaves),
            "noise" => SyntheticPicture.Create(264, 232, 7, SyntheticContent.Noise),
            "gradient" => SyntheticPicture.Create(264, 232, 7, SyntheticContent.Gradient),
            "text" => SyntheticPicture.Create(264, 232, 7, SyntheticContent.Text),
            "white noise" => TestScenes.Noise(264, 232, PixelFormat.Rgb24, 1),
            "levels" => Mapped((x, y, at) => (byte)(at(x, y) / 17 * 17)),
            "dithered" => Mapped((x, y, at) => (byte)((at(x, y) + (x * 5 + y * 3) % 8 * 4) / 32 * 32)),
            "tiles" => Mapped((x, y, at) => at(x % 8 + 8 * ((x / 8 * 7 + y / 8 * 3) % 5), y % 8)),
            _ => Mapped((x, y, at) => at(x / (kind[^1] - '0'), y / (kind[^1] - '0'))),
        };
        GridTraces found = GridTraces.Of(picture.View, 1, default);
        Assert.False(found.Whole.IsDetected);
        Assert.Empty(found.Traces);
    }

    [Fact]
    public void APastedPartIsFoundAndOnlyThere()
    {
        const int Left = 70, Top = 51, Side = 120;
        ImageBuffer donor = JpegRoundTrip.Apply(SyntheticPicture.Create(264, 232, 8).View, JpegCompression.FromQuality(98));
        ImageBuffer picture = Crop(Scene, 0, 0);
        for (int y = Top; y < Top + Side; y++)
            donor.Pixels.AsSpan(y * donor.Stride + 3 * (Left + 3), 3 * Side).CopyTo(picture.Pixels.AsSpan(y * picture.Stride + 3 * Left));
        GridTraces found = GridTraces.Of(picture.View, 1, default);
        GridTrace trace = Assert.Single(found.Traces);
        Assert.Equal(new GridOrigin(0, 5), trace.Estimate.GridOrigin);
        (float[] grid, _) = Planes(trace, picture);
        double inside = 0, outside = 0;
        int beside = 0;
        for (int i = 0; i < grid.Length; i++)
        {
            int x = i % picture.Width - Left, y = i / picture.Width - Top;
            if (x is >= 0 and < Side && y is >= 0 and < Side)
                inside += grid[i];
            // Sums of 5x5 blocks, and what lies between the middles of two.
            else if (x is < -32 or > Side + 32 || y is < -32 or > Side + 32)
                (outside, beside) = (outside + grid[i], beside + 1);
        }
        Assert.True(inside / (Side * Side) > 0.75, $"inside {inside / (Side * Side)}");
        Assert.True(outside / beside < 0.02, $"outside {outside / beside}");
    }

    [Fact]
    public void OfTwoCompressionsTheLastIsRead()
    {
        ImageBuffer once = JpegRoundTrip.Apply(SyntheticPicture.Create(400, 304, 5).View, JpegCompression.FromQuality(75));
        ImageBuffer twice = JpegRoundTrip.Apply(Crop(once, 3, 5).View, JpegCompression.FromQuality(95));
        GridTraces found = GridTraces.Of(twice.View, 1, default);
        Assert.Equal((true, new GridOrigin(0, 0), 95), (found.Whole.IsDetected, found.Whole.GridOrigin, found.Whole.NearestQualityFactor));
    }

    [Theory]
    [InlineData(75, 95, ChromaSubsampling.Samp420)]
    [InlineData(60, 75, ChromaSubsampling.Samp444)]
    [InlineData(85, 92, ChromaSubsampling.Samp444)]
    [InlineData(75, 98, ChromaSubsampling.Gray)]
    [InlineData(97, 99, ChromaSubsampling.Gray)]
    public void OfTwoCompressionsOnOneGridTheLastIsRead(int first, int second, ChromaSubsampling sampling)
    {
        ImageBuffer scene = SyntheticPicture.Create(400, 304, 5);
        ImageBuffer once = JpegRoundTrip.Apply((sampling == ChromaSubsampling.Gray ? Gray(scene) : scene).View, JpegCompression.FromQuality(first, sampling));
        ImageBuffer twice = JpegRoundTrip.Apply(once.View, JpegCompression.FromQuality(second, sampling));
        LastCompressionEstimate last = GridTraces.Of(twice.View, 1, default).Whole;
        Assert.Equal((true, true, second), (last.IsDetected, last.IsStandard, last.NearestQualityFactor));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 9)]
    [InlineData(14, 200)]
    [InlineData(15, 15)]
    [InlineData(16, 700)]
    [InlineData(1200, 15)]
    [InlineData(520, 17)]
    public void EverySizeIsAnswered(int width, int height)
    {
        foreach (PixelFormat format in new[] { PixelFormat.Gray8, PixelFormat.Rgb24, PixelFormat.Bgra32 })
        {
            Assert.Empty(GridTraces.Of(TestScenes.Noise(width, height, format, 2).View, 3, default).Traces);
            Assert.Empty(GridTraces.Of(new ImageBuffer(width, height, format).View, 3, default).Traces);
        }
    }

    [Fact]
    public void ThreadsAndFormatsChangeNothing()
    {
        ImageBuffer picture = JpegRoundTrip.Apply(SyntheticPicture.Create(600, 330, 4).View, JpegCompression.FromQuality(93));
        GridTraces one = GridTraces.Of(picture.View, 1, default);
        (float[] grid, float[] table) = Planes(Assert.Single(one.Traces), picture);
        foreach ((ImageBuffer same, int threads) in new[] { (picture, 3), (TestScenes.Convert(picture, PixelFormat.Bgr24), 1), (TestScenes.Convert(picture, PixelFormat.Rgba32), 2) })
        {
            GridTraces other = GridTraces.Of(same.View, threads, default);
            (float[] otherGrid, float[] otherTable) = Planes(Assert.Single(other.Traces), picture);
            Assert.Equal(grid, otherGrid);
            Assert.Equal(table, otherTable);
            Assert.Equal(one.Whole.GridFalseAlarms, other.Whole.GridFalseAlarms);
            Assert.Equal(one.Whole.ZigZagSteps(), other.Whole.ZigZagSteps());
        }
    }

    // Tiles that two crops share have the same windows, though strips of columns and bands of rows lie elsewhere.
    [Fact]
    public void SeamsAreNotSeen()
    {
        ImageBuffer picture = JpegRoundTrip.Apply(SyntheticPicture.Create(640, 400, 6).View, JpegCompression.FromQuality(96));
        const int Right = 6, Down = 5;
        ImageBuffer part = Crop(picture, GridField.Tile * Down, GridField.Tile * Right);
        GridField whole = GridField.Of(picture.View, 1, default), other = GridField.Of(part.View, 2, default);
        for (int row = 1; row < other.Rows; row++)
            for (int column = 1; column < other.Columns; column++)
                Assert.Equal(whole.Windows[(row + Down) * whole.Columns + column + Right], other.Windows[row * other.Columns + column]);
    }

    [Fact]
    public void ItCanBeStopped() =>
        Assert.ThrowsAny<OperationCanceledException>(() => GridTraces.Of(Scene.View, 2, new CancellationToken(true)));

    static (float[] Grid, float[] Table) Planes(GridTrace trace, ImageBuffer picture)
    {
        int width = picture.Width, height = picture.Height;
        float[] grid = new float[width * height], table = new float[width * height], line = new float[trace.Evidence.Columns];
        for (int y = 0; y < height; y++)
            trace.Evidence.Row(y, grid.AsSpan(y * width, width), table.AsSpan(y * width, width), line);
        return (grid, table);
    }

    static ImageBuffer Crop(ImageBuffer picture, int row, int column)
    {
        var part = new ImageBuffer(picture.Width - column, picture.Height - row, picture.Format);
        int bytes = picture.Format.BytesPerPixel();
        for (int y = 0; y < part.Height; y++)
            picture.View.Row(y + row).Slice(column * bytes, part.Width * bytes).CopyTo(part.Pixels.AsSpan(y * part.Stride));
        return part;
    }

    static ImageBuffer Gray(ImageBuffer picture)
    {
        var gray = new ImageBuffer(picture.Width, picture.Height, PixelFormat.Gray8);
        for (int i = 0; i < gray.Pixels.Length; i++)
            gray.Pixels[i] = (byte)((299 * picture.Pixels[3 * i] + 587 * picture.Pixels[3 * i + 1] + 114 * picture.Pixels[3 * i + 2] + 500) / 1000);
        return gray;
    }

    static ImageBuffer Mapped(Func<int, int, Func<int, int, byte>, byte> value)
    {
        ImageBuffer gray = Gray(Scene);
        var mapped = new ImageBuffer(gray.Width, gray.Height, PixelFormat.Gray8);
        for (int y = 0; y < gray.Height; y++)
            for (int x = 0; x < gray.Width; x++)
                mapped.Pixels[y * mapped.Stride + x] = value(x, y, (column, row) => gray.Pixels[row * gray.Stride + column]);
        return mapped;
    }
}
