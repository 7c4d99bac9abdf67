using System.Globalization;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda;

// CudaDeviceBackend: what estimators and training open on a CUDA device.
sealed class CudaDeviceBackend : IDeviceBackend
{
    public string? WhyNot(int device)
    {
        NativeLibraryReport driver = CudaProbe.Driver();
        if (driver.FoundAs is null)
            return $"no CUDA driver: {string.Join("; ", driver.Tried)}";
        int count = CudaProbe.Devices().Count;
        return device < count ? null : string.Create(CultureInfo.InvariantCulture, $"the CUDA driver {driver.FoundAs} offers {count} devices, not cuda:{device}");
    }

    public string Describe(int device) => string.Create(CultureInfo.InvariantCulture, $"{CudaProbe.Devices()[device]} (cuda:{device})");

    public IQualityEngine OpenQuality(int device, QualityNetwork network, ComputePrecision precision) =>
        throw new NotSupportedException("quality maps run on the processor only in this version");

    public IPrimaryEngine OpenPrimary(int device, PrimaryNetwork network, ComputePrecision precision) =>
        throw new NotSupportedException($"networks '{network.Architecture}' run on the processor only in this version");

    public IDeviceTraining OpenQualityTraining(int device, QualityTrainingShape shape) =>
        throw new NotSupportedException("training of the quality network runs on the processor only in this version");

    public IDeviceTraining OpenDenseNetTraining(int device, DenseNetTrainingShape shape) =>
        throw new NotSupportedException("training of DenseNet-40 runs on the processor only in this version");

    public IDeviceTraining OpenPhaseHistogramTraining(int device, PhaseHistogramTrainingShape shape) =>
        throw new NotSupportedException("training of phase-histogram networks runs on the processor only in this version");
}
