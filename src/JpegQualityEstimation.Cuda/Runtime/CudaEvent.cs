using JpegQualityEstimation.Cuda.Handles;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Runtime;

// CudaEvent: a place in the work of a stream. Any thread may wait for it.
sealed unsafe class CudaEvent : IDisposable
{
    internal CudaEvent(ContextHandle context, bool timed) => Handle = new EventHandle(context, timed);

    internal EventHandle Handle { get; }

    /// <summary>Whether all before it is done.</summary>
    public bool IsDone
    {
        get
        {
            Handle.Context.MakeCurrent();
            CudaStatus status = CudaDriver.cuEventQuery(Handle.Pointer);
            if (status == CudaStatus.NotReady)
                return false;
            Check.Ok(status, call: nameof(CudaDriver.cuEventQuery));
            return true;
        }
    }

    /// <summary>Waits until all before it is done.</summary>
    public void Synchronize()
    {
        Handle.Context.MakeCurrent();
        Check.Ok(CudaDriver.cuEventSynchronize(Handle.Pointer));
    }

    /// <summary>Milliseconds of device time from another event to this one; both timed and done.</summary>
    public float MillisecondsSince(CudaEvent start)
    {
        Handle.Context.MakeCurrent();
        float milliseconds;
        CudaStatus status;
        try
        {
            status = CudaDriver.cuEventElapsedTime(&milliseconds, start.Handle.Pointer, Handle.Pointer);
        }
        catch (EntryPointNotFoundException)
        {
            status = CudaDriver.cuEventElapsedTime_v2(&milliseconds, start.Handle.Pointer, Handle.Pointer);
        }
        Check.Ok(status, call: nameof(CudaDriver.cuEventElapsedTime));
        return milliseconds;
    }

    public void Dispose() => Handle.Dispose();
}
