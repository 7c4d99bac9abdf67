using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

/// <summary>Makes estimators of primary quantization.</summary>
public static class PrimaryQuantEstimator
{
    /// <summary>Loads the model, if one is named, and takes the device. Bundled models are loaded when first needed.</summary>
    /// <param name="options">Null: bundled models, the best device, every processor.</param>
    /// <exception cref="DeviceUnavailableException">A device was asked for by name and cannot be had.</exception>
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
        string reason = DeviceChoice.WhyCpu(options.Device);
        PrimaryNetwork? network = options.Network ?? (options.ModelPath is { } path ? PrimaryNetwork.Load(path) : null);
        if (network is null)
            PrimaryNetworks.RequireAny();
        return new EnginePrimaryQuantEstimator(network is null ? PrimaryNetworks.For : _ => network, DeviceChoice.Threads(options.Threads), reason);
    }
}
