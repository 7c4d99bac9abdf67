using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine;

// IDeviceBackend: what another package offers to run networks on. One per process, in DeviceBackends.
// Engines of one device may be opened side by side; each owns its streams and weights.
// Open... throws NotSupportedException where this kind of network or precision has no device engine, with the reason,
// DeviceException where a call failed.
interface IDeviceBackend
{
    /// <summary>Null where the device works, else what was tried and how it ended.</summary>
    string? WhyNot(int device);

    /// <summary>"NVIDIA H200 (cuda:0, driver 13.0)", and with their versions the libraries that are in use by now.</summary>
    string Describe(int device);

    IQualityEngine OpenQuality(int device, QualityNetwork network, ComputePrecision precision);

    IPrimaryEngine OpenPrimary(int device, PrimaryNetwork network, ComputePrecision precision);

    IDeviceTraining OpenQualityTraining(int device, QualityTrainingShape shape);

    IDeviceTraining OpenDenseNetTraining(int device, DenseNetTrainingShape shape);

    IDeviceTraining OpenPhaseHistogramTraining(int device, PhaseHistogramTrainingShape shape);

    /// <summary>Puts training pictures on the device, to make patches of them there.</summary>
    /// <param name="device">Which.</param>
    /// <param name="pictures">Rgb24.</param>
    /// <exception cref="NotSupportedException">They are too many for the device, or it makes none.</exception>
    IDevicePatches OpenPatches(int device, IReadOnlyList<ImageBuffer> pictures) => throw new NotSupportedException("patches are made on the processor");
}
