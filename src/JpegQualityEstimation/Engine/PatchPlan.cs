using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Engine;

// PatchPlan: one training patch with all that was drawn for it: the crop, what is done to it, one or two compressions
// and where they lie. Carrying it out needs no random number, so that a device may do it; the pixels are the same bytes.

/// <summary>One training patch before anything is done.</summary>
/// <param name="Preparation">The crop and what happens to it.</param>
/// <param name="First">The first compression, of the crop's top left FirstRows x FirstColumns; null: none.</param>
/// <param name="FirstRows">Rows of it.</param>
/// <param name="FirstColumns">Columns of it.</param>
/// <param name="Second">The second compression, of SecondRows x SecondColumns at (StartRow, StartColumn); null: none.</param>
/// <param name="StartRow">Row where it begins in the first.</param>
/// <param name="StartColumn">Column.</param>
/// <param name="SecondRows">Rows of it.</param>
/// <param name="SecondColumns">Columns of it.</param>
/// <param name="Row">Row of the patch in the second.</param>
/// <param name="Column">Column.</param>
readonly record struct PatchPlan(
    PatchPreparation Preparation, JpegCompression? First, int FirstRows, int FirstColumns,
    JpegCompression? Second, int StartRow, int StartColumn, int SecondRows, int SecondColumns, int Row, int Column);
