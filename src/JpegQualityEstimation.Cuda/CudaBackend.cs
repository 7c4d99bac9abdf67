using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda;

/// <summary>Puts CUDA devices at the disposal of estimators and training.</summary>
public static class CudaBackend
{
    static readonly CudaDeviceBackend Backend = new();

    /// <summary>
    /// From now on <see cref="ComputeDevice.Auto"/> takes CUDA device 0 where it works, and <see cref="ComputeDevice.Cuda"/> can be asked
    /// for. Loads nothing by itself; calling it again changes nothing. Thread-safe.
    /// </summary>
    public static void Use() => DeviceBackends.Use(Backend);

    /// <summary>Why a device cannot be had: what was tried and how it ended; null where it works.</summary>
    /// <param name="device">Number of the CUDA device.</param>
    public static string? WhyNot(int device = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(device);
        return Backend.WhyNot(device);
    }
}
