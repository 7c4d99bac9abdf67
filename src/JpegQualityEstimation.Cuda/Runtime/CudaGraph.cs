using JpegQualityEstimation.Cuda.Handles;

namespace JpegQualityEstimation.Cuda.Runtime;

// CudaGraph: captured work, launched as one. It holds addresses, not buffers: what the work used has to live as long.
sealed class CudaGraph : IDisposable
{
    internal CudaGraph(GraphHandle handle) => Handle = handle;

    internal GraphHandle Handle { get; }

    public void Dispose() => Handle.Dispose();
}
