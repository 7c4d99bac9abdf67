namespace JpegQualityEstimation.Training;

/// <summary>The closed range that a random setting of a recipe is drawn from.</summary>
/// <param name="From">Least value.</param>
/// <param name="To">Largest value.</param>
public readonly record struct ValueRange(double From, double To)
{
    /// <summary>True where the range is that one value.</summary>
    public bool IsOnly(double value) => From == value && To == value;

    /// <summary>True where both ends are whole numbers.</summary>
    public bool IsWhole => From == Math.Floor(From) && To == Math.Floor(To);
}
