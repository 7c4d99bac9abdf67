using JpegQualityEstimation.DependencyInjection;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Maps;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace JpegQualityEstimation.Tests.DependencyInjection;

public sealed class JpegQualityEstimationServicesTests
{
    [Fact]
    public void EstimatorsAreSingletonsMadeOnFirstUse()
    {
        using var log = new LogLines();
        using (ServiceProvider provider = Provider(log, options => options.Quality = options.Quality with { Device = ComputeDevice.Cpu }))
        {
            Assert.Empty(log.Lines);
            IQualityMapEstimator quality = provider.GetRequiredService<IQualityMapEstimator>();
            Assert.Same(quality, provider.GetRequiredService<IQualityMapEstimator>());
            Assert.Equal([$"JpegQualityEstimation Information: Estimator of quality maps (model {QualityNetwork.Bundled.Name}) on cpu: the processor was asked for"], log.Lines);

            IPrimaryQuantEstimator primary = provider.GetRequiredService<IPrimaryQuantEstimator>();
            Assert.Same(primary, provider.GetRequiredService<IPrimaryQuantEstimator>());
            Assert.Equal(2, log.Lines.Count);
            Assert.Contains($"on {primary.Device}: {primary.DeviceReason}", log.Lines[1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void OptionsReachTheEstimators()
    {
        QualityNetwork network = QualityNetwork.CreateInitialized(8);
        using ServiceProvider provider = Provider(null, options => options.Quality = new() { Network = network, Threads = 1 });
        IQualityMapEstimator estimator = provider.GetRequiredService<IQualityMapEstimator>();
        Assert.Equal(network.Name, estimator.ModelName);
        using IQualityMapEstimator direct = QualityMapEstimator.Create(new() { Network = network });
        var picture = TestScenes.Waves(40, 30, 1);
        Assert.Equal(direct.Estimate(picture.View).Quality.ToArray(), estimator.Estimate(picture.View).Quality.ToArray());
    }

    [Fact]
    public void NothingIsLoadedAtRegistration()
    {
        using ServiceProvider provider = Provider(null, options => options.Quality = new() { ModelPath = "/nonexistent/weights" });
        Assert.ThrowsAny<IOException>(() => provider.GetRequiredService<IQualityMapEstimator>());
        Assert.NotNull(provider.GetRequiredService<IPrimaryQuantEstimator>());
    }

    [Fact]
    public void WhatIsRegisteredAlreadyStays()
    {
        using IQualityMapEstimator own = QualityMapEstimator.Create(new() { Network = QualityNetwork.CreateInitialized(1) });
        using ServiceProvider provider = new ServiceCollection().AddSingleton(own).AddJpegQualityEstimation().AddJpegQualityEstimation().BuildServiceProvider();
        Assert.Same(own, Assert.Single(provider.GetServices<IQualityMapEstimator>()));
        Assert.Single(provider.GetServices<IPrimaryQuantEstimator>());
    }

    static ServiceProvider Provider(LogLines? log, Action<JpegQualityEstimationOptions> configure)
    {
        var services = new ServiceCollection();
        if (log is not null)
            services.AddSingleton<ILoggerFactory>(log);
        return services.AddJpegQualityEstimation(configure).BuildServiceProvider();
    }

    sealed class LogLines : ILoggerFactory, ILogger
    {
        string category = "";

        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName)
        {
            category = categoryName;
            return this;
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{category} {logLevel}: {formatter(state, exception)}");

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
