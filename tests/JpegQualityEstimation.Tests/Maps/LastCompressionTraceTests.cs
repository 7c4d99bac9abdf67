using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Maps;

// What the grid of the last compression adds to a network that knows nothing.
public sealed class LastCompressionTraceTests
{
    static readonly QualityNetwork Untrained = QualityNetwork.CreateInitialized(11);
    static readonly ImageBuffer Scene = SyntheticPicture.Create(200, 168, 3);

    static QualityMap Estimate(ImageBuffer picture, bool networkOnly = false, int threads = 1)
    {
        using IQualityMapEstimator estimator = QualityMapEstimator.Create(
            new() { Network = Untrained, Device = ComputeDevice.Cpu, Threads = threads, NetworkOnly = networkOnly });
        return estimator.Estimate(picture.View);
    }

    [Theory]
    [InlineData(98, ChromaSubsampling.Samp420)]
    [InlineData(99, ChromaSubsampling.Samp444)]
    [InlineData(100, ChromaSubsampling.Gray)]
    public void FinestCompressionsAreFlaggedWithTheirQuality(int quality, ChromaSubsampling sampling)
    {
        QualityMap map = Estimate(JpegRoundTrip.Apply(Scene.View, JpegCompression.FromQuality(quality, sampling)));
        Assert.Equal(QualityVerdict.Jpeg, map.Verdict);
        Assert.True(map.MeanCompressed > 0.9);
        Assert.Equal(quality, map.MeanQuality, 5.0);
        Assert.Equal(quality, map.LastCompression!.NearestQualityFactor);
    }

    [Fact]
    public void WithoutAGridTheNetworkStands()
    {
        QualityMap fused = Estimate(Scene), plain = Estimate(Scene, networkOnly: true);
        Assert.True(fused.Quality.SequenceEqual(plain.Quality));
        Assert.True(fused.Compressed.SequenceEqual(plain.Compressed));
        Assert.Equal(plain.Summary, fused.Summary);
        Assert.False(fused.LastCompression!.IsDetected);
        Assert.Null(plain.LastCompression);
    }

    [Fact]
    public void FlagsOnlyRiseAndThreadsChangeNothing()
    {
        ImageBuffer picture = JpegRoundTrip.Apply(Scene.View, JpegCompression.FromQuality(95));
        QualityMap fused = Estimate(picture), plain = Estimate(picture, networkOnly: true), other = Estimate(picture, threads: 3);
        for (int i = 0; i < plain.Compressed.Length; i++)
            Assert.True(fused.Compressed[i] >= plain.Compressed[i]);
        Assert.True(fused.Quality.SequenceEqual(other.Quality));
        Assert.True(fused.Compressed.SequenceEqual(other.Compressed));
        Assert.Equal(fused.Summary, other.Summary);
    }

    // Room that larger and smaller pictures have left behind.
    [Fact]
    public void PicturesBeforeChangeNothing()
    {
        ImageBuffer[] pictures =
        [
            JpegRoundTrip.Apply(SyntheticPicture.Create(300, 280, 4).View, JpegCompression.FromQuality(90)), Scene, TestScenes.Noise(9, 40, PixelFormat.Rgb24, 1),
            JpegRoundTrip.Apply(Scene.View, JpegCompression.FromQuality(95)), JpegRoundTrip.Apply(TestScenes.Noise(330, 61, PixelFormat.Rgb24, 2).View, JpegCompression.FromQuality(60)),
            JpegRoundTrip.Apply(SyntheticPicture.Create(300, 280, 5).View, JpegCompression.FromQuality(98)),
        ];
        var kept = new LastCompressionTrace();
        for (int i = 0; i < 2 * pictures.Length; i++)
        {
            ImageBuffer picture = pictures[i % pictures.Length];
            kept.Read(picture.View, 1 + i % 2, default);
            LastCompressionTrace fresh = LastCompressionTrace.Of(picture.View, 1, default);
            (float[] qualities, float[] flags) = Fused(kept, picture);
            (float[] expectedQualities, float[] expectedFlags) = Fused(fresh, picture);
            Assert.Equal(expectedQualities, qualities);
            Assert.Equal(expectedFlags, flags);
            Assert.Equal(fresh.Estimate.GridFalseAlarms, kept.Estimate.GridFalseAlarms);
            Assert.Equal(fresh.Estimate.ZigZagSteps(), kept.Estimate.ZigZagSteps());
        }
    }

    static (float[] Qualities, float[] Flags) Fused(LastCompressionTrace trace, ImageBuffer picture)
    {
        float[] qualities = new float[picture.Width * picture.Height], flags = new float[qualities.Length];
        qualities.AsSpan().Fill(50);
        trace.Fuse(qualities, flags, picture.Width, 0, picture.Height, 2);
        return (qualities, flags);
    }

    [Theory]
    [InlineData(0.01, 0.1, true, QualityVerdict.Jpeg)]
    [InlineData(0.01, 0.9, false, QualityVerdict.Undetermined)]
    [InlineData(0.5, 0.1, true, QualityVerdict.NeverCompressed)]
    public void AGridNeedsNoReliableShare(double share, double compressed, bool hasGrid, QualityVerdict verdict) =>
        Assert.Equal(verdict, VerdictRule.Decide(share, compressed, hasGrid));
}
