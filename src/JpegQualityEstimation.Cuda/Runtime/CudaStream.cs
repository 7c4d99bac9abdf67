using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using JpegQualityEstimation.Cuda.Handles;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Runtime;

// CudaStream: work in order on one device. For one thread at a time, whichever; different streams run side by side.
// Nothing waits for the device but Download, Synchronize and an Upload that runs ahead of it by more than its slots.
// While it is captured, memory cannot be rented, and nothing that waits can be done.
sealed unsafe class CudaStream : IDisposable
{
    // 1: every launch is waited for, so that an error names the kernel that made it.
    static readonly bool LaunchesAreWaitedFor = Environment.GetEnvironmentVariable("JQE_CUDA_SYNC") == "1";

    readonly StreamHandle handle;
    readonly Staging staging;

    internal CudaStream(CudaRuntime runtime, ContextHandle context)
    {
        Runtime = runtime;
        handle = new StreamHandle(context);
        staging = new Staging(handle);
    }

    public CudaRuntime Runtime { get; }

    internal StreamHandle Handle => handle;

    /// <summary>Memory from the pool, contents undefined.</summary>
    /// <exception cref="CudaOutOfMemoryException">The cap would be passed, or the device is full.</exception>
    public DeviceBuffer<T> Rent<T>(long length)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Enter(outsideCapture: true);
        return new DeviceBuffer<T>(Runtime.Memory.Take(checked(length * Unsafe.SizeOf<T>()), handle), length);
    }

    /// <summary>Runs a kernel.</summary>
    /// <param name="kernel">Of this stream's runtime.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="block">Threads of a block.</param>
    /// <param name="dynamicShared">Bytes of shared memory beside the kernel's own.</param>
    /// <param name="arguments">As the kernel declares them.</param>
    public void Launch(KernelFunction kernel, Dim3 grid, Dim3 block, int dynamicShared, params ReadOnlySpan<KernelArgument> arguments)
    {
        Enter();
        kernel.CheckArguments(arguments);
        kernel.Allow(dynamicShared);
        ulong* values = stackalloc ulong[arguments.Length];
        void** pointers = stackalloc void*[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Bits;
            pointers[i] = values + i;
        }
        CudaStatus status = CudaDriver.cuLaunchKernel(kernel.Pointer, (uint)grid.X, (uint)grid.Y, (uint)grid.Z, (uint)block.X, (uint)block.Y, (uint)block.Z,
            (uint)dynamicShared, handle.Pointer, pointers, null);
        if (status == CudaStatus.Success && LaunchesAreWaitedFor && !handle.IsCapturing)
            status = CudaDriver.cuStreamSynchronize(handle.Pointer);
        if (status != CudaStatus.Success)
        {
            throw new CudaException(status, nameof(CudaDriver.cuLaunchKernel), string.Create(CultureInfo.InvariantCulture,
                $"kernel {kernel.Name}, grid {grid}, block {block} (most {kernel.MaxThreads}), shared {kernel.StaticShared} + {dynamicShared} bytes (most {Runtime.MaxSharedPerBlock})"));
        }
    }

    /// <summary>Copies to the device; <paramref name="from"/> is free again on return.</summary>
    public void Upload<T>(ReadOnlySpan<T> from, DeviceSpan<T> to)
        where T : unmanaged
    {
        Same(from.Length, to.Length);
        Enter(outsideCapture: true);
        staging.Upload(MemoryMarshal.AsBytes(from), to.Address);
    }

    /// <summary>Copies from the device and waits for it.</summary>
    public void Download<T>(DeviceSpan<T> from, Span<T> to)
        where T : unmanaged
    {
        Same(from.Length, to.Length);
        Enter(outsideCapture: true);
        staging.Download(from.Address, MemoryMarshal.AsBytes(to));
    }

    /// <summary>Copies to.Length elements from page-locked memory; it must stay as it is until the copy is done.</summary>
    public void UploadAsync<T>(PinnedBuffer<T> from, DeviceSpan<T> to, int start = 0)
        where T : unmanaged
    {
        Enter();
        Check.Ok(CudaDriver.cuMemcpyHtoDAsync_v2(to.Address, from.At(start, to.Length), (nuint)to.Bytes, handle.Pointer));
    }

    /// <summary>Copies from.Length elements to page-locked memory, there once the stream has come so far.</summary>
    public void DownloadAsync<T>(DeviceSpan<T> from, PinnedBuffer<T> to, int start = 0)
        where T : unmanaged
    {
        Enter();
        Check.Ok(CudaDriver.cuMemcpyDtoHAsync_v2(to.At(start, from.Length), from.Address, (nuint)from.Bytes, handle.Pointer));
    }

    /// <summary>Zero bytes.</summary>
    public void Clear<T>(DeviceSpan<T> span)
        where T : unmanaged
    {
        Enter();
        if (span.Length > 0)
            Check.Ok(CudaDriver.cuMemsetD8Async(span.Address, 0, (nuint)span.Bytes, handle.Pointer));
    }

    public void Clear<T>(DeviceBuffer<T> buffer)
        where T : unmanaged => Clear(buffer.Span);

    public void Copy<T>(DeviceSpan<T> from, DeviceSpan<T> to)
        where T : unmanaged
    {
        Same(from.Length, to.Length);
        Enter();
        if (from.Length > 0)
            Check.Ok(CudaDriver.cuMemcpyDtoDAsync_v2(to.Address, from.Address, (nuint)from.Bytes, handle.Pointer));
    }

    /// <summary>Waits until all is done; an error of a kernel comes out here at the latest.</summary>
    public void Synchronize()
    {
        Enter(outsideCapture: true);
        Check.Ok(CudaDriver.cuStreamSynchronize(handle.Pointer));
    }

    /// <summary>Waits until all is done, whatever became of it: before what the work uses is given up.</summary>
    public void Settle()
    {
        if (!handle.IsDisposed && handle.Context.Set() == CudaStatus.Success)
            CudaDriver.cuStreamSynchronize(handle.Pointer);
    }

    /// <summary>Marks this place.</summary>
    /// <param name="timed">Whether time is to be told between it and others.</param>
    public CudaEvent Record(bool timed = false)
    {
        Enter();
        var e = new CudaEvent(handle.Context, timed);
        Record(e);
        return e;
    }

    /// <summary>Marks this place with an event used before.</summary>
    public void Record(CudaEvent e)
    {
        Enter();
        Check.Ok(CudaDriver.cuEventRecord(e.Handle.Pointer, handle.Pointer));
    }

    /// <summary>What follows starts after the event; the processor does not wait.</summary>
    public void Wait(CudaEvent e)
    {
        Enter();
        Check.Ok(CudaDriver.cuStreamWaitEvent(handle.Pointer, e.Handle.Pointer, 0));
    }

    /// <summary>Writes work down in place of doing it. Do it once before, so that kernels and plans are loaded.</summary>
    /// <exception cref="InvalidOperationException">It rented or returned memory, or waited.</exception>
    public CudaGraph Capture(Action<CudaStream> work)
    {
        Enter(outsideCapture: true);
        handle.BeginCapture();
        nint graph;
        bool memoryReturned;
        CudaStatus status;
        try
        {
            work(this);
        }
        catch
        {
            handle.EndCapture(out graph, out _);
            if (graph != 0)
                CudaDriver.cuGraphDestroy(graph);
            throw;
        }
        status = handle.EndCapture(out graph, out memoryReturned);
        Check.Ok(status, call: nameof(CudaDriver.cuStreamEndCapture));
        if (memoryReturned)
        {
            CudaDriver.cuGraphDestroy(graph);
            throw new InvalidOperationException("captured work returned memory that its graph would go on using");
        }
        return new CudaGraph(new GraphHandle(handle.Context, graph));
    }

    public void Launch(CudaGraph graph)
    {
        Enter();
        Check.Ok(CudaDriver.cuGraphLaunch(graph.Handle.Pointer, handle.Pointer));
    }

    /// <summary>Waits for the work and ends the stream; buffers rented on it may be disposed afterwards.</summary>
    public void Dispose()
    {
        if (handle.IsDisposed)
            return;
        Settle();
        staging.Dispose();
        handle.Dispose();
    }

    void Enter(bool outsideCapture = false)
    {
        ObjectDisposedException.ThrowIf(handle.IsDisposed, this);
        if (outsideCapture && handle.IsCapturing)
            throw new InvalidOperationException("not while the stream is captured: rent, upload and download before, wait after");
        handle.Context.MakeCurrent();
    }

    static void Same(long from, long to)
    {
        if (from != to)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"a copy of {from} elements to {to}"));
    }
}
