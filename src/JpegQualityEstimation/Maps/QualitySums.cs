using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

// Sums behind a QualitySummary, in double, one run of pixels after another: the order is the caller's, hence fixed.
struct QualitySums
{
    // Sums are taken over bands of so many rows and merged in order, whoever takes them.
    public const int BandRows = 64;

    double quality, compressed, weightedQuality, weightedCompressed;
    long weight, pixels, reliable;

    public void Add(ReadOnlySpan<float> qualities, ReadOnlySpan<float> flags, ReadOnlySpan<byte> weights)
    {
        for (int i = 0; i < qualities.Length; i++)
            Add(qualities[i], flags[i], weights[i]);
    }

    /// <summary>Adds rows of planes [.., stride], in bands from row y on.</summary>
    public void Add(float[] qualities, float[] flags, byte[] weights, int stride, int x, int y, int width, int height, int threads)
    {
        var bands = new QualitySums[(height + BandRows - 1) / BandRows];
        RowBands.Run(bands.Length, threads, band =>
        {
            for (int row = y + band * BandRows; row < Math.Min(y + height, y + (band + 1) * BandRows); row++)
            {
                int start = row * stride + x;
                bands[band].Add(qualities.AsSpan(start, width), flags.AsSpan(start, width), weights.AsSpan(start, width));
            }
        });
        foreach (QualitySums band in bands)
            Add(band);
    }

    public void Add(in QualitySums other)
    {
        quality += other.quality;
        compressed += other.compressed;
        weightedQuality += other.weightedQuality;
        weightedCompressed += other.weightedCompressed;
        weight += other.weight;
        pixels += other.pixels;
        reliable += other.reliable;
    }

    public void Add(float pixelQuality, float flag, byte reliability)
    {
        quality += pixelQuality;
        compressed += flag;
        weightedQuality += (double)pixelQuality * reliability;
        weightedCompressed += (double)flag * reliability;
        weight += reliability;
        reliable += reliability >= VerdictRule.ReliableFrom ? 1 : 0;
        pixels++;
    }

    /// <param name="calibration">Of the flag, where the model has one.</param>
    /// <param name="hasGrid">Whether the picture bears the grid of a last compression.</param>
    public readonly QualitySummary Summary(FlagCalibration? calibration = null, bool hasGrid = false)
    {
        double meanQuality = quality / pixels, meanCompressed = compressed / pixels;
        double reliableQuality = weight == 0 ? meanQuality : weightedQuality / weight;
        double reliableCompressed = weight == 0 ? meanCompressed : weightedCompressed / weight;
        double share = (double)reliable / pixels;
        return new QualitySummary(
            meanQuality, meanCompressed, reliableQuality, reliableCompressed, share,
            VerdictRule.Decide(share, reliableCompressed, hasGrid))
        {
            JpegProbability = share < VerdictRule.MinimumReliableShare && !hasGrid ? null : calibration?.Probability(reliableCompressed, hasGrid),
        };
    }
}
