using System.Globalization;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda;

/// <summary>Device memory was asked for and could not be had: the cap would be passed, or the device is full.</summary>
public sealed class CudaOutOfMemoryException : CudaException
{
    internal CudaOutOfMemoryException(string call, long requestedBytes, long usedBytes, long capBytes, long freeBytes)
        : base(CudaStatus.OutOfMemory, call, string.Create(CultureInfo.InvariantCulture,
            $"asked for {requestedBytes} bytes, {usedBytes} in use here, cap {capBytes}, {freeBytes} free on the device"))
    {
        RequestedBytes = requestedBytes;
        UsedBytes = usedBytes;
        CapBytes = capBytes;
        FreeBytes = freeBytes;
    }

    /// <summary>Bytes asked for.</summary>
    public long RequestedBytes { get; }

    /// <summary>Bytes that this process's buffers on the device held then.</summary>
    public long UsedBytes { get; }

    /// <summary>Most bytes that they may hold.</summary>
    public long CapBytes { get; }

    /// <summary>Bytes that the device had free, all programs counted.</summary>
    public long FreeBytes { get; }
}
