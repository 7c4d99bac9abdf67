using JpegQualityEstimation.Cuda.Handles;

namespace JpegQualityEstimation.Cuda.Runtime;

// CudnnContext: cuDNN on one stream, with a plan a geometry and one workspace for all of them: what runs on a stream runs
// one after the other. The workspace only grows when a plan is made, and what it was before lives on, since a graph may have
// captured it. For one thread at a time.
sealed class CudnnContext : IDisposable
{
    /// <summary>Most workspace that an algorithm may ask for, in bytes.</summary>
    public const long WorkspaceLimit = 256L << 20;

    readonly CudnnHandle handle;
    readonly Dictionary<ConvolutionGeometry, ConvolutionPlan> plans = [];
    readonly List<DeviceBuffer<byte>> workspaces = [];

    internal CudnnContext(CudaStream stream)
    {
        Stream = stream;
        handle = new CudnnHandle(stream.Handle);
    }

    public CudaStream Stream { get; }

    internal CudnnHandle Handle => handle;

    internal DeviceSpan<byte> Workspace => workspaces.Count == 0 ? default : workspaces[^1].Span;

    /// <summary>The plan of a geometry: made once, not while the stream is captured.</summary>
    public ConvolutionPlan Convolution(in ConvolutionGeometry geometry)
    {
        if (!plans.TryGetValue(geometry, out ConvolutionPlan? plan))
        {
            geometry.Require();
            plan = new ConvolutionPlan(this, geometry);
            Grow(plan.WorkspaceBytes);
            plans.Add(geometry, plan);
        }
        return plan;
    }

    public void Dispose()
    {
        foreach (ConvolutionPlan plan in plans.Values)
            plan.Dispose();
        handle.Dispose();
        foreach (DeviceBuffer<byte> workspace in workspaces)
            workspace.Dispose();
    }

    // By doubling, so that all there ever were are less than twice the last.
    void Grow(long bytes)
    {
        if (bytes > Workspace.Length)
            workspaces.Add(Stream.Rent<byte>(Math.Max(bytes, 2 * Workspace.Length)));
    }
}
