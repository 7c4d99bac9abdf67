using System.Text.Json;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Tool;

public sealed class DoctorTests
{
    [SkippableFact]
    public void DoctorNamesDevicesAndLibraries()
    {
        TestDevice.Require();
        ToolCall call = ToolCall.Run("doctor");
        Assert.Equal(0, call.Status);
        CudaDeviceReport device = CudaProbe.Devices(out _)[0];
        Assert.Contains($"cuda:0       {device.Name}, compute capability {device.ComputeMajor}.{device.ComputeMinor}, {device.Multiprocessors} multiprocessors", call.Output, StringComparison.Ordinal);
        Assert.Contains("CUDA driver  found as ", call.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void DoctorTellsProgramsTheSame()
    {
        TestDevice.Require();
        using JsonDocument report = JsonDocument.Parse(ToolCall.Run("doctor", "--json").Output);
        JsonElement device = report.RootElement.GetProperty("cudaDevices")[0];
        Assert.Equal(0, device.GetProperty("index").GetInt32());
        Assert.True(device.GetProperty("memoryBytes").GetInt64() > 0);
        Assert.Equal(JsonValueKind.Null, device.GetProperty("notUsedBecause").ValueKind);
        Assert.Equal(0, report.RootElement.GetProperty("cudaTried").GetArrayLength());
    }

    [Fact]
    public void ADeviceThatIsNotThereIsWrongUsage()
    {
        ToolCall call = ToolCall.Run("quality", "--device", "cuda:99", "picture.png");
        Assert.Equal(2, call.Status);
        Assert.Contains("cuda:99 is not available; tried: ", call.Error, StringComparison.Ordinal);
        Assert.Contains("cuDNN 9: ", call.Error, StringComparison.Ordinal);
    }
}
