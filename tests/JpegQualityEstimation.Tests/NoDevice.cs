using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Tests;

// These tests are about the processor: also where there is a GPU, no driver is found. JpegQualityEstimation.Cuda.Tests is for devices.
static class NoDevice
{
    [ModuleInitializer]
    internal static void Hide() => Environment.SetEnvironmentVariable("JQE_CUDA_DRIVER_PATH", "/nonexistent/no-driver-under-test");
}
