namespace JpegQualityEstimation.Maps;

// When a picture gets a verdict: enough reliable pixels, and a flag outside the ambiguous band.
// docs/decisions.md ("Undetermined") says how the numbers were found.
static class VerdictRule
{
    // A pixel is reliable from half the full score on.
    public const byte ReliableFrom = 128;

    public const double MinimumReliableShare = 0.05;

    // The paper decides at 0.5.
    public const double NeverCompressedBelow = 0.4;
    public const double JpegAbove = 0.6;

    // A grid needs no texture beside that which it was found in.
    public static QualityVerdict Decide(double reliableShare, double compressed, bool hasGrid = false) =>
        reliableShare < MinimumReliableShare ? hasGrid ? QualityVerdict.Jpeg : QualityVerdict.Undetermined
        : compressed > JpegAbove ? QualityVerdict.Jpeg
        : compressed < NeverCompressedBelow ? QualityVerdict.NeverCompressed
        : QualityVerdict.Undetermined;
}
