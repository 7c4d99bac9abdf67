namespace JpegQualityEstimation.Jpeg;

public sealed partial class QuantTable
{
    // ITU-T T.81 Annex K, tables K.1 and K.2, natural order.
    static ReadOnlySpan<byte> AnnexKLuminance =>
    [
        16, 11, 10, 16, 24, 40, 51, 61,
        12, 12, 14, 19, 26, 58, 60, 55,
        14, 13, 16, 24, 40, 57, 69, 56,
        14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77,
        24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101,
        72, 92, 95, 98, 112, 100, 103, 99,
    ];

    static ReadOnlySpan<byte> AnnexKChrominance =>
    [
        17, 18, 24, 47, 99, 99, 99, 99,
        18, 21, 26, 66, 99, 99, 99, 99,
        24, 26, 56, 99, 99, 99, 99, 99,
        47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
    ];

    /// <summary>Table K.1 scaled to a quality factor as libjpeg's jpeg_set_quality does, steps limited to 1..255.</summary>
    /// <param name="qualityFactor">1..100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality factor is outside 1..100.</exception>
    public static QuantTable StandardLuminance(int qualityFactor) => luminanceByQuality[Checked(qualityFactor)];

    /// <summary>Table K.2 scaled to a quality factor as libjpeg's jpeg_set_quality does, steps limited to 1..255.</summary>
    /// <param name="qualityFactor">1..100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality factor is outside 1..100.</exception>
    public static QuantTable StandardChrominance(int qualityFactor) => chrominanceByQuality[Checked(qualityFactor)];

    static int Checked(int qualityFactor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(qualityFactor, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(qualityFactor, 100);
        return qualityFactor;
    }

    static QuantTable Scaled(ReadOnlySpan<byte> basis, int qualityFactor)
    {
        int percent = qualityFactor < 50 ? 5000 / qualityFactor : 200 - 2 * qualityFactor;
        Span<ushort> steps = stackalloc ushort[64];
        for (int i = 0; i < 64; i++)
            steps[i] = (ushort)Math.Clamp((basis[i] * percent + 50) / 100, 1, 255);
        return new QuantTable(steps);
    }
}
