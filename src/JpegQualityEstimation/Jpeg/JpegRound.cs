namespace JpegQualityEstimation.Jpeg;

/// <summary>One compression in a chain of several, with the shift of the block grid before it.</summary>
/// <param name="Compression">Tables and sampling.</param>
/// <param name="ShiftRows">Rows cut off at the top before this compression, 0 or more.</param>
/// <param name="ShiftColumns">Columns cut off at the left before this compression, 0 or more.</param>
public sealed record JpegRound(JpegCompression Compression, int ShiftRows = 0, int ShiftColumns = 0);
