namespace JpegQualityEstimation.Maps;

/// <summary>A quality map, or a part of it, in a few numbers.</summary>
/// <param name="MeanQuality">Plain mean of the quality plane, 0..100: the paper's estimate for a picture of one history.</param>
/// <param name="MeanCompressed">Plain mean of the compression flag, 0..1.</param>
/// <param name="ReliableQuality">Mean of the quality plane weighted by reliability, 0..100; the plain mean where nothing is reliable.</param>
/// <param name="ReliableCompressed">Mean of the flag weighted by reliability, 0..1; the plain mean where nothing is reliable.</param>
/// <param name="ReliableShare">Share of pixels with a reliability of at least one half, 0..1.</param>
/// <param name="Verdict">The conclusion, or that there is none.</param>
public readonly record struct QualitySummary(
    double MeanQuality,
    double MeanCompressed,
    double ReliableQuality,
    double ReliableCompressed,
    double ReliableShare,
    QualityVerdict Verdict)
{
    /// <summary>
    /// Calibrated probability that the picture ever was JPEG, 0..1, both answers being as likely beforehand, by numbers that the model's
    /// file names: of <see cref="ReliableCompressed"/> by a logistic map (Platt 1999), or one number where the whole picture bears the
    /// grid of a last compression; null where the file names none, or where there is no such grid and too little is reliable for a verdict.
    /// </summary>
    public double? JpegProbability { get; init; }
}
