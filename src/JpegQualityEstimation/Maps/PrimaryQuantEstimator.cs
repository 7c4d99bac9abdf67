using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

/// <summary>Makes estimators of primary quantization.</summary>
public static class PrimaryQuantEstimator
{
    /// <summary>Loads the model, if one is named, and takes the device. Bundled models are loaded when first needed.</summary>
    /// <param name="options">Null: bundled models, the best device, every processor.</param>
    /// <exception cref="DeviceUnavailableException">A device was asked for by name and cannot be had.</exception>
    /// <exception cref="DeviceException">A device was asked for by name, is there, and failed.</exception>
    /// <exception cref="Tensors.WeightsFormatException">The model file holds no network for primary quantization.</exception>
    /// <exception cref="IOException">The model file cannot be read; also <see cref="UnauthorizedAccessException"/>.</exception>
    /// <exception cref="InvalidOperationException">No model is named, and this build carries none.</exception>
    /// <exception cref="ArgumentException">Options contradict each other or are outside their range.</exception>
    public static IPrimaryQuantEstimator Create(PrimaryQuantEstimatorOptions? options = null)
    {
        options ??= PrimaryQuantEstimatorOptions.Default;
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads, nameof(options));
        if (options.ModelPath is not null && options.Network is not null)
            throw new ArgumentException("both a model file and a loaded network were given", nameof(options));
        DeviceChoice.Require(options.Device);
        PrimaryNetwork? network = options.Network ?? (options.ModelPath is { } path ? PrimaryNetwork.Load(path) : null);
        if (network is null)
            PrimaryNetworks.RequireAny();
        return new EnginePrimaryQuantEstimator(network is null ? PrimaryNetworks.For : _ => network, DeviceChoice.Threads(options.Threads),
            DeviceChoice.Open<Func<PrimaryNetwork, IPrimaryEngine>>(
                options.Device,
                () => n => n.OpenEngine(),
                (backend, index) => OnDevice(backend, index, network ?? PrimaryNetworks.Typical, options.Precision)));
    }

    // A device takes all models or none, so one is opened now, to be told while another device can still be taken.
    static Func<PrimaryNetwork, IPrimaryEngine> OnDevice(IDeviceBackend backend, int index, PrimaryNetwork typical, ComputePrecision precision)
    {
        IPrimaryEngine? opened = backend.OpenPrimary(index, typical, precision);
        return network => (network == typical ? Interlocked.Exchange(ref opened, null) : null) ?? backend.OpenPrimary(index, network, precision);
    }
}
