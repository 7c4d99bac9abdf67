namespace JpegQualityEstimation.Maps;

// Sums behind a QualitySummary, in double, one run of pixels after another: the order is the caller's, hence fixed.
struct QualitySums
{
    double quality, compressed, weightedQuality, weightedCompressed;
    long weight, pixels, reliable;

    public void Add(ReadOnlySpan<float> qualities, ReadOnlySpan<float> flags, ReadOnlySpan<byte> weights)
    {
        for (int i = 0; i < qualities.Length; i++)
            Add(qualities[i], flags[i], weights[i]);
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

    public readonly QualitySummary Summary()
    {
        double meanQuality = quality / pixels, meanCompressed = compressed / pixels;
        double reliableQuality = weight == 0 ? meanQuality : weightedQuality / weight;
        double reliableCompressed = weight == 0 ? meanCompressed : weightedCompressed / weight;
        double share = (double)reliable / pixels;
        return new QualitySummary(
            meanQuality, meanCompressed, reliableQuality, reliableCompressed, share,
            VerdictRule.Decide(share, reliableCompressed));
    }
}
