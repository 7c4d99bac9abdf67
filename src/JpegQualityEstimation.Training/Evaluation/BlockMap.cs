using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>A value for each 8x8 block of a grid: log likelihood ratio of "compressed twice" against "not so".</summary>
/// <param name="Rows">Rows of blocks.</param>
/// <param name="Columns">Blocks a row.</param>
/// <param name="OriginRow">Pixel row of the first block.</param>
/// <param name="OriginColumn">Pixel column of the first block.</param>
/// <param name="Ratios">[rows,columns].</param>
sealed record BlockMap(int Rows, int Columns, int OriginRow, int OriginColumn, float[] Ratios);

/// <summary>Makes the map of a picture whose last table is known.</summary>
delegate BlockMap BlockMapper(PixelView picture, QuantTable second);
