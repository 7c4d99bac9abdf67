using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

/// <summary>Makes quality map estimators.</summary>
public static class QualityMapEstimator
{
    const int ColumnsInWork = 4096;
    const int NarrowestTile = 128;

    /// <summary>Loads the model and takes the device.</summary>
    /// <param name="options">Null: the bundled model, the best device, every processor.</param>
    /// <exception cref="DeviceUnavailableException">A device was asked for by name and cannot be had.</exception>
    /// <exception cref="DeviceException">A device was asked for by name, is there, and failed.</exception>
    /// <exception cref="Tensors.WeightsFormatException">The model file is not one of this network.</exception>
    /// <exception cref="IOException">The model file cannot be read; also <see cref="UnauthorizedAccessException"/>.</exception>
    /// <exception cref="ArgumentException">Options contradict each other or are outside their range.</exception>
    public static IQualityMapEstimator Create(QualityMapEstimatorOptions? options = null)
    {
        options ??= QualityMapEstimatorOptions.Default;
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads, nameof(options));
        if (options.TileSize != 0)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(options.TileSize, 16, nameof(options));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(options.TileSize, 4096, nameof(options));
        }
        if (options.ModelPath is not null && options.Network is not null)
            throw new ArgumentException("both a model file and a loaded network were given", nameof(options));
        DeviceChoice.Require(options.Device);
        QualityNetwork network = options.Network
            ?? (options.ModelPath is { } path ? QualityNetwork.Load(path, options.FlagPolarity) : QualityNetwork.Bundled);
        int threads = DeviceChoice.Threads(options.Threads);
        int tileSize = options.TileSize == 0 ? TileSizeFor(threads) : options.TileSize;
        return new EngineQualityMapEstimator(network.Name, DeviceChoice.Open<IQualityEngine>(
            options.Device,
            () => new QualityInference(network, threads, tileSize),
            (backend, index) => backend.OpenQuality(index, network, options.Precision)), threads)
        {
            Calibration = network.Calibration,
            NetworkOnly = options.NetworkOnly,
        };
    }

    // Working memory is threads * tile size * 37 kB. Many threads get narrower tiles, so that it stays below 160 MB up
    // to 32 of them, at the price of more columns computed twice at the seams.
    internal static int TileSizeFor(int threads) =>
        Math.Clamp(ColumnsInWork / threads, NarrowestTile, QualityInference.DefaultTileSize);
}
