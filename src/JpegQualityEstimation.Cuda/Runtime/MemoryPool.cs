using JpegQualityEstimation.Cuda.Handles;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Runtime;

// MemoryPool: the device memory of this process's buffers on one device. Stream-ordered where the device has pools: taking
// and returning costs no synchronisation, and what is returned is kept for the next. Counted in units of 512 bytes against
// a cap. Thread-safe.
sealed unsafe class MemoryPool : IDisposable
{
    const long Unit = 512;

    readonly ContextHandle context;
    readonly PoolHandle? pool;

    public MemoryPool(ContextHandle context, bool pooled, long cap)
    {
        this.context = context;
        Account = new MemoryAccount(cap);
        pool = pooled ? new PoolHandle(context) : null;
    }

    public MemoryAccount Account { get; }

    /// <summary>Bytes that the pool keeps from the device, held or not.</summary>
    public long ReservedBytes
    {
        get
        {
            if (pool is null)
                return Account.Used;
            context.MakeCurrent();
            ulong bytes;
            Check.Ok(CudaDriver.cuMemPoolGetAttribute(pool.Pointer, MemoryPoolAttribute.ReservedCurrent, &bytes));
            return (long)bytes;
        }
    }

    /// <exception cref="CudaOutOfMemoryException">The cap would be passed, or the device is full even after trimming.</exception>
    public MemoryHandle Take(long bytes, StreamHandle stream)
    {
        long taken = checked(Math.Max(bytes, 1) + Unit - 1) / Unit * Unit;
        if (!Account.TryTake(taken))
            throw Full(taken);
        bool kept = false;
        try
        {
            var memory = new MemoryHandle(pool, stream, Account, taken, out CudaStatus status);
            if (status == CudaStatus.OutOfMemory)
            {
                // What other streams returned may only wait for them to finish.
                memory.Dispose();
                _ = CudaDriver.cuCtxSynchronize();
                Trim();
                memory = new MemoryHandle(pool, stream, Account, taken, out status);
            }
            if (status != CudaStatus.Success)
            {
                memory.Dispose();
                throw status == CudaStatus.OutOfMemory ? Full(taken) : new CudaException(status, Call, $"{taken} bytes");
            }
            kept = true;
            return memory;
        }
        finally
        {
            if (!kept)
                Account.Return(taken);
        }
    }

    /// <summary>Gives what is not in use back to the device.</summary>
    public void Trim()
    {
        if (pool is null)
            return;
        context.MakeCurrent();
        Check.Ok(CudaDriver.cuMemPoolTrimTo(pool.Pointer, 0));
    }

    public void Dispose() => pool?.Dispose();

    string Call => pool is null ? nameof(CudaDriver.cuMemAlloc_v2) : nameof(CudaDriver.cuMemAllocFromPoolAsync);

    CudaOutOfMemoryException Full(long asked)
    {
        nuint free = 0, total = 0;
        context.MakeCurrent();
        CudaDriver.cuMemGetInfo_v2(&free, &total);
        return new CudaOutOfMemoryException(Call, asked, Account.Used, Account.Cap, (long)free);
    }
}
