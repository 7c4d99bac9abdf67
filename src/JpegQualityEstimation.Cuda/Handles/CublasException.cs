using JpegQualityEstimation.Cuda.Native;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda;

/// <summary>A call to cuBLAS failed.</summary>
public sealed class CublasException : DeviceException
{
    internal CublasException(CublasStatus status, string call, string? detail)
        : base($"{call}: {StatusText.Of(status)}{(detail is null ? "" : $"; {detail}")}")
    {
        Call = call;
        Status = (int)status;
    }

    /// <summary>The function that failed.</summary>
    public string Call { get; }

    /// <summary>The cublasStatus_t.</summary>
    public int Status { get; }
}
