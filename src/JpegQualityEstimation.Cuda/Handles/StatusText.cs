using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda;

// Names of statuses, by the libraries' own words.
static unsafe class StatusText
{
    const int MessageBytes = 512;

    public static string Name(CudaStatus status)
    {
        byte* text = null;
        return CudaDriver.cuGetErrorName(status, &text) == CudaStatus.Success ? Read(text, "unnamed status") : "unnamed status";
    }

    public static string Of(CudaStatus status)
    {
        byte* text = null;
        string meaning = CudaDriver.cuGetErrorString(status, &text) == CudaStatus.Success ? Read(text, "") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Name(status)} ({(int)status}){(meaning.Length > 0 ? ": " : "")}{meaning}");
    }

    public static string Of(CudnnStatus status)
    {
        byte* message = stackalloc byte[MessageBytes];
        message[0] = 0;
        Cudnn.cudnnGetLastErrorString(message, MessageBytes);
        string last = Read(message, "");
        return string.Create(CultureInfo.InvariantCulture,
            $"{Read(Cudnn.cudnnGetErrorString(status), "unnamed status")} ({(int)status}){(last.Length > 0 ? ": " : "")}{last}");
    }

    public static string Of(CublasStatus status) =>
        string.Create(CultureInfo.InvariantCulture, $"{Read(Cublas.cublasGetStatusName(status), "unnamed status")} ({(int)status})");

    static string Read(byte* text, string otherwise) =>
        text is null ? otherwise : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)).Trim();
}
