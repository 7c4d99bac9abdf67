using JpegQualityEstimation.Engine;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.DenseNet;

// Whole networks on tensor cores: nothing on a device, half a minute on the emulated ones, whose kernels have tests of their own.
static class SlowTests
{
    const string Variable = "JQE_SLOW_TESTS";

    public static void SkipUnlessWanted(ComputePrecision precision) =>
        Skip.If(TestDevice.Emulator is not null && precision != ComputePrecision.Float32 && Environment.GetEnvironmentVariable(Variable) != "1",
            $"the whole network on emulated tensor cores takes half a minute; {Variable}=1 runs it");
}
