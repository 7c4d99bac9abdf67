using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

/// <summary>Reads JPEG quality and compression flag, pixel by pixel (Uchida, Tanaka, Okutomi 2019).</summary>
/// <remarks>
/// Safe for concurrent calls: any number of threads may call <see cref="Estimate"/> of one estimator at once. The same
/// picture, model, device and kernel set give the same bytes, whatever the number of threads and the tile size.
/// Dispose it when nobody calls it any more; on the processor there is nothing to release.
/// </remarks>
public interface IQualityMapEstimator : IDisposable
{
    /// <summary>Name of the model.</summary>
    string ModelName { get; }

    /// <summary>The device that does the work; never <see cref="ComputeDevice.Auto"/>.</summary>
    ComputeDevice Device { get; }

    /// <summary>Why this device: one sentence.</summary>
    string DeviceReason { get; }

    /// <summary>Makes the quality map of a picture.</summary>
    /// <param name="picture">Any size from 1x1, any format; gray is read as a colour picture of three equal channels.</param>
    /// <param name="progress">Told the share done, 0..1, never falling; from the threads that do the work, one at a time.</param>
    /// <param name="cancellationToken">Stops the work at the next row.</param>
    /// <returns>A map of the picture's size; 9 bytes a pixel.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    QualityMap Estimate(
        PixelView picture, IProgress<double>? progress = null, CancellationToken cancellationToken = default);
}
