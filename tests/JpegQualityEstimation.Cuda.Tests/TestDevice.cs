using System.Runtime.CompilerServices;
using JpegQualityEstimation.Cuda.Runtime;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests;

// The device that tests run on. By default the emulated GPU, which native/build.sh makes once and again when its sources
// change; JQE_REQUIRE_CUDA=1 takes the real one, and whatever would be skipped then fails.
static class TestDevice
{
    public const string RequireVariable = "JQE_REQUIRE_CUDA";

    public static bool IsRequired { get; } = Environment.GetEnvironmentVariable(RequireVariable) == "1";

    /// <summary>Why there is no device; null where there is one.</summary>
    public static string? WhyNot { get; private set; } = "not looked for";

    /// <summary>The emulated GPU's library; null on a real device.</summary>
    public static string? Emulator { get; private set; }

    [ModuleInitializer]
    internal static void Choose()
    {
        WhyNot = null;
        if (IsRequired)
            return;
        (Emulator, WhyNot) = EmulatedGpu.Build();
        // Without the emulated GPU nothing else may be taken for it.
        string place = Emulator ?? "/nonexistent/emulated-gpu";
        foreach (string variable in (string[])["JQE_CUDA_DRIVER_PATH", "JQE_CUDNN_PATH", "JQE_CUBLAS_PATH"])
            Environment.SetEnvironmentVariable(variable, place);
    }

    /// <summary>Skips the test with the reason, or fails it where a device is required.</summary>
    public static void Require(int device = 0)
    {
        string? why = WhyNot ?? CudaBackend.WhyNot(device);
        if (IsRequired)
            Assert.True(why is null, why);
        Skip.If(why is not null, why);
    }

    /// <summary>The runtime of a device, to be disposed.</summary>
    public static CudaRuntime Open(int device = 0)
    {
        Require(device);
        return CudaRuntime.Open(device);
    }
}
