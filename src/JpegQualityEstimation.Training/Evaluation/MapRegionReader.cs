using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Evaluation;

// MapRegionReader: a network's map, one window every 8 pixels, gathered by RegionFinder. No quality map: behind a last
// compression its flag tells nothing.

sealed class MapRegionReader(PrimaryNetwork? network) : IRegionReader
{
    static readonly PrimaryMapOptions options = new() { KeepProbabilities = true };

    readonly IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(
        new PrimaryQuantEstimatorOptions { Network = network, Device = ComputeDevice.Cpu, Threads = 1 });

    public RegionFinding Read(PixelView picture, QuantTable second) => Finding(RegionFinder.Find(estimator.EstimateMap(picture, second, options)));

    /// <summary>A region map in the words of the evaluation.</summary>
    public static RegionFinding Finding(RegionMap map) => new(map.ToPixelLabels(), [.. map.Sources.Select(Claim)]);

    static RegionClaim Claim(RegionSource source) => source.Primary is { Determined: true } primary
        ? new RegionClaim([.. primary.Steps.ToArray().Select(step => (int)step)], primary.QualityFactor, source.Shift?.Row, source.Shift?.Column)
        : new RegionClaim(null, null, source.Shift?.Row, source.Shift?.Column);

    public void Dispose() => estimator.Dispose();
}
