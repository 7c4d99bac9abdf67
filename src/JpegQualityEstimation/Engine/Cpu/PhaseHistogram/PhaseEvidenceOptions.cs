using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

/// <summary>What is measured of each grid phase.</summary>
sealed record PhaseEvidenceOptions
{
    /// <summary>Phases of an 8x8 grid; phase = 8 * (row mod 8) + column mod 8.</summary>
    public const int Phases = 64;

    /// <summary>Most <see cref="Bins"/>.</summary>
    public const int MaxBins = 256;

    /// <summary>Most <see cref="Periods"/>.</summary>
    public const int MaxPeriods = 128;

    // Codes are units of 1/8, so that a narrower bin than that tells nothing apart; of denormal widths the reciprocal is
    // infinite.
    public const float MinBinWidth = 0.01f;

    public const float MaxBinWidth = 100;

    /// <summary>DCT coefficients, the first in zig-zag order, DC included: 1..64.</summary>
    public int Coefficients { get; init; } = 24;

    /// <summary>Histogram bins of the magnitude, the last one open: 1..256.</summary>
    public int Bins { get; init; } = 48;

    /// <summary>Width of a bin, in units of the orthonormal DCT of samples 0..255: 0.01..100.</summary>
    public float BinWidth { get; init; } = 0.75f;

    /// <summary>Comb responses, of periods 1 to this number: 0..128.</summary>
    public int Periods { get; init; } = 24;

    /// <summary>Numbers a phase and coefficient: bins, then periods.</summary>
    public int Features => Bins + Periods;

    /// <summary>Floats of the evidence of one window, [coefficient, phase, feature].</summary>
    public int EvidenceLength => Coefficients * Phases * Features;

    /// <summary>Floats of the all-phase features of one window, [coefficient, feature].</summary>
    public int OverallLength => Coefficients * Features;

    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public void Check()
    {
        Check(Coefficients, 1, ZigZag.ToNatural.Length, nameof(Coefficients));
        Check(Bins, 1, MaxBins, nameof(Bins));
        Check(Periods, 0, MaxPeriods, nameof(Periods));
        if (!CanBe(BinWidth))
            throw new ArgumentOutOfRangeException(nameof(BinWidth), BinWidth, $"{MinBinWidth} to {MaxBinWidth}");
    }

    public static bool CanBe(float binWidth) => binWidth is >= MinBinWidth and <= MaxBinWidth;

    static void Check(int value, int least, int most, string name)
    {
        if (value < least || value > most)
            throw new ArgumentOutOfRangeException(name, value, $"{least} to {most}");
    }
}
