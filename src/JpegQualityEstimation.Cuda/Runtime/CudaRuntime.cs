using System.Runtime.InteropServices;
using JpegQualityEstimation.Cuda.Native;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Runtime;

// CudaRuntime: one device: its streams, kernels and memory. Every Open gives one of its own, to be disposed; those of one
// device share the context, the loaded kernels and the memory pool with its cap. Thread-safe. Streams, buffers and graphs may
// outlive it; they keep what they need.
sealed class CudaRuntime : IDisposable
{
    readonly CudaDevice device;
    int disposed;

    CudaRuntime(CudaDevice device) => this.device = device;

    /// <summary>Opens a device.</summary>
    /// <exception cref="DeviceUnavailableException">It cannot be had; lists everything tried.</exception>
    /// <exception cref="CudaException">It is there and its context cannot be made.</exception>
    public static CudaRuntime Open(int device)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(device);
        return new CudaRuntime(CudaDevice.Acquire(device));
    }

    public int Index => device.Report.Index;

    public string Name => device.Report.Name;

    public int ComputeMajor => device.Report.ComputeMajor;

    public int ComputeMinor => device.Report.ComputeMinor;

    public int Multiprocessors => device.Report.Multiprocessors;

    public long MemoryBytes => device.Report.MemoryBytes;

    /// <summary>Most bytes of shared memory that a block can be given.</summary>
    public int MaxSharedPerBlock => device.Report.MaxSharedPerBlock;

    public CudaDeviceReport Report => device.Report;

    /// <summary>Whether it is the emulation that kernels are tested on.</summary>
    public bool IsEmulated => NativeLibrary.TryGetExport(CudaLibraries.Driver.Handle, "jqe_emulator_live_allocations", out _);

    internal MemoryPool Memory => device.Memory;

    public CudaStream CreateStream()
    {
        Enter();
        return new CudaStream(this, device.Context);
    }

    /// <summary>cuDNN on a stream; null where it is not installed or does not start (<see cref="WithoutCudnn"/>).</summary>
    public CudnnContext? CreateCudnn(CudaStream stream)
    {
        Enter();
        if (CudaLibraries.Cudnn.Handle == 0)
        {
            WithoutCudnn = $"cuDNN 9 was not found; tried {string.Join("; ", CudaLibraries.Cudnn.Tried)}";
            return null;
        }
        try
        {
            return new CudnnContext(stream);
        }
        catch (Exception e) when (e is CudnnException or DllNotFoundException or EntryPointNotFoundException)
        {
            WithoutCudnn = $"{CudaLibraries.Cudnn.FoundAs} does not start: {e.Message}";
            return null;
        }
    }

    /// <summary>Why <see cref="CreateCudnn"/> gave null the last time.</summary>
    public string? WithoutCudnn { get; private set; }

    /// <summary>cuBLAS on a stream; null where it is not installed or does not start (<see cref="WithoutCublas"/>).</summary>
    public CublasContext? CreateCublas(CudaStream stream)
    {
        Enter();
        if (CudaLibraries.Cublas.Handle == 0)
        {
            WithoutCublas = $"cuBLAS was not found; tried {string.Join("; ", CudaLibraries.Cublas.Tried)}";
            return null;
        }
        try
        {
            return new CublasContext(stream);
        }
        catch (Exception e) when (e is CublasException or DllNotFoundException or EntryPointNotFoundException)
        {
            WithoutCublas = $"{CudaLibraries.Cublas.FoundAs} does not start: {e.Message}";
            return null;
        }
    }

    /// <summary>Why <see cref="CreateCublas"/> gave null the last time.</summary>
    public string? WithoutCublas { get; private set; }

    /// <summary>The kernel of an embedded module, loaded when first asked for.</summary>
    /// <param name="module">"softmax" for kernels/softmax.cu.</param>
    /// <param name="entry">Its name.</param>
    /// <exception cref="ArgumentException">There is none of that name; the message lists those there are.</exception>
    /// <exception cref="CudaException">The driver cannot compile it; the message holds its log.</exception>
    public KernelFunction Kernel(string module, string entry)
    {
        Enter();
        return device.Module(module).Kernel(entry);
    }

    /// <summary>Kernels from PTX text or a cubin; to be disposed.</summary>
    public CudaModule LoadModule(string name, ReadOnlySpan<byte> image)
    {
        Enter();
        return new CudaModule(device.Context, name, image);
    }

    /// <summary>Page-locked host memory.</summary>
    public PinnedBuffer<T> Pin<T>(int length)
        where T : unmanaged
    {
        Enter();
        return new PinnedBuffer<T>(device.Context, length);
    }

    /// <summary>Gives memory that no buffer holds back to the device.</summary>
    public void Trim()
    {
        Enter();
        device.Memory.Trim();
    }

    /// <summary>Most bytes that buffers of this process may hold on the device; at first all it has.</summary>
    public long MemoryCap
    {
        get => device.Memory.Account.Cap;
        set => device.Memory.Account.Cap = value;
    }

    /// <summary>Bytes that buffers hold.</summary>
    public long UsedBytes => device.Memory.Account.Used;

    /// <summary>Most bytes that buffers held since the start, or since <see cref="ForgetPeak"/>.</summary>
    public long PeakBytes => device.Memory.Account.Peak;

    /// <summary>Bytes that the pool keeps from the device, held or not.</summary>
    public long ReservedBytes => device.Memory.ReservedBytes;

    public void ForgetPeak() => device.Memory.Account.ForgetPeak();

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
            device.Dispose();
    }

    void Enter()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed) != 0, this);
        device.Context.MakeCurrent();
    }
}
