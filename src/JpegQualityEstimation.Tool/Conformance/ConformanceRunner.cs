using System.Diagnostics;
using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Tool.Conformance;

// ConformanceRunner: runs cases on a device (null: on the processor), each on a stream of its own, so that one that fails
// leaves the others alone; on a device everything runs twice, and the second time has to give the same bits (slow cases not on
// an emulated one).
sealed class ConformanceRunner(CudaRuntime? runtime)
{
    public ConformanceOutcome Run(ConformanceCase one)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            (Comparison comparison, string digest) = Once(one);
            string note = comparison.Passed ? "" : comparison.Count == 0 ? "nothing was compared" : comparison.Where;
            bool again = runtime is not null && comparison.Passed && !(one.Slow && runtime.IsEmulated);
            bool same = !again || Once(one).Digest == digest;
            ConformanceVerdict verdict = !comparison.Passed || !same ? ConformanceVerdict.Failed
                : comparison.Error == 0 ? ConformanceVerdict.Equal : ConformanceVerdict.WithinBound;
            return new(one.Name, one.Size, comparison.Error, comparison.Bound, verdict, same ? note : "a second run gave other bits", clock.Elapsed.TotalMilliseconds);
        }
        catch (NotSupportedException e)
        {
            return new(one.Name, one.Size, 0, 0, ConformanceVerdict.NotThere, e.Message, clock.Elapsed.TotalMilliseconds);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new(one.Name, one.Size, double.NaN, 0, ConformanceVerdict.Failed, $"{e.GetType().Name}: {e.Message}", clock.Elapsed.TotalMilliseconds);
        }
    }

    (Comparison Comparison, string Digest) Once(ConformanceCase one)
    {
        using DeviceScene? scene = runtime is null ? null : new DeviceScene(runtime);
        var run = new ConformanceRun(scene);
        one.Run(run);
        return (run.Comparison, scene?.Digest ?? "");
    }
}
