namespace JpegQualityEstimation.Jpeg;

/// <summary>The standard table nearest to a given one.</summary>
/// <param name="QualityFactor">libjpeg quality factor of the standard table, 1..100.</param>
/// <param name="Distance">Mean over the 64 frequencies of |ln(step / standard step)|; 0 only for the very table.</param>
public readonly record struct StandardQualityMatch(int QualityFactor, double Distance)
{
    /// <summary>Whether the table is the standard one of <see cref="QualityFactor"/>.</summary>
    public bool IsExact => Distance == 0;
}
