using System.Globalization;
using JpegQualityEstimation.Cuda;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Tool;

// ToolDevice: what selftest and bench run on. The runtime is null on the processor.
sealed class ToolDevice : IDisposable
{
    ToolDevice(CudaRuntime? runtime, string name) => (Runtime, Name) = (runtime, name);

    public CudaRuntime? Runtime { get; }

    public string Name { get; }

    /// <summary>Engines and training of the device.</summary>
    public IDeviceBackend Backend => DeviceBackends.Current ?? throw new InvalidOperationException("no backend is in use");

    /// <exception cref="UsageException">A CUDA device was asked for and cannot be had.</exception>
    public static ToolDevice Open(ComputeDevice wanted)
    {
        bool cuda = wanted.Kind == ComputeDeviceKind.Cuda || wanted.Kind == ComputeDeviceKind.Auto && CudaBackend.WhyNot() is null;
        if (!cuda)
            return new(null, string.Create(CultureInfo.InvariantCulture, $"processor, {Environment.ProcessorCount} threads"));
        try
        {
            CudaRuntime runtime = CudaRuntime.Open(wanted.Index);
            return new(runtime, DeviceBackends.Current!.Describe(runtime.Index) + (runtime.IsEmulated ? ", emulated" : ""));
        }
        catch (DeviceUnavailableException e)
        {
            throw DeviceChoice.Refusal(e);
        }
    }

    public void Dispose() => Runtime?.Dispose();
}
