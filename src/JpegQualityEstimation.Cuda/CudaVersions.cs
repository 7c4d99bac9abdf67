using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

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

    public static IReadOnlyList<string> Devices()
    {
        if (CudaProbe.Driver().FoundAs is not { } name
            || !NativeLibrary.TryLoad(name, out nint library)
            || !NativeLibrary.TryGetExport(library, "cuInit", out nint initialize)
            || !NativeLibrary.TryGetExport(library, "cuDeviceGetCount", out nint getCount)
            || !NativeLibrary.TryGetExport(library, "cuDeviceGetName", out nint getName))
            return [];
        int count = 0;
        if (((delegate* unmanaged<uint, int>)initialize)(0) != 0 || ((delegate* unmanaged<int*, int>)getCount)(&count) != 0)
            return [];
        var names = new List<string>();
        byte* text = stackalloc byte[256];
        for (int device = 0; device < count; device++)
        {
            bool told = ((delegate* unmanaged<byte*, int, int, int>)getName)(text, 256, device) == 0;
            var bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);
            names.Add(told ? Encoding.UTF8.GetString(bytes) : "unnamed");
        }
        return names;
    }
}
