using JpegQualityEstimation.Tool.Conformance;
using JpegQualityEstimation.Tool.Conformance.Ops;

namespace JpegQualityEstimation.Tool.Benchmarks;

/// <summary>All that is timed on a device: the ops of the self-test at sizes past the caches, then what a user waits for.</summary>
static class BenchmarkCases
{
    public static IEnumerable<BenchmarkCase> All(ToolDevice device, bool quick)
    {
        var ends = new EndToEndCases(device, quick);
        return device.Runtime is null ? ends.All() : [.. OpCases.All(quick ? TrialScale.Quick : TrialScale.Timing).Select(op => Of(device, op)), .. ends.All()];
    }

    static BenchmarkCase Of(ToolDevice device, OpCase op) => new(op.Name, op.Size, () =>
    {
        var scene = new DeviceScene(device.Runtime!);
        try
        {
            OpTrial trial = op.Prepare(scene);
            return new(trial.Launch, new DeviceTimer(scene.Stream))
            {
                Operations = trial.Operations, Bytes = trial.Bytes, Precision = trial.Precision, TensorCores = trial.TensorCores, Owned = [scene],
            };
        }
        catch
        {
            scene.Dispose();
            throw;
        }
    });
}
