using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Maps;

// A map taken band by band is the whole one to the bit: planes, sums and drawing.
public sealed class QualityBandsTests
{
    const int Width = 123;
    const int Height = 150;

    [Theory]
    [InlineData(0)]
    [InlineData(97)]
    public void BandsAreTheWholeMap(int compression)
    {
        ImageBuffer picture = TestScenes.Waves(Width, Height, 1);
        if (compression > 0)
            picture = JpegRoundTrip.Apply(picture.View, JpegCompression.FromQuality(compression));
        QualityNetwork network = QualityNetwork.CreateInitialized(3, QualityInitialization.Glorot);
        var chosen = DeviceChoice.Open<IQualityEngine>(ComputeDevice.Cpu, () => new QualityInference(network, 2), (_, _) => throw new NotSupportedException());
        using var estimator = new EngineQualityMapEstimator("small bands", chosen, 2) { BandPixels = 64 * Width + 1 };
        Assert.Equal(64, estimator.BandRows(Width, Height));
        Assert.Equal(100, estimator.BandRows(60, 100));

        QualityMapPictureOptions options = QualityMapPictureOptions.Default;
        var sink = new Planes(QualityMapPicture.EmptySums(Width, Height, options));
        (QualitySummary summary, LastCompressionEstimate? last) = estimator.EstimateBands(picture.View, sink, null, default);
        QualityMap map = estimator.Estimate(picture.View);
        Assert.Equal(compression > 0, last!.IsDetected);
        Assert.Equal(last.GridFalseAlarms, map.LastCompression!.GridFalseAlarms);

        Assert.Equal([0, 64, 128], sink.Tops);
        Assert.True(map.Quality.SequenceEqual(sink.Quality.ToArray()));
        Assert.True(map.Compressed.SequenceEqual(sink.Compressed.ToArray()));
        Assert.True(map.Reliability.SequenceEqual(sink.Reliability.ToArray()));
        Assert.Equal(map.Summary, summary);
        Assert.Equal(
            QualityMapPicture.Render(map, picture.View).Pixels, QualityMapPicture.Render(summary, sink.Sums, picture.View, options).Pixels);
    }

    sealed class Planes(PanelSums sums) : IQualityBandSink
    {
        public PanelSums Sums => sums;

        public List<int> Tops { get; } = [];

        public List<float> Quality { get; } = [];

        public List<float> Compressed { get; } = [];

        public List<byte> Reliability { get; } = [];

        public void Add(int top, int rows, ReadOnlySpan<float> quality, ReadOnlySpan<float> compressed, ReadOnlySpan<byte> reliability)
        {
            Tops.Add(top);
            Quality.AddRange(quality);
            Compressed.AddRange(compressed);
            Reliability.AddRange(reliability);
            sums.Add(top, rows, quality, compressed, reliability);
        }
    }
}
