using System.Globalization;
using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda;

// What loaded libraries say about themselves, by the calls that need no context.
static unsafe class CudaVersions
{
    public static string? Driver(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "cuDriverGetVersion", out nint call))
            return null;
        int version = 0;
        int status = ((delegate* unmanaged<int*, int>)call)(&version);
        return status == 0 ? string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version % 1000 / 10}") : null;
    }

    public static string? Cudnn(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "cudnnGetVersion", out nint call))
            return null;
        nuint version = ((delegate* unmanaged<nuint>)call)();
        return string.Create(CultureInfo.InvariantCulture, $"{version / 10000}.{version % 10000 / 100}.{version % 100}");
    }

    public static string? Cublas(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "cublasGetProperty", out nint call))
            return null;
        var get = (delegate* unmanaged<int, int*, int>)call;
        int major = 0, minor = 0, patch = 0;
        return get(0, &major) == 0 && get(1, &minor) == 0 && get(2, &patch) == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{major}.{minor}.{patch}")
            : null;
    }
}
