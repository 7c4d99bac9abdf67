using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

// Planes [h,w], row-major, one value a pixel. Immutable once made; safe to read from any thread.

/// <summary>Per pixel of a picture: the JPEG quality it was once saved with, and whether it ever was JPEG.</summary>
/// <remarks>Immutable; safe to read from any number of threads.</remarks>
public sealed class QualityMap
{
    readonly float[] quality;
    readonly float[] compressed;
    readonly byte[] reliability;

    internal QualityMap(
        int width, int height, float[] quality, float[] compressed, byte[] reliability, int threads = 1, FlagCalibration? calibration = null,
        LastCompressionEstimate? last = null)
    {
        LastCompression = last;
        Calibration = calibration;
        Width = width;
        Height = height;
        this.quality = quality;
        this.compressed = compressed;
        this.reliability = reliability;
        Summary = Summarize(0, 0, width, height, threads, last is { IsDetected: true });
    }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Quality factor 0..100 per pixel, [h,w] row-major; meaningful where <see cref="Compressed"/> is near 1.</summary>
    public ReadOnlySpan<float> Quality => quality;

    /// <summary>Compression flag per pixel, [h,w] row-major: 1 = was JPEG, 0 = never was.</summary>
    public ReadOnlySpan<float> Compressed => compressed;

    /// <summary>
    /// How far a pixel's surroundings let JPEG traces be read, [h,w] row-major: 0 = not at all (flat, saturated, too
    /// small a picture), 255 = fully; reliable from 128 on.
    /// </summary>
    public ReadOnlySpan<byte> Reliability => reliability;

    /// <summary>The last compression of the picture, as far as its pixels tell: detected where its grid covers at least half of the picture,
    /// a smaller part's stands in the planes only. Null where the map is the network's alone.</summary>
    public LastCompressionEstimate? LastCompression { get; }

    /// <summary>From flag to probability, where the model says how.</summary>
    internal FlagCalibration? Calibration { get; }

    /// <summary>The whole picture in a few numbers.</summary>
    public QualitySummary Summary { get; }

    /// <inheritdoc cref="QualitySummary.MeanQuality"/>
    public double MeanQuality => Summary.MeanQuality;

    /// <inheritdoc cref="QualitySummary.MeanCompressed"/>
    public double MeanCompressed => Summary.MeanCompressed;

    /// <inheritdoc cref="QualitySummary.ReliableQuality"/>
    public double ReliableQuality => Summary.ReliableQuality;

    /// <inheritdoc cref="QualitySummary.ReliableCompressed"/>
    public double ReliableCompressed => Summary.ReliableCompressed;

    /// <inheritdoc cref="QualitySummary.ReliableShare"/>
    public double ReliableShare => Summary.ReliableShare;

    /// <inheritdoc cref="QualitySummary.JpegProbability"/>
    public double? JpegProbability => Summary.JpegProbability;

    /// <inheritdoc cref="QualitySummary.Verdict"/>
    public QualityVerdict Verdict => Summary.Verdict;

    /// <summary>The same numbers for the rectangle at column <paramref name="x"/>, row <paramref name="y"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle is empty or does not lie inside the map.</exception>
    public QualitySummary Summarize(int x, int y, int width, int height) => Summarize(x, y, width, height, threads: 1, hasGrid: false);

    QualitySummary Summarize(int x, int y, int width, int height, int threads, bool hasGrid)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)x + width, Width, nameof(width));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)y + height, Height, nameof(height));
        var sums = default(QualitySums);
        sums.Add(quality, compressed, reliability, Width, x, y, width, height, threads);
        return sums.Summary(Calibration, hasGrid);
    }
}
