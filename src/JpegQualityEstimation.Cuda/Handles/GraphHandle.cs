using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// A graph ready to be launched; the captured one is gone once this one is made.
sealed unsafe class GraphHandle : ContextChild
{
    public GraphHandle(ContextHandle context, nint captured)
        : base(context)
    {
        nint executable;
        CudaStatus status = CudaDriver.cuGraphInstantiateWithFlags(&executable, captured, 0);
        CudaDriver.cuGraphDestroy(captured);
        Check.Ok(status, call: nameof(CudaDriver.cuGraphInstantiateWithFlags));
        SetHandle(executable);
    }

    protected override bool Free(nint pointer) => CudaDriver.cuGraphExecDestroy(pointer) == CudaStatus.Success;
}
