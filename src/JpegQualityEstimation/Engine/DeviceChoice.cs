namespace JpegQualityEstimation.Engine;

// DeviceChoice: what an estimator's wishes for a device and threads come to. An explicit wish is met or refused.
static class DeviceChoice
{
    const string NoCuda = "this version has no CUDA backend";

    /// <summary>Why the processor is taken: one sentence.</summary>
    /// <exception cref="DeviceUnavailableException">A CUDA device was asked for.</exception>
    public static string WhyCpu(ComputeDevice device) => device.Kind switch
    {
        ComputeDeviceKind.Cuda => throw new DeviceUnavailableException(device, [NoCuda]),
        ComputeDeviceKind.Cpu => "the processor was asked for",
        _ => $"the processor, because {NoCuda}",
    };

    /// <summary>Threads of one call; 0 asks for every logical processor.</summary>
    public static int Threads(int wanted) => wanted == 0 ? Environment.ProcessorCount : wanted;
}
