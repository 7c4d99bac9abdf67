using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine;

public sealed class PhaseHistogramEngineTests
{
    static readonly QuantTable Second = QuantTable.StandardLuminance(90);

    // Fewer units than the real ones: quick.
    static PhaseHistogramNetwork Network(bool secondTable = true) => PhaseHistogramNetwork.CreateInitialized(
        3, new PhaseHistogramOptions { SecondTable = secondTable, Hidden = 16, PhaseWidth = 16, PooledWidth = 16, Trunk = 32, CoefficientWidth = 16 });

    static PrimaryNetwork Loaded()
    {
        using var stream = new MemoryStream();
        Network().Save(stream);
        stream.Position = 0;
        return PrimaryNetwork.Load(stream, "test.safetensors");
    }

    [Theory]
    [InlineData(8, 0, 0)]
    [InlineData(16, 3, 6)]
    public void SlidingAndSingleWindowsAgreeToTheBit(int stride, int originRow, int originColumn)
    {
        ImageBuffer picture = TestScenes.Waves(360, 96, 4);
        using var engine = new PhaseHistogramEngine(Network());
        using IPrimaryQuantEstimator sliding = PrimaryQuantEstimator.Create(new() { Network = Of(engine), Threads = 2 });
        using IPrimaryQuantEstimator single = PrimaryQuantEstimator.Create(new() { Network = Of(new WindowByWindow(engine)), Threads = 2 });
        var options = new PrimaryMapOptions { Stride = stride, OriginRow = originRow, OriginColumn = originColumn, KeepProbabilities = true };
        PrimaryQuantMap expected = single.EstimateMap(picture.View, Second, options), actual = sliding.EstimateMap(picture.View, Second, options);
        Assert.Equal(expected.Steps.ToArray(), actual.Steps.ToArray());
        Assert.Equal(expected.StepConfidence.ToArray(), actual.StepConfidence.ToArray());
        Assert.Equal(expected.GridShifts.ToArray(), actual.GridShifts.ToArray());
        Assert.Equal(expected.GridShiftProbability.ToArray(), actual.GridShiftProbability.ToArray());
    }

    static PrimaryNetwork Of(IPrimaryEngine engine) => new("test", "test", new Dictionary<string, string>(), () => engine);

    sealed class WindowByWindow(IPrimaryEngine engine) : IPrimaryEngine
    {
        public bool GivesPhase => engine.GivesPhase;

        public void RunWindows(ReadOnlySpan<byte> windows, int count, ReadOnlySpan<ushort> secondZigZag, Span<float> logits, Span<float> phase) =>
            engine.RunWindows(windows, count, secondZigZag, logits, phase);

        public void Dispose()
        {
        }
    }

    [Fact]
    public void ALoadedFileAnswersTheSameWhateverTheThreads()
    {
        ImageBuffer picture = TestScenes.Waves(150, 200, 5);
        PrimaryNetwork network = Loaded();
        Assert.Equal(PhaseHistogramArchitecture.Id, network.Architecture);
        using IPrimaryQuantEstimator one = PrimaryQuantEstimator.Create(new() { Network = network, Threads = 1 });
        using IPrimaryQuantEstimator many = PrimaryQuantEstimator.Create(new() { Network = network, Threads = 5 });
        PrimaryQuantMap expected = one.EstimateMap(picture.View, Second), actual = many.EstimateMap(picture.View, Second);
        Assert.Equal(expected.StepConfidence.ToArray(), actual.StepConfidence.ToArray());
        Assert.Equal(expected.GridShiftProbability.ToArray(), actual.GridShiftProbability.ToArray());
        Assert.True(actual.HasGridShifts);
        Assert.NotEqual(
            expected.StepConfidence.ToArray(), one.EstimateMap(picture.View, QuantTable.StandardLuminance(70)).StepConfidence.ToArray());
    }

    [Fact]
    public void PatchesAndMapsAgree()
    {
        ImageBuffer picture = TestScenes.Waves(64 * 5, 64, 6);
        using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new() { Network = Loaded(), Threads = 2 });
        PrimaryQuantMap map = estimator.EstimateMap(picture.View, Second, new() { Stride = 64 });
        for (int x = 0; x < 5; x++)
        {
            PrimaryQuantEstimate patch = estimator.EstimatePatch(picture.View.Crop(64 * x, 0, 64, 64), Second);
            Assert.Equal(map[x, 0].StepConfidence.ToArray(), patch.StepConfidence.ToArray());
            Assert.Equal(map[x, 0].GridShift, patch.GridShift);
        }
    }
}
