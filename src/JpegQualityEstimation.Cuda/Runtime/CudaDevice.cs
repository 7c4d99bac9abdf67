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

    readonly ConcurrentDictionary<string, Lazy<CudaModule>> modules = new(StringComparer.Ordinal);
    int users;

    CudaDevice(CudaDeviceReport report)
    {
        Report = report;
        Context = new ContextHandle(report.Index);
        Context.MakeCurrent();
        Memory = new MemoryPool(Context, report.HasMemoryPools, report.MemoryBytes);
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
