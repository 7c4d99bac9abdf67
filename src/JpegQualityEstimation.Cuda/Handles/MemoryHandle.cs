using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// Device memory, returned in the order of the stream it was taken on. Keeps the pool and that stream.
sealed unsafe class MemoryHandle : ContextChild
{
    readonly PoolHandle? pool;
    readonly StreamHandle stream;
    readonly MemoryAccount account;
    readonly long bytes;
    readonly bool poolHeld;
    readonly bool streamHeld;

    /// <summary>Takes memory; without a pool the stream is waited for when it is returned.</summary>
    /// <remarks>On failure nothing is held, and <paramref name="status"/> says why.</remarks>
    public MemoryHandle(PoolHandle? pool, StreamHandle stream, MemoryAccount account, long bytes, out CudaStatus status)
        : base(stream.Context)
    {
        this.pool = pool;
        this.stream = stream;
        this.account = account;
        this.bytes = bytes;
        ulong address = 0;
        status = pool is null
            ? CudaDriver.cuMemAlloc_v2(&address, (nuint)bytes)
            : CudaDriver.cuMemAllocFromPoolAsync(&address, (nuint)bytes, pool.Pointer, stream.Pointer);
        if (status != CudaStatus.Success)
            return;
        pool?.DangerousAddRef(ref poolHeld);
        stream.DangerousAddRef(ref streamHeld);
        SetHandle((nint)address);
    }

    public ulong Address => (ulong)Pointer;

    public StreamHandle Stream => stream;

    protected override bool Free(nint pointer)
    {
        bool freed = pool is not null
            ? stream.FreeMemory((ulong)pointer)
            : CudaDriver.cuStreamSynchronize(stream.DangerousGetHandle()) == CudaStatus.Success && CudaDriver.cuMemFree_v2((ulong)pointer) == CudaStatus.Success;
        account.Return(bytes);
        if (streamHeld)
            stream.DangerousRelease();
        if (poolHeld)
            pool!.DangerousRelease();
        return freed;
    }
}
