using JpegQualityEstimation.Engine;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine;

public sealed class ComputeDeviceTests
{
    [Theory]
    [InlineData("auto", ComputeDeviceKind.Auto, 0, "auto")]
    [InlineData("CPU", ComputeDeviceKind.Cpu, 0, "cpu")]
    [InlineData("cuda", ComputeDeviceKind.Cuda, 0, "cuda:0")]
    [InlineData("Cuda:7", ComputeDeviceKind.Cuda, 7, "cuda:7")]
    public void NamesAreReadAndWritten(string text, ComputeDeviceKind kind, int index, string name)
    {
        Assert.True(ComputeDevice.TryParse(text, out ComputeDevice device));
        Assert.Equal(new ComputeDevice(kind, index), device);
        Assert.Equal(name, device.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda: 1")]
    [InlineData("cuda:99999999999")]
    public void OtherNamesAreNot(string? text) => Assert.False(ComputeDevice.TryParse(text, out _));

    [Fact]
    public void NegativeIndicesAreRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => ComputeDevice.Cuda(-1));
}
