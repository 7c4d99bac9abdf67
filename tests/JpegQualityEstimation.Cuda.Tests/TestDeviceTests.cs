using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests;

public sealed class TestDeviceTests
{
    [SkippableFact]
    public void TheDeviceWorks()
    {
        TestDevice.Require();
        Assert.Null(CudaBackend.WhyNot());
    }

    [Fact]
    public void ADeviceThatIsNotThereIsRefusedWithAllThatWasTried()
    {
        CudaBackend.Use();
        var e = Assert.Throws<DeviceUnavailableException>(
            () => QualityMapEstimator.Create(new() { Network = QualityNetwork.CreateInitialized(1), Device = ComputeDevice.Cuda(99) }));
        Assert.Equal(ComputeDevice.Cuda(99), e.Device);
        Assert.NotEmpty(e.Tried);
    }
}
