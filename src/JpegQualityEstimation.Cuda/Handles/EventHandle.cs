using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

sealed unsafe class EventHandle : ContextChild
{
    public EventHandle(ContextHandle context, bool timed)
        : base(context)
    {
        nint e;
        Check.Ok(CudaDriver.cuEventCreate(&e, timed ? EventFlags.Default : EventFlags.DisableTiming));
        SetHandle(e);
    }

    protected override bool Free(nint pointer) => CudaDriver.cuEventDestroy_v2(pointer) == CudaStatus.Success;
}
