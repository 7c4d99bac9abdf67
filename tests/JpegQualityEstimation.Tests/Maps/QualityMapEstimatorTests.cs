using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using Xunit;

namespace JpegQualityEstimation.Tests.Maps;

public sealed class QualityMapEstimatorTests
{
    static readonly QualityNetwork Network = QualityNetwork.CreateInitialized(11);

    static IQualityMapEstimator Create(int threads = 1, int tileSize = 0) =>
        QualityMapEstimator.Create(new() { Network = Network, Threads = threads, TileSize = tileSize });

    static void Same(QualityMap expected, QualityMap actual)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Assert.True(expected.Quality.SequenceEqual(actual.Quality));
        Assert.True(expected.Compressed.SequenceEqual(actual.Compressed));
        Assert.True(expected.Reliability.SequenceEqual(actual.Reliability));
        Assert.Equal(expected.Summary, actual.Summary);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(37, 1)]
    [InlineData(8, 8)]
    [InlineData(16, 16)]
    [InlineData(61, 47)]
    public void EverySizeGivesAMapOfItsSizeWithinRange(int width, int height)
    {
        using IQualityMapEstimator estimator = Create();
        QualityMap map = estimator.Estimate(TestScenes.Waves(width, height, 3).View);
        Assert.Equal((width, height), (map.Width, map.Height));
        Assert.Equal(width * height, map.Quality.Length);
        Assert.Equal(width * height, map.Compressed.Length);
        Assert.Equal(width * height, map.Reliability.Length);
        foreach (float quality in map.Quality)
            Assert.InRange(quality, 0f, 100f);
        foreach (float flag in map.Compressed)
            Assert.InRange(flag, 0f, 1f);
    }

    [Fact]
    public void ColourFormatsOfOnePictureAgree()
    {
        using IQualityMapEstimator estimator = Create();
        ImageBuffer rgb = TestScenes.Waves(40, 30, 4);
        QualityMap expected = estimator.Estimate(rgb.View);
        foreach (PixelFormat format in (PixelFormat[])[PixelFormat.Bgr24, PixelFormat.Rgba32, PixelFormat.Bgra32])
            Same(expected, estimator.Estimate(TestScenes.Convert(rgb, format).View));
    }

    [Fact]
    public void GrayIsThreeEqualChannels()
    {
        using IQualityMapEstimator estimator = Create();
        ImageBuffer gray = TestScenes.Noise(40, 30, PixelFormat.Gray8, 4);
        Same(estimator.Estimate(gray.View), estimator.Estimate(TestScenes.Convert(gray, PixelFormat.Rgb24).View));
    }

    [Fact]
    public void APaddedStrideIsTheSamePicture()
    {
        using IQualityMapEstimator estimator = Create();
        ImageBuffer picture = TestScenes.Waves(40, 30, 5);
        byte[] padded = new byte[30 * 131];
        padded.AsSpan().Fill(0xEE);
        for (int y = 0; y < 30; y++)
            picture.View.Row(y).CopyTo(padded.AsSpan(y * 131));
        Same(estimator.Estimate(picture.View), estimator.Estimate(new PixelView(padded, 40, 30, 131, PixelFormat.Rgb24)));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 16)]
    [InlineData(1, 17)]
    [InlineData(4, 40)]
    [InlineData(16, 4096)]
    public void ThreadsAndTilesDoNotChangeABit(int threads, int tileSize)
    {
        ImageBuffer picture = TestScenes.Waves(131, 150, 6);
        using IQualityMapEstimator one = Create(), other = Create(threads, tileSize);
        Same(one.Estimate(picture.View), other.Estimate(picture.View));
    }

    [Theory]
    [InlineData(1, 512)]
    [InlineData(8, 512)]
    [InlineData(16, 256)]
    [InlineData(32, 128)]
    [InlineData(200, 128)]
    public void ManyThreadsGetNarrowerTiles(int threads, int tileSize) =>
        Assert.Equal(tileSize, QualityMapEstimator.TileSizeFor(threads));

    [Fact]
    public async Task ConcurrentCallsOfOneEstimatorGiveTheSameBytes()
    {
        using IQualityMapEstimator estimator = Create(threads: 2);
        ImageBuffer[] pictures = [.. Enumerable.Range(0, 8).Select(i => TestScenes.Waves(50 + 7 * i, 90 - 5 * i, i))];
        QualityMap[] expected = [.. pictures.Select(p => estimator.Estimate(p.View))];
        for (int round = 0; round < 3; round++)
        {
            QualityMap[] maps = await Task.WhenAll(pictures.Select(p => Task.Run(() => estimator.Estimate(p.View))));
            for (int i = 0; i < maps.Length; i++)
                Same(expected[i], maps[i]);
        }
    }

    [Fact]
    public void CancelledBeforeItStarts()
    {
        using IQualityMapEstimator estimator = Create();
        Assert.Throws<OperationCanceledException>(() => estimator.Estimate(TestScenes.Waves(20, 20, 1).View, null, new CancellationToken(true)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void CancelledOnTheWayAndUsableAfterwards(int threads)
    {
        using IQualityMapEstimator estimator = Create(threads);
        ImageBuffer picture = TestScenes.Waves(200, 300, 2);
        using var cancellation = new CancellationTokenSource();
        var progress = new Recorder(share =>
        {
            if (share > 0.2)
                cancellation.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => estimator.Estimate(picture.View, progress, cancellation.Token));
        Assert.True(progress.Shares[^1] < 1);
        using IQualityMapEstimator fresh = Create();
        Same(fresh.Estimate(picture.View), estimator.Estimate(picture.View));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ProgressNeverFallsAndEndsAtOne(int threads)
    {
        using IQualityMapEstimator estimator = Create(threads);
        var progress = new Recorder(_ => { });
        estimator.Estimate(TestScenes.Waves(150, 200, 2).View, progress);
        Assert.NotEmpty(progress.Shares);
        Assert.Equal(progress.Shares.Order(), progress.Shares);
        Assert.Equal(1, progress.Shares[^1]);
        Assert.All(progress.Shares, share => Assert.InRange(share, 0, 1));
    }

    sealed class Recorder(Action<double> also) : IProgress<double>
    {
        public List<double> Shares { get; } = [];

        public void Report(double value)
        {
            Shares.Add(value);
            also(value);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(90)]
    public void FlatPicturesAreUndetermined(byte level)
    {
        using IQualityMapEstimator estimator = Create();
        var picture = new ImageBuffer(64, 48, PixelFormat.Rgb24);
        picture.Pixels.AsSpan().Fill(level);
        QualityMap map = estimator.Estimate(picture.View);
        Assert.Equal(QualityVerdict.Undetermined, map.Verdict);
        Assert.Equal(0, map.ReliableShare);
    }

    [Fact]
    public void AutoTakesTheProcessorAndSaysWhy()
    {
        using IQualityMapEstimator estimator = Create();
        Assert.Equal(ComputeDevice.Cpu, estimator.Device);
        Assert.Contains("CUDA", estimator.DeviceReason, StringComparison.Ordinal);
        Assert.Equal(Network.Name, estimator.ModelName);
    }

    [Fact]
    public void AnExplicitCudaDeviceIsNeverReplaced()
    {
        var e = Assert.Throws<DeviceUnavailableException>(
            () => QualityMapEstimator.Create(new() { Network = Network, Device = ComputeDevice.Cuda(1) }));
        Assert.Equal(ComputeDevice.Cuda(1), e.Device);
        Assert.NotEmpty(e.Tried);
        Assert.Contains("cuda:1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OptionsOutsideTheirRangeAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(threads: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(tileSize: 15));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(tileSize: 5000));
        Assert.Throws<ArgumentException>(() => QualityMapEstimator.Create(new() { Network = Network, ModelPath = "x" }));
        Assert.Throws<FileNotFoundException>(() => QualityMapEstimator.Create(new() { ModelPath = "absent.safetensors" }));
    }

    [Fact]
    public void AFileThatIsNoModelIsRefusedByType()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "no weights in here");
            Assert.Throws<WeightsFormatException>(() => QualityMapEstimator.Create(new() { ModelPath = path }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void ThePolarityOptionTurnsTheFlag()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream stream = File.Create(path))
                Network.Save(stream);
            ImageBuffer picture = TestScenes.Waves(30, 30, 9);
            using IQualityMapEstimator straight = QualityMapEstimator.Create(new() { ModelPath = path });
            using IQualityMapEstimator turned = QualityMapEstimator.Create(
                new() { ModelPath = path, FlagPolarity = FlagPolarity.OneIsNeverCompressed });
            QualityMap a = straight.Estimate(picture.View), b = turned.Estimate(picture.View);
            Assert.True(a.Quality.SequenceEqual(b.Quality));
            for (int i = 0; i < a.Compressed.Length; i++)
                if (a.Compressed[i] is > 0.001f and < 0.999f)
                    Assert.Equal(1 - a.Compressed[i], b.Compressed[i], 4);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
