using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Networks;

// FlagCalibration: the probability that a picture was JPEG.
//   without the grid of a last compression   1 / (1 + exp(-(slope flag + offset))) of its mean flag weighted by reliability (Platt 1999)
//   with one                                 the share of JPEGs among such pictures: the grid has raised the flag, which says no more
// The slope is positive: a larger flag never makes JPEG less probable.
readonly record struct FlagCalibration(double Slope, double Offset, double? WithGrid = null)
{
    /// <summary>Range of slope and offset that a file may name.</summary>
    public const double Most = 1000;

    /// <param name="flag">0..1, as it is served.</param>
    /// <param name="hasGrid">Whether the picture bears the grid of a last compression.</param>
    public double Probability(double flag, bool hasGrid = false) => hasGrid && WithGrid is { } known ? known : 1 / (1 + Math.Exp(-(Slope * flag + Offset)));

    /// <summary>What a file's metadata say; null where they are silent.</summary>
    /// <exception cref="WeightsFormatException">They say something else than two numbers, a slope that is not positive, or of the grid something that is no
    /// probability above one half.</exception>
    public static FlagCalibration? Read(IReadOnlyDictionary<string, string> metadata, string file)
    {
        double[]? grid = CalibrationKeys.Read(metadata, CalibrationKeys.Grid, file, 1, 0.5, 1);
        if (CalibrationKeys.Read(metadata, CalibrationKeys.Flag, file, 2, -Most, Most) is not [double slope, double offset])
            return null;
        if (slope <= 0)
            throw new WeightsFormatException(file, -1, $"metadata '{CalibrationKeys.Flag}': the slope is not above 0");
        return new FlagCalibration(slope, offset, grid?[0]);
    }
}
