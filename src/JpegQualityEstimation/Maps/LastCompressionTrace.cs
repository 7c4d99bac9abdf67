using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// LastCompressionTrace: what the grid of the last compression says beside the network: flags are raised, and the quality
// is that of the grid's table where it is a standard one. Nothing is ever lowered: lack of a grid says nothing.
sealed class LastCompressionTrace
{
    readonly float quality;

    LastCompressionTrace(LastCompressionEstimate estimate)
    {
        Estimate = estimate;
        quality = estimate is { IsDetected: true, IsStandard: true, NearestQualityFactor: { } known } ? known : float.NaN;
    }

    public LastCompressionEstimate Estimate { get; }

    public static LastCompressionTrace Of(PixelView picture, CancellationToken cancellation) =>
        new(LastCompressionEstimator.Estimate(picture, cancellation: cancellation));

    /// <summary>Fuses a band's planes: 0..100 and 0..1.</summary>
    public void Fuse(Span<float> qualities, Span<float> flags)
    {
        if (!Estimate.IsDetected)
            return;
        flags.Fill(1);
        if (!float.IsNaN(quality))
            qualities.Fill(quality);
    }

    /// <summary>The map that is served, of that of the network alone.</summary>
    public QualityMap Fuse(QualityMap network)
    {
        float[] qualities = network.Quality.ToArray(), flags = network.Compressed.ToArray();
        Fuse(qualities, flags);
        return new QualityMap(network.Width, network.Height, qualities, flags, network.Reliability.ToArray(), calibration: network.Calibration, last: Estimate);
    }
}
