using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// Check: a status that is not success becomes an exception that names the call.
static class Check
{
    public static void Ok(CudaStatus status, string? detail = null, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != CudaStatus.Success)
            Throw(new CudaException(status, Function(call), detail));
    }

    public static void Ok(CudnnStatus status, string? detail = null, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != CudnnStatus.Success)
            Throw(new CudnnException(status, Function(call), detail));
    }

    public static void Ok(CublasStatus status, string? detail = null, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != CublasStatus.Success)
            Throw(new CublasException(status, Function(call), detail));
    }

    // "CudaDriver.cuInit(0)" -> "cuInit".
    static string Function(string expression)
    {
        int open = expression.IndexOf('(', StringComparison.Ordinal);
        if (open < 0)
            return expression;
        int dot = expression.LastIndexOf('.', open);
        return expression[(dot + 1)..open];
    }

    [DoesNotReturn]
    static void Throw(Exception e) => throw e;
}
