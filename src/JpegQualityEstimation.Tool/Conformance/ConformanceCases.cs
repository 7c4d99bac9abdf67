using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Tool.Conformance.Ops;

namespace JpegQualityEstimation.Tool.Conformance;

/// <summary>All that the self-test runs on a device; tests run the same list.</summary>
static class ConformanceCases
{
    public static IEnumerable<ConformanceCase> All(ToolDevice device, TrialScale scale) =>
        device.Runtime is { } runtime ? OnDevice(device.Backend, runtime.Index, scale) : ProcessorCases.All(scale);

    public static IEnumerable<ConformanceCase> OnDevice(IDeviceBackend backend, int device, TrialScale scale) =>
    [
        .. OpCases.All(scale).Select(ConformanceCase.Of), .. NetworkCases.All(backend, device, scale), .. TrainingCases.All(backend, device, scale),
    ];
}
