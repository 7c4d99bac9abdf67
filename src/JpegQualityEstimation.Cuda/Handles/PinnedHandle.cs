using System.Globalization;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// Page-locked host memory.
sealed unsafe class PinnedHandle : ContextChild
{
    public PinnedHandle(ContextHandle context, nuint bytes)
        : base(context)
    {
        void* pointer;
        CudaStatus status = CudaDriver.cuMemHostAlloc(&pointer, bytes, 0);
        if (status != CudaStatus.Success)
            throw new CudaException(status, nameof(CudaDriver.cuMemHostAlloc), string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes of page-locked host memory"));
        SetHandle((nint)pointer);
    }

    protected override bool Free(nint pointer) => CudaDriver.cuMemFreeHost((void*)pointer) == CudaStatus.Success;
}
