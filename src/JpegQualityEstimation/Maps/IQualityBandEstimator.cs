using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

/// <summary>Takes a quality map a band of rows at a time, from the top.</summary>
interface IQualityBandSink
{
    /// <summary>Rows [top, top + rows): planes [rows, width], valid during the call.</summary>
    void Add(int top, int rows, ReadOnlySpan<float> quality, ReadOnlySpan<float> compressed, ReadOnlySpan<byte> reliability);
}

// The way to maps of large pictures that are written and not held: the same values to the bit as QualityMap's, of which only a
// band is in memory.
interface IQualityBandEstimator
{
    /// <summary>Rows of a band; the picture's where it is small, or where only whole maps can be had.</summary>
    int BandRows(int width, int height);

    /// <summary>Estimates band by band.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="sink">Where bands go; null: only the summary is wanted.</param>
    /// <param name="progress">As for whole maps.</param>
    /// <param name="cancellationToken">Stops the work at the next row.</param>
    QualityBandsEstimate EstimateBands(PixelView picture, IQualityBandSink? sink, IProgress<double>? progress, CancellationToken cancellationToken);
}

/// <summary>What is kept of a map that was taken band by band.</summary>
/// <param name="Summary">The whole picture.</param>
/// <param name="LastCompression">As <see cref="QualityMap.LastCompression"/>.</param>
readonly record struct QualityBandsEstimate(QualitySummary Summary, LastCompressionEstimate? LastCompression);
