using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Engine.Ops;

// IQualityRowsEngine: an engine that can leave rows out, with the same bits in those that it computes.
interface IQualityRowsEngine : IQualityEngine
{
    /// <summary>Fills the raw output maps of rows [top, bottom) of a picture.</summary>
    /// <param name="picture">The whole picture.</param>
    /// <param name="top">The first row.</param>
    /// <param name="bottom">One behind the last.</param>
    /// <param name="degradation">Output 0 [bottom - top, width].</param>
    /// <param name="flag">Output 1 [bottom - top, width].</param>
    /// <param name="done">Told the pixels done.</param>
    /// <param name="cancellation">Looked at often.</param>
    void RunRows(PixelView picture, int top, int bottom, Span<float> degradation, Span<float> flag, WorkProgress done, CancellationToken cancellation);
}
