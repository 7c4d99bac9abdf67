namespace JpegQualityEstimation.Engine;

// IDevicePatches: makes training patches on a device that holds the pictures. The same bytes as on the processor.
// For one thread at a time.
interface IDevicePatches : IDisposable
{
    /// <summary>Makes patches.</summary>
    /// <param name="plans">[n]; their pictures count among those that the device was given.</param>
    /// <param name="side">Of a patch in pixels.</param>
    /// <param name="patches">[n, side, side, 3] RGB, overwritten.</param>
    void Make(ReadOnlySpan<PatchPlan> plans, int side, Span<byte> patches);
}
