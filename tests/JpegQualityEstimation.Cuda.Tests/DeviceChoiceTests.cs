using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests;

// What wishes for a device come to, with backends made for the test.
public sealed class DeviceChoiceTests : IDisposable
{
    readonly IDeviceBackend? before = DeviceBackends.Current;

    public void Dispose()
    {
        if (before is not null)
            DeviceBackends.Use(before);
    }

    static ChosenEngine<string> Open(ComputeDevice wanted, Func<IDeviceBackend, int, string> onDevice) =>
        DeviceChoice.Open(wanted, () => "processor", onDevice);

    [Fact]
    public void AutoTakesADeviceThatWorksAndSaysSo()
    {
        DeviceBackends.Use(new Backend { Works = 0 });
        ChosenEngine<string> chosen = Open(ComputeDevice.Auto, (_, index) => $"device {index}");
        Assert.Equal(new ChosenEngine<string>("device 0", ComputeDevice.Cuda(0), "Test device (cuda:0) works"), chosen);
    }

    [Fact]
    public void AutoFallsBackAndSaysWhy()
    {
        DeviceBackends.Use(new Backend { Works = 7 });
        Assert.Equal(
            new ChosenEngine<string>("processor", ComputeDevice.Cpu, "the processor, because device 0 is on fire"),
            Open(ComputeDevice.Auto, (_, _) => throw new InvalidOperationException()));
        DeviceBackends.Use(new Backend { Works = 0 });
        foreach (Exception refusal in (Exception[])[new NotSupportedException("no such network"), new DeviceException("no such network"), new CudaExceptionStandIn("no such network")])
        {
            Assert.Equal(
                new ChosenEngine<string>("processor", ComputeDevice.Cpu, "the processor, because no such network"),
                Open(ComputeDevice.Auto, (_, _) => throw refusal));
        }
        // A fault of the program is no reason to fall back.
        Assert.Throws<ArgumentException>(() => Open(ComputeDevice.Auto, (_, _) => throw new ArgumentException()));
    }

    [Fact]
    public void AnExplicitDeviceIsTakenOrRefused()
    {
        DeviceBackends.Use(new Backend { Works = 3 });
        Assert.Equal(
            new ChosenEngine<string>("device 3", ComputeDevice.Cuda(3), "Test device (cuda:3) was asked for"),
            Open(ComputeDevice.Cuda(3), (_, index) => $"device {index}"));
        var there = Assert.Throws<DeviceUnavailableException>(() => Open(ComputeDevice.Cuda(2), (_, _) => "never"));
        Assert.Equal(["device 2 is on fire"], there.Tried);
        var able = Assert.Throws<DeviceUnavailableException>(() => Open(ComputeDevice.Cuda(3), (_, _) => throw new NotSupportedException("no such network")));
        Assert.Equal(["no such network"], able.Tried);
        Assert.Throws<DeviceException>(() => Open(ComputeDevice.Cuda(3), (_, _) => throw new DeviceException("broken")));
    }

    [Fact]
    public void TheProcessorIsTakenWhereItIsAskedFor()
    {
        DeviceBackends.Use(new Backend { Works = 0 });
        Assert.Equal(
            new ChosenEngine<string>("processor", ComputeDevice.Cpu, "the processor was asked for"),
            Open(ComputeDevice.Cpu, (_, _) => throw new InvalidOperationException()));
    }

    sealed class CudaExceptionStandIn(string message) : DeviceException(message);

    sealed class Backend : IDeviceBackend
    {
        public required int Works { get; init; }

        public string? WhyNot(int device) => device == Works ? null : $"device {device} is on fire";

        public string Describe(int device) => $"Test device (cuda:{device})";

        public IQualityEngine OpenQuality(int device, QualityNetwork network, ComputePrecision precision) => throw new NotSupportedException();

        public IPrimaryEngine OpenPrimary(int device, PrimaryNetwork network, ComputePrecision precision) => throw new NotSupportedException();

        public IDeviceTraining OpenQualityTraining(int device, QualityTrainingShape shape) => throw new NotSupportedException();

        public IDeviceTraining OpenDenseNetTraining(int device, DenseNetTrainingShape shape) => throw new NotSupportedException();

        public IDeviceTraining OpenPhaseHistogramTraining(int device, PhaseHistogramTrainingShape shape) => throw new NotSupportedException();
    }
}
