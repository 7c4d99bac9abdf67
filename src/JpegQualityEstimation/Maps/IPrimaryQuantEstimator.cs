using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Maps;

/// <summary>
/// Estimates the first 15 zig-zag steps of the first of two luminance quantization tables, from 64x64 windows of a
/// double-compressed picture (Tondi, Costanzo, Huang, Li 2021).
/// </summary>
/// <remarks>
/// Safe for concurrent calls. The same picture, second table, model, device and kernel set give the same bytes, whatever
/// the number of threads. Dispose it when nobody calls it any more.
/// <para>The second table is that of the last compression: <see cref="JpegHeader"/> reads it from a JPEG file
/// (<c>Components[0].Table</c>), <see cref="QuantTable.StandardLuminance"/> makes it from a quality factor.</para>
/// </remarks>
public interface IPrimaryQuantEstimator : IDisposable
{
    /// <summary>The device that does the work; never <see cref="ComputeDevice.Auto"/>.</summary>
    ComputeDevice Device { get; }

    /// <summary>Why this device: one sentence.</summary>
    string DeviceReason { get; }

    /// <summary>Name of the model that answers for a second table.</summary>
    /// <exception cref="InvalidOperationException">No model was given, and this build carries none.</exception>
    string ModelNameFor(QuantTable second);

    /// <summary>Estimates one window.</summary>
    /// <param name="patch">64x64 pixels of any format, its top left a block corner of the second grid.</param>
    /// <param name="second">Luminance table of the last compression.</param>
    /// <exception cref="ArgumentException">The patch is not 64x64.</exception>
    /// <exception cref="InvalidOperationException">No model was given, and this build carries none.</exception>
    PrimaryQuantEstimate EstimatePatch(PixelView patch, QuantTable second);

    /// <summary>Estimates many windows.</summary>
    /// <param name="patches">[n,64,64,3] red, green, blue bytes, each patch in phase with the second grid.</param>
    /// <param name="second">Luminance table of the last compression, the same for all.</param>
    /// <param name="progress">Told the share done, 0..1, never falling; from the threads that do the work, one at a time.</param>
    /// <param name="cancellationToken">Stops the work after a few windows.</param>
    /// <returns>n estimates, in the order of the patches.</returns>
    /// <exception cref="ArgumentException">The length is no multiple of 64*64*3.</exception>
    /// <exception cref="InvalidOperationException">No model was given, and this build carries none.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    IReadOnlyList<PrimaryQuantEstimate> EstimatePatches(
        ReadOnlySpan<byte> patches, QuantTable second, IProgress<double>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Estimates all 64x64 windows of a picture that fit on a grid of a given stride.</summary>
    /// <param name="picture">At least 64x64 pixels behind the origin, any format; gray is read as three equal channels.</param>
    /// <param name="second">Luminance table of the last compression.</param>
    /// <param name="options">Null: stride 8, the second grid beginning at the top left pixel.</param>
    /// <param name="progress">Told the share done, 0..1, never falling; from the threads that do the work, one at a time.</param>
    /// <param name="cancellationToken">Stops the work at the next row of windows.</param>
    /// <exception cref="ArgumentException">No window fits into the picture, an option is outside its range, or the map
    /// would not fit an array.</exception>
    /// <exception cref="InvalidOperationException">No model was given, and this build carries none.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    PrimaryQuantMap EstimateMap(
        PixelView picture, QuantTable second, PrimaryMapOptions? options = null,
        IProgress<double>? progress = null, CancellationToken cancellationToken = default);
}
