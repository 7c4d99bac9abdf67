using JpegQualityEstimation.Cuda.Native;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda;

/// <summary>A call to cuDNN failed.</summary>
public sealed class CudnnException : DeviceException
{
    internal CudnnException(CudnnStatus status, string call, string? detail)
        : base($"{call}: {StatusText.Of(status)}{(detail is null ? "" : $"; {detail}")}")
    {
        Call = call;
        Status = (int)status;
    }

    /// <summary>The function that failed.</summary>
    public string Call { get; }

    /// <summary>The cudnnStatus_t.</summary>
    public int Status { get; }

    /// <summary>Whether cuDNN has no way to do what was asked, which is no fault.</summary>
    public bool IsNotSupported => Status is >= 3000 and < 4000;
}
