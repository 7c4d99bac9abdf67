namespace JpegQualityEstimation.Findings;

/// <summary>What the pixels say of one step of the last quantization table.</summary>
/// <param name="Step">The step, 1..255; null where there is no evidence for any ("-").</param>
/// <param name="FalseAlarms">log10 of the number of false alarms of the best candidate: how many coefficients of uncompressed pictures
/// would be expected to look as quantized as this one in all tests of a picture.</param>
public readonly record struct LastStep(int? Step, double FalseAlarms)
{
    /// <summary>The step, or "-".</summary>
    public override string ToString() => Step is { } step ? step.ToString(System.Globalization.CultureInfo.InvariantCulture) : "-";
}
