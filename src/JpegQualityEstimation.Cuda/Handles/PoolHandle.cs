using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// A memory pool of its own that keeps what is returned to it until it is told to trim.
sealed unsafe class PoolHandle : ContextChild
{
    public PoolHandle(ContextHandle context)
        : base(context)
    {
        var properties = new MemoryPoolProperties
        {
            AllocationType = MemoryAllocationType.Pinned,
            LocationType = MemoryLocationType.Device,
            LocationId = context.Device,
        };
        nint pool;
        Check.Ok(CudaDriver.cuMemPoolCreate(&pool, &properties));
        SetHandle(pool);
        ulong threshold = ulong.MaxValue;
        Check.Ok(CudaDriver.cuMemPoolSetAttribute(pool, MemoryPoolAttribute.ReleaseThreshold, &threshold));
    }

    protected override bool Free(nint pointer) => CudaDriver.cuMemPoolDestroy(pointer) == CudaStatus.Success;
}
