using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Maps;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace JpegQualityEstimation.DependencyInjection;

// Estimators are safe for concurrent calls, so one of each serves a whole host. They are made when first asked for, not at
// registration: a host that uses one of the two loads one model. The container disposes them.

/// <summary>Registers estimators with a service collection.</summary>
public static partial class JpegQualityEstimationServices
{
    const string Category = "JpegQualityEstimation";

    /// <summary>
    /// Adds <see cref="IQualityMapEstimator"/> and <see cref="IPrimaryQuantEstimator"/> as singletons, made on first use; each
    /// logs the device it took and why. A service that is registered already stays.
    /// </summary>
    /// <remarks>What cannot be made throws when first asked for, as <see cref="QualityMapEstimator.Create"/> and
    /// <see cref="PrimaryQuantEstimator.Create"/> do.</remarks>
    /// <param name="services">Where to.</param>
    /// <param name="configure">Changes the options, once, now; null: the defaults.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddJpegQualityEstimation(
        this IServiceCollection services, Action<JpegQualityEstimationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = new JpegQualityEstimationOptions();
        configure?.Invoke(options);
        QualityMapEstimatorOptions quality = options.Quality;
        PrimaryQuantEstimatorOptions primary = options.Primary;
        services.TryAddSingleton(provider =>
        {
            IQualityMapEstimator estimator = QualityMapEstimator.Create(quality);
            Opened(Logger(provider), "quality maps", estimator.ModelName, estimator.Device, estimator.DeviceReason);
            return estimator;
        });
        services.TryAddSingleton(provider =>
        {
            IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(primary);
            string model = primary.Network?.Name ?? primary.ModelPath ?? "bundled, by second table";
            Opened(Logger(provider), "primary quantization", model, estimator.Device, estimator.DeviceReason);
            return estimator;
        });
        return services;
    }

    static ILogger Logger(IServiceProvider provider) =>
        provider.GetService<ILoggerFactory>()?.CreateLogger(Category) ?? NullLogger.Instance;

    [LoggerMessage(EventId = 1, EventName = "Opened", Level = LogLevel.Information,
        Message = "Estimator of {Subject} (model {Model}) on {Device}: {Reason}")]
    static partial void Opened(ILogger logger, string subject, string model, ComputeDevice device, string reason);
}
