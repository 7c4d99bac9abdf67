using System.Globalization;
using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda;

// Looks for the native libraries of the CUDA backend: in the folder or file that an environment variable names, and nowhere
// else then; without it by versioned names (the loader's own search), then in the usual toolkit and Python wheel folders.

/// <summary>Says which native libraries of a CUDA machine are here, found where, or what was tried and why it failed.</summary>
/// <remarks>What is found stays loaded: NVIDIA's libraries do not all survive being unloaded.</remarks>
public static class CudaProbe
{
    /// <summary>Looks for the driver, cuDNN 9 and cuBLAS 13 or 12, in this order.</summary>
    public static IReadOnlyList<NativeLibraryReport> Libraries() => [Driver(), Cudnn(), Cublas()];

    /// <summary>Looks for the CUDA driver (libcuda.so.1, nvcuda.dll); the environment variable JQE_CUDA_DRIVER_PATH names a folder or a file.</summary>
    public static NativeLibraryReport Driver() => NativeLibrarySearch.Find(
        "CUDA driver",
        OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1"],
        "JQE_CUDA_DRIVER_PATH",
        OperatingSystem.IsWindows() ? [] : ["/usr/lib/wsl/lib"],
        CudaVersions.Driver);

    /// <summary>Looks for cuDNN 9; the environment variable JQE_CUDNN_PATH names a folder or a file.</summary>
    public static NativeLibraryReport Cudnn() => NativeLibrarySearch.Find(
        "cuDNN 9",
        OperatingSystem.IsWindows() ? ["cudnn64_9.dll"] : ["libcudnn.so.9"],
        "JQE_CUDNN_PATH",
        CudaFolders.Of("cudnn"),
        CudaVersions.Cudnn);

    /// <summary>Looks for cuBLAS 12 and 13, that of the driver's version first; the environment variable JQE_CUBLAS_PATH names a folder or a file.</summary>
    public static NativeLibraryReport Cublas() => NativeLibrarySearch.Find(
        "cuBLAS 12/13",
        CublasNames(),
        "JQE_CUBLAS_PATH",
        CudaFolders.Of("cublas"),
        CudaVersions.Cublas);

    /// <summary>Whether a device can read another one's memory.</summary>
    /// <param name="device">Number of a device that is there.</param>
    /// <param name="peer">Number of another.</param>
    /// <exception cref="CudaException">One of them is not there.</exception>
    public static bool CanAccess(int device, int peer) => CudaDevices.CanAccess(device, peer);

    // Version 13 needs a driver for CUDA 13; where that is older, or unknown, 12 goes first.
    static string[] CublasNames()
    {
        string[] names = OperatingSystem.IsWindows() ? ["cublas64_13.dll", "cublas64_12.dll"] : ["libcublas.so.13", "libcublas.so.12"];
        return Driver().Version is { } version && int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture) >= 13 ? names : [.. names.Reverse()];
    }

    /// <summary>The CUDA devices that the driver offers, by index; empty where there is none.</summary>
    /// <param name="tried">What stood in the way where the driver could not be asked; else empty.</param>
    public static IReadOnlyList<CudaDeviceReport> Devices(out IReadOnlyList<string> tried) =>
        [.. Enumerable.Range(0, CudaDevices.Count(out tried)).Select(CudaDevices.Report)];
}
