using System.Globalization;
using JpegQualityEstimation.Cuda.Jpeg;
using JpegQualityEstimation.Cuda.Native;
using JpegQualityEstimation.Cuda.Networks.DenseNet;
using JpegQualityEstimation.Cuda.Networks.PhaseHistogram;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Cuda.Networks;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda;

// CudaDeviceBackend: what estimators and training open on a CUDA device.
sealed class CudaDeviceBackend : IDeviceBackend
{
    public string? WhyNot(int device)
    {
        IReadOnlyList<string> tried = CudaDevices.WhyNot(device);
        return tried.Count == 0 ? null : string.Join("; ", tried);
    }

    public string Describe(int device) => string.Create(CultureInfo.InvariantCulture,
        $"{CudaDevices.Report(device).Name} (cuda:{device}, driver {CudaLibraries.Driver.Version}{Version("cuDNN", CudaLibraries.CudnnInUse)}{Version("cuBLAS", CudaLibraries.CublasInUse)})");

    static string Version(string name, NativeLibraryReport? library) => library is null ? "" : library.Handle == 0 ? $", no {name}" : $", {name} {library.Version}";

    public IQualityEngine OpenQuality(int device, QualityNetwork network, ComputePrecision precision) =>
        On(device, runtime => new CudaQualityEngine(runtime, network, precision));

    public IPrimaryEngine OpenPrimary(int device, PrimaryNetwork network, ComputePrecision precision) => network.Weights switch
    {
        DenseNet40Network densenet => On(device, runtime => new CudaDenseNet40Engine(runtime, densenet, precision)),
        PhaseHistogramNetwork histogram => CudaPhaseHistogramEngine.Open(device, histogram, precision),
        _ => throw new NotSupportedException($"networks '{network.Architecture}' run on the processor only in this version"),
    };

    public IDeviceTraining OpenQualityTraining(int device, QualityTrainingShape shape) =>
        On(device, runtime => new CudaQualityTraining(runtime, shape));

    public IDeviceTraining OpenDenseNetTraining(int device, DenseNetTrainingShape shape) =>
        On(device, runtime => new CudaDenseNet40Training(runtime, shape));

    public IDeviceTraining OpenPhaseHistogramTraining(int device, PhaseHistogramTrainingShape shape) =>
        On(device, runtime => new CudaPhaseHistogramTraining(runtime, shape));

    public IDevicePatches OpenPatches(int device, IReadOnlyList<ImageBuffer> pictures) => CudaPatches.Open(device, pictures);

    // What is made owns its runtime; where it cannot be made, nobody does.
    static T On<T>(int device, Func<CudaRuntime, T> make)
    {
        CudaRuntime runtime = CudaRuntime.Open(device);
        try
        {
            return make(runtime);
        }
        catch
        {
            runtime.Dispose();
            throw;
        }
    }
}
