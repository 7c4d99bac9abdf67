using System.Reflection;
using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda.Native;

// CudaLibraries: the driver, cuDNN and cuBLAS of this process, looked for once, when first needed, and never unloaded.
// The declarations of this assembly resolve to what was found here: whoever calls one has asked for its library before.
static class CudaLibraries
{
    static readonly Lazy<NativeLibraryReport> LazyDriver = new(CudaProbe.Driver);
    static readonly Lazy<NativeLibraryReport> LazyCudnn = new(CudaProbe.Cudnn);
    static readonly Lazy<NativeLibraryReport> LazyCublas = new(CudaProbe.Cublas);

    static CudaLibraries() => NativeLibrary.SetDllImportResolver(typeof(CudaLibraries).Assembly, Resolve);

    public static NativeLibraryReport Driver => LazyDriver.Value;

    public static NativeLibraryReport Cudnn => LazyCudnn.Value;

    public static NativeLibraryReport Cublas => LazyCublas.Value;

    /// <summary>cuDNN where something has asked for it by now: hundreds of megabytes are not loaded to be named.</summary>
    public static NativeLibraryReport? CudnnInUse => LazyCudnn.IsValueCreated ? Cudnn : null;

    /// <summary>cuBLAS where something has asked for it by now.</summary>
    public static NativeLibraryReport? CublasInUse => LazyCublas.IsValueCreated ? Cublas : null;

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        NativeLibraryReport? report = name switch
        {
            CudaDriver.Library => Driver,
            Native.Cudnn.Library => Cudnn,
            Native.Cublas.Library => Cublas,
            _ => null,
        };
        if (report is null)
            return 0;
        return report.Handle != 0 ? report.Handle : throw new DllNotFoundException($"{report.Library}: tried {string.Join("; ", report.Tried)}");
    }
}
