using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// A stream that does not wait for the default one. Memory returned to the pool while the stream is being captured waits
// until the capture is over, so that a collector's work never becomes part of a graph.
sealed unsafe class StreamHandle : ContextChild
{
    readonly Lock gate = new();
    readonly List<ulong> waiting = [];
    int capturingThread;
    bool freedByCapturer;

    public StreamHandle(ContextHandle context)
        : base(context)
    {
        nint stream;
        Check.Ok(CudaDriver.cuStreamCreate(&stream, StreamFlags.NonBlocking));
        SetHandle(stream);
    }

    public bool IsCapturing => Volatile.Read(ref capturingThread) != 0;

    public void BeginCapture()
    {
        lock (gate)
        {
            Check.Ok(CudaDriver.cuStreamBeginCapture_v2(Pointer, StreamCaptureMode.Relaxed));
            (capturingThread, freedByCapturer) = (Environment.CurrentManagedThreadId, false);
        }
    }

    /// <summary>Ends the capture, whatever became of it; says whether the capturing thread returned memory meanwhile.</summary>
    public CudaStatus EndCapture(out nint graph, out bool memoryReturned)
    {
        nint ended = 0;
        lock (gate)
        {
            CudaStatus status = CudaDriver.cuStreamEndCapture(Pointer, &ended);
            (capturingThread, memoryReturned) = (0, freedByCapturer);
            foreach (ulong address in waiting)
                CudaDriver.cuMemFreeAsync(address, handle);
            waiting.Clear();
            graph = ended;
            return status;
        }
    }

    /// <summary>Returns memory in the order of the stream.</summary>
    public bool FreeMemory(ulong address)
    {
        lock (gate)
        {
            if (capturingThread == 0)
                return CudaDriver.cuMemFreeAsync(address, handle) == CudaStatus.Success;
            waiting.Add(address);
            freedByCapturer |= capturingThread == Environment.CurrentManagedThreadId;
            return true;
        }
    }

    protected override bool Free(nint pointer) => CudaDriver.cuStreamDestroy_v2(pointer) == CudaStatus.Success;
}
