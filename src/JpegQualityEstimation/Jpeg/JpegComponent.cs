namespace JpegQualityEstimation.Jpeg;

/// <summary>One component of a JPEG file.</summary>
/// <param name="Id">The component's identifier in the file: 1, 2, 3 in JFIF.</param>
/// <param name="HorizontalSampling">Horizontal sampling factor, 1..4.</param>
/// <param name="VerticalSampling">Vertical sampling factor, 1..4.</param>
/// <param name="Table">The quantization steps in force at the component's first scan.</param>
public sealed record JpegComponent(int Id, int HorizontalSampling, int VerticalSampling, QuantTable Table);
