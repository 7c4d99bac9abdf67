using System.Globalization;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Networks;

// CalibrationKeys: what a weight file's metadata say of calibration. Numbers are written in the invariant culture, several with
// spaces between. A key that is there must hold what it should, whatever else the file says; one that is absent changes nothing.
//   calibration.steps   a0 a1 b0 b1: inverse temperature and bias of the step blocks (PrimaryCalibration)
//   calibration.shift   c0 c1: inverse temperature of the grid shift
//   calibration.answer  least mean confidence of a window that is answered for, 0 to 1
//   calibration.flag    a b: P(was JPEG) = 1 / (1 + exp(-(a flag + b)))
//   calibration.grid    P(was JPEG) where the grid of a last compression is found, whatever the flag; read beside calibration.flag
//   calibration.data    on what they were fitted (text; not read)
static class CalibrationKeys
{
    public const string Prefix = "calibration.", Steps = "calibration.steps", Shift = "calibration.shift", Answer = "calibration.answer",
        Flag = "calibration.flag", Grid = "calibration.grid", Data = "calibration.data";

    /// <summary>The numbers under a key, each within [least, most]; null where the key is absent.</summary>
    /// <exception cref="WeightsFormatException">Something else is there.</exception>
    public static double[]? Read(IReadOnlyDictionary<string, string> metadata, string key, string file, int count, double least, double most)
    {
        if (!metadata.TryGetValue(key, out string? text))
            return null;
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != count)
            throw new WeightsFormatException(file, -1, $"metadata '{key}' hold {words.Length} numbers, not {count}");
        var values = new double[words.Length];
        for (int i = 0; i < values.Length; i++)
        {
            const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
            // Written so that what is no number is refused too.
            if (!double.TryParse(words[i], Style, CultureInfo.InvariantCulture, out values[i]) || !(values[i] >= least && values[i] <= most))
            {
                throw new WeightsFormatException(file, -1, string.Create(
                    CultureInfo.InvariantCulture, $"metadata '{key}': number {i + 1} is not one of {least}..{most}"));
            }
        }
        return values;
    }

    public static string Write(params IEnumerable<double> values) =>
        string.Join(' ', values.Select(value => value.ToString("G6", CultureInfo.InvariantCulture)));
}
