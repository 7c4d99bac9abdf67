using System.Runtime.InteropServices;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// The primary context of a device, retained: the one that other CUDA code of the process uses, too.
sealed unsafe class ContextHandle : SafeHandle
{
    readonly int device;

    public ContextHandle(int ordinal)
        : base(0, ownsHandle: true)
    {
        int id;
        Check.Ok(CudaDriver.cuDeviceGet(&id, ordinal));
        device = id;
        nint context;
        Check.Ok(CudaDriver.cuDevicePrimaryCtxRetain(&context, id), $"device {ordinal}");
        SetHandle(context);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The device's id, which is its ordinal on all drivers so far.</summary>
    public int Device => device;

    /// <summary>Makes it the calling thread's, where it is not: a look that costs a few nanoseconds.</summary>
    public void MakeCurrent()
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        Check.Ok(Set());
    }

    internal CudaStatus Set()
    {
        nint current;
        return CudaDriver.cuCtxGetCurrent(&current) == CudaStatus.Success && current == handle ? CudaStatus.Success : CudaDriver.cuCtxSetCurrent(handle);
    }

    protected override bool ReleaseHandle() => CudaDriver.cuDevicePrimaryCtxRelease_v2(device) == CudaStatus.Success;
}
