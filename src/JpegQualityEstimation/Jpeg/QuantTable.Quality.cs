namespace JpegQualityEstimation.Jpeg;

// libjpeg's quality scaling backwards: which quality factor makes this table, or comes nearest.
// Distance: mean |ln(a/b)| over the 64 steps. Ratios, not differences, because a step of 2 instead of 1 says more
// about a quality than 101 instead of 100. All 100 tables are compared; of equal distances the higher quality wins.
public sealed partial class QuantTable
{
    static readonly QuantTable[] luminanceByQuality = All(AnnexKLuminance);
    static readonly QuantTable[] chrominanceByQuality = All(AnnexKChrominance);

    /// <summary>The standard luminance table (T.81 table K.1, scaled by libjpeg) that is nearest to this one.</summary>
    public StandardQualityMatch NearestStandardLuminance() => Nearest(luminanceByQuality);

    /// <summary>The standard chrominance table (T.81 table K.2, scaled by libjpeg) that is nearest to this one.</summary>
    public StandardQualityMatch NearestStandardChrominance() => Nearest(chrominanceByQuality);

    /// <summary>The quality factor whose standard luminance table this is, null where it is none.</summary>
    public int? StandardLuminanceQuality() => Exact(luminanceByQuality);

    /// <summary>The quality factor whose standard chrominance table this is, null where it is none.</summary>
    /// <remarks>Qualities 1, 2 and 3 share one table (all 255), which is called 3.</remarks>
    public int? StandardChrominanceQuality() => Exact(chrominanceByQuality);

    /// <summary>Mean over the 64 frequencies of |ln(step / other step)|: symmetric, 0 only for equal tables.</summary>
    public double Distance(QuantTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        double sum = 0;
        for (int i = 0; i < 64; i++)
            if (natural[i] != other.natural[i])
                sum += Math.Abs(Math.Log((double)natural[i] / other.natural[i]));
        return sum / 64;
    }

    StandardQualityMatch Nearest(QuantTable[] byQuality)
    {
        var best = new StandardQualityMatch(0, double.PositiveInfinity);
        for (int quality = 100; quality >= 1; quality--)
        {
            double distance = Distance(byQuality[quality]);
            if (distance < best.Distance)
                best = new StandardQualityMatch(quality, distance);
        }
        return best;
    }

    int? Exact(QuantTable[] byQuality)
    {
        for (int quality = 100; quality >= 1; quality--)
            if (Equals(byQuality[quality]))
                return quality;
        return null;
    }

    // Index 0 is unused: it repeats quality 1.
    static QuantTable[] All(ReadOnlySpan<byte> basis)
    {
        var tables = new QuantTable[101];
        for (int quality = 0; quality <= 100; quality++)
            tables[quality] = Scaled(basis, Math.Max(quality, 1));
        return tables;
    }
}
