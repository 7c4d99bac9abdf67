using System.Collections.Concurrent;
using System.Globalization;
using JpegQualityEstimation.Cuda.Handles;
using JpegQualityEstimation.Cuda.Native;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Runtime;

// CudaDevice: what all runtimes of one device share: its context, memory pool and loaded modules. Made for the first of
// them, gone with the last.
sealed class CudaDevice : IDisposable
{
    static readonly Lock Gate = new();
    static readonly Dictionary<int, CudaDevice> Open = [];
    static readonly Dictionary<int, long> Caps = [];

    readonly ConcurrentDictionary<string, Lazy<CudaModule>> modules = new(StringComparer.Ordinal);
    int users;

    CudaDevice(CudaDeviceReport report)
    {
        Report = report;
        Context = new ContextHandle(report.Index);
        Context.MakeCurrent();
        Memory = new MemoryPool(Context, report.HasMemoryPools, Caps.GetValueOrDefault(report.Index, report.MemoryBytes));
    }

    public CudaDeviceReport Report { get; }

    public ContextHandle Context { get; }

    public MemoryPool Memory { get; }

    /// <exception cref="DeviceUnavailableException">It cannot be had.</exception>
    public static CudaDevice Acquire(int index)
    {
        lock (Gate)
        {
            if (!Open.TryGetValue(index, out CudaDevice? device))
            {
                CudaDeviceReport report = CudaDevices.Require(index);
                Open[index] = device = new CudaDevice(report);
            }
            device.users++;
            return device;
        }
    }

    /// <summary>Most bytes that buffers of this process may hold on a device, from now on and whenever it is opened.</summary>
    public static void Limit(int index, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        lock (Gate)
        {
            Caps[index] = bytes;
            if (Open.TryGetValue(index, out CudaDevice? device))
                device.Memory.Account.Cap = bytes;
        }
    }

    /// <summary>Gives what is not in use back to a device, where it is open.</summary>
    public static void Trim(int index)
    {
        lock (Gate)
            if (Open.TryGetValue(index, out CudaDevice? device))
                device.Memory.Trim();
    }

    /// <summary>Bytes held, and most bytes ever held since the device was opened; 0 where it is not.</summary>
    public static (long Used, long Peak) Held(int index)
    {
        lock (Gate)
            return Open.TryGetValue(index, out CudaDevice? device) ? (device.Memory.Account.Used, device.Memory.Account.Peak) : default;
    }

    public void Dispose()
    {
        lock (Gate)
        {
            if (--users > 0)
                return;
            Open.Remove(Report.Index);
            foreach (Lazy<CudaModule> module in modules.Values)
                if (module.IsValueCreated)
                    module.Value.Dispose();
            Memory.Dispose();
            Context.Dispose();
        }
    }

    public CudaModule Module(string name) =>
        modules.GetOrAdd(name, n => new Lazy<CudaModule>(() => Load(n), LazyThreadSafetyMode.ExecutionAndPublication)).Value;

    CudaModule Load(string name)
    {
        Context.MakeCurrent();
        return new CudaModule(Context, name, CudaModule.Embedded(name));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Report.Name} (cuda:{Report.Index})");
}
