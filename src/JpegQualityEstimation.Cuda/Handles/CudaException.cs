using JpegQualityEstimation.Cuda.Native;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda;

/// <summary>A call to the CUDA driver failed.</summary>
public class CudaException : DeviceException
{
    internal CudaException(CudaStatus status, string call, string? detail)
        : base($"{call}: {StatusText.Of(status)}{(detail is null ? "" : $"; {detail}")}")
    {
        Call = call;
        Status = (int)status;
        StatusName = StatusText.Name(status);
    }

    /// <summary>The function that failed, as the driver exports it.</summary>
    public string Call { get; }

    /// <summary>The CUresult.</summary>
    public int Status { get; }

    /// <summary>Its name: "CUDA_ERROR_INVALID_VALUE".</summary>
    public string StatusName { get; }
}
