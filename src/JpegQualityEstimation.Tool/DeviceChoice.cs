using JpegQualityEstimation.Cuda;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Tool;

// An explicit --device that cannot be had ends the run, with all that was looked for.
static class DeviceChoice
{
    public static UsageException Refusal(DeviceUnavailableException refused)
    {
        var lines = new List<string> { refused.Message };
        foreach (NativeLibraryReport report in CudaProbe.Libraries())
            lines.Add(report.FoundAs is { } found
                ? $"  {report.Library}: found as {found}"
                : $"  {report.Library}: not found; tried {string.Join("; ", report.Tried)}");
        return new UsageException(string.Join(Environment.NewLine, lines));
    }

    // For work that only the processor does so far.
    public static void RequireProcessor(ComputeDevice device, string work)
    {
        if (device.Kind == ComputeDeviceKind.Cuda)
            throw Refusal(new DeviceUnavailableException(device, [$"{work} runs on the processor only in this version"]));
    }
}
