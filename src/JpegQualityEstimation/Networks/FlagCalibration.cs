using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Networks;

// FlagCalibration: P(was JPEG) = 1 / (1 + exp(-(slope flag + offset))) of a picture's mean flag weighted by reliability
// (Platt 1999). The slope is positive: a larger flag never makes JPEG less probable.
readonly record struct FlagCalibration(double Slope, double Offset)
{
    /// <summary>Range of both numbers that a file may name.</summary>
    public const double Most = 1000;

    public double Probability(double flag) => 1 / (1 + Math.Exp(-(Slope * flag + Offset)));

    /// <summary>What a file's metadata say; null where they are silent.</summary>
    /// <exception cref="WeightsFormatException">They say something else than two numbers, or a slope that is not positive.</exception>
    public static FlagCalibration? Read(IReadOnlyDictionary<string, string> metadata, string file)
    {
        if (CalibrationKeys.Read(metadata, CalibrationKeys.Flag, file, [2], -Most, Most) is not [double slope, double offset])
            return null;
        if (slope <= 0)
            throw new WeightsFormatException(file, -1, $"metadata '{CalibrationKeys.Flag}': the slope is not above 0");
        return new FlagCalibration(slope, offset);
    }
}
