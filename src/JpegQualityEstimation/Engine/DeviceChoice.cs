namespace JpegQualityEstimation.Engine;

/// <summary>What runs, where, and why there: one sentence.</summary>
readonly record struct ChosenEngine<T>(T Engine, ComputeDevice Device, string Reason);

// DeviceChoice: what wishes for a device and threads come to. An explicit wish is met or refused, never replaced. Auto takes
// CUDA device 0 where it works and has an engine for what is asked, else the processor, and says why.
static class DeviceChoice
{
    /// <summary>Opens what runs.</summary>
    /// <exception cref="DeviceUnavailableException">A CUDA device was asked for and cannot be had.</exception>
    /// <exception cref="DeviceException">A CUDA device was asked for, is there, and failed.</exception>
    public static ChosenEngine<T> Open<T>(ComputeDevice wanted, Func<T> onProcessor, Func<IDeviceBackend, int, T> onDevice) => wanted.Kind switch
    {
        ComputeDeviceKind.Cpu => new(onProcessor(), ComputeDevice.Cpu, "the processor was asked for"),
        ComputeDeviceKind.Cuda => OpenAsked(wanted, onDevice),
        _ => OpenAny(onProcessor, onDevice),
    };

    /// <summary>Refuses a CUDA device that cannot be had, before anything is loaded.</summary>
    /// <exception cref="DeviceUnavailableException">It cannot be had.</exception>
    public static void Require(ComputeDevice wanted)
    {
        if (wanted.Kind != ComputeDeviceKind.Cuda)
            return;
        string? why = DeviceBackends.Current is { } backend ? backend.WhyNot(wanted.Index) : DeviceBackends.None;
        if (why is not null)
            throw new DeviceUnavailableException(wanted, [why]);
    }

    static ChosenEngine<T> OpenAsked<T>(ComputeDevice wanted, Func<IDeviceBackend, int, T> onDevice)
    {
        Require(wanted);
        IDeviceBackend backend = DeviceBackends.Current!;
        try
        {
            return new(onDevice(backend, wanted.Index), wanted, $"{backend.Describe(wanted.Index)} was asked for");
        }
        catch (NotSupportedException e)
        {
            throw new DeviceUnavailableException(wanted, [e.Message]);
        }
    }

    static ChosenEngine<T> OpenAny<T>(Func<T> onProcessor, Func<IDeviceBackend, int, T> onDevice)
    {
        string? why = DeviceBackends.Current is { } backend ? backend.WhyNot(0) : DeviceBackends.None;
        if (why is null)
        {
            backend = DeviceBackends.Current!;
            try
            {
                return new(onDevice(backend, 0), ComputeDevice.Cuda(), $"{backend.Describe(0)} works");
            }
            catch (Exception e) when (e is NotSupportedException or DeviceException or DeviceUnavailableException)
            {
                why = e.Message;
            }
        }
        return new(onProcessor(), ComputeDevice.Cpu, $"the processor, because {why}");
    }

    /// <summary>Threads of one call; 0 asks for every logical processor.</summary>
    public static int Threads(int wanted) => wanted == 0 ? Environment.ProcessorCount : wanted;
}
