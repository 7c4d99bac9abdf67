using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Engine.Ops;

// IQualityEngine: the quality network over a picture of any size, on some device.
// Safe to call from several threads at once. The same picture gives the same bits however the device cuts it.
interface IQualityEngine : IDisposable
{
    /// <summary>Fills the raw output maps of a picture.</summary>
    /// <param name="picture">Any format; gray is read as R = G = B.</param>
    /// <param name="degradation">Output 0 [height, width]: 1 - quality/100, not clipped.</param>
    /// <param name="flag">Output 1 [height, width]: 1 = compressed, not clipped.</param>
    /// <param name="progress">Share of the picture done, 0..1, never falling; called by one thread at a time.</param>
    /// <param name="cancellation">Looked at often.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the maps are then half filled.</exception>
    void Run(PixelView picture, Span<float> degradation, Span<float> flag, IProgress<double>? progress, CancellationToken cancellation);
}
