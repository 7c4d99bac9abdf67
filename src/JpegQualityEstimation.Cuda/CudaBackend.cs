using JpegQualityEstimation.Cuda.Runtime;
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

    /// <summary>Limits the device memory that this process's estimators and training hold together.</summary>
    /// <remarks>
    /// At first the limit is all the memory of the device. Work that can be cut into smaller parts is; where even that does not
    /// fit, <see cref="CudaOutOfMemoryException"/> says what was asked for, held and allowed. What the driver, cuDNN and
    /// cuBLAS take for themselves comes on top.
    /// </remarks>
    /// <param name="bytes">At least 1.</param>
    /// <param name="device">Number of the CUDA device.</param>
    public static void LimitMemory(long bytes, int device = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(device);
        CudaDevice.Limit(device, bytes);
    }

    /// <summary>Gives memory that is kept for the next call, and in no use now, back to the device.</summary>
    /// <param name="device">Number of the CUDA device.</param>
    public static void TrimMemory(int device = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(device);
        CudaDevice.Trim(device);
    }

    /// <summary>Bytes that estimators and training of this process hold on a device now, and the most they ever held.</summary>
    /// <param name="device">Number of the CUDA device.</param>
    public static (long Used, long Peak) MemoryUse(int device = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(device);
        return CudaDevice.Held(device);
    }
}
