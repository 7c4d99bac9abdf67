using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Tool.Conformance;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Conformance;

/// <summary>The cases of jqe selftest: at small sizes on the emulated GPU, at full ones on a real device.</summary>
public sealed class ConformanceTests
{
    static readonly bool SlowOnesToo = TestDevice.IsRequired || Environment.GetEnvironmentVariable("JQE_SLOW_TESTS") == "1";

    static readonly Dictionary<string, ConformanceCase> Cases = ConformanceCases
        .OnDevice(new CudaDeviceBackend(), 0, TestDevice.IsRequired ? TrialScale.Full : TrialScale.Quick)
        .ToDictionary(one => one.Name);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void TheDeviceIsHeldToTheProcessor(string name)
    {
        TestDevice.Require();
        Skip.If(Cases[name].Slow && !SlowOnesToo, "takes up to a minute on the emulated GPU; JQE_SLOW_TESTS=1 runs it");
        using CudaRuntime runtime = CudaRuntime.Open(0);
        ConformanceOutcome outcome = new ConformanceRunner(runtime).Run(Cases[name]);
        Skip.If(outcome.Verdict == ConformanceVerdict.NotThere && TestDevice.Emulator is null, outcome.Note);
        Assert.True(outcome.Verdict is ConformanceVerdict.Equal or ConformanceVerdict.WithinBound, $"{outcome.Error} with a bound of {outcome.Bound}: {outcome.Note}");
    }
}
