using System.Text.Json;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Tool;
using JpegQualityEstimation.Tool.Benchmarks;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Conformance;

/// <summary>jqe bench: that it runs and counts; no number of it is looked at.</summary>
public sealed class BenchVerbTests
{
    [SkippableFact]
    public void OpsAreTimedByTheDevice()
    {
        TestDevice.Require();
        (int status, string output, string error) = Run("bench", "--device", "cuda", "--quick", "--filter", "block softmax");
        Assert.Equal(ExitStatus.Done, status);
        Assert.Equal(3, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("GB/s read and written", error);
    }

    [SkippableTheory]
    [InlineData("quality map, Float32", "megapixels")]
    [InlineData("phase-histogram windows", "windows")]
    [InlineData("drawn and made, recipe tondi2021-90", "windows")]
    [InlineData("memory over estimates", "estimates")]
    public void WorkIsTimedEndToEnd(string filter, string unit)
    {
        TestDevice.Require();
        foreach (string device in unit == "estimates" ? ["cuda"] : (string[])["cuda", "cpu"])
        {
            (int status, string output, _) = Run("bench", "--device", device, "--quick", "--json", "--filter", filter);
            Assert.Equal(ExitStatus.Done, status);
            JsonElement outcome = JsonDocument.Parse(output).RootElement;
            Assert.Equal(unit, outcome.GetProperty("unit").GetString());
            Assert.True(outcome.GetProperty("milliseconds").GetDouble() > 0);
            Assert.False(outcome.GetProperty("failed").GetBoolean());
        }
    }

    [Fact]
    public void PeaksAreThosePublished()
    {
        // H100 SXM: 132 multiprocessors, 1.83 GHz, 989 TFLOP/s dense in bfloat16, 67 in float.
        Assert.Equal(989, 2e-12 * 132 * 1.83e9 * DevicePeak.MultiplyAdds(9, 0, ComputePrecision.BFloat16)!.Value, 1.0);
        Assert.Equal(67, 2e-12 * 132 * 1.98e9 * DevicePeak.MultiplyAdds(9, 0, ComputePrecision.Float32)!.Value, 0.5);
        // A100: 108, 1.41 GHz, 312 in half, 156 in TF32.
        Assert.Equal(312, 2e-12 * 108 * 1.41e9 * DevicePeak.MultiplyAdds(8, 0, ComputePrecision.Float16)!.Value, 0.5);
        Assert.Equal(156, 2e-12 * 108 * 1.41e9 * DevicePeak.MultiplyAdds(8, 0, ComputePrecision.TensorFloat32)!.Value, 0.5);
        Assert.Null(DevicePeak.MultiplyAdds(7, 0, ComputePrecision.BFloat16));
        Assert.Null(DevicePeak.MultiplyAdds(99, 0, ComputePrecision.Float32));
    }

    static (int Status, string Output, string Error) Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int status = Application.Run(arguments, new ToolConsole(TextReader.Null, output, error, false, default));
        return (status, output.ToString(), error.ToString());
    }
}
