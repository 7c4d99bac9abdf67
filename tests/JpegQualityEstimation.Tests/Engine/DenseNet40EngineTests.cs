using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Tests.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine;

public sealed class DenseNet40EngineTests
{
    static readonly QuantTable Second = QuantTable.StandardLuminance(90);

    static PrimaryNetwork Loaded(int outputs)
    {
        using var stream = new MemoryStream();
        DenseNet40Network.CreateInitialized(2, PrimaryInput.Rgb, outputs).Save(stream);
        stream.Position = 0;
        return PrimaryNetwork.Load(stream, "test.safetensors");
    }

    [Fact]
    public void ALoadedFileAnswersPatchesAndMapsAlike()
    {
        ImageBuffer picture = TestScenes.Waves(80, 64, 5);
        using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new() { Network = Loaded(PrimaryBlocks.Outputs), Threads = 2 });
        PrimaryQuantMap map = estimator.EstimateMap(picture.View, Second);
        Assert.False(map.HasGridShifts);
        for (int x = 0; x < 3; x++)
        {
            PrimaryQuantEstimate patch = estimator.EstimatePatch(picture.View.Crop(8 * x, 0, 64, 64), Second);
            Assert.Equal(map[x, 0].Steps.ToArray(), patch.Steps.ToArray());
            Assert.Null(patch.GridShift);
        }
    }

    [Fact]
    public void ARegressedStepBecomesTheNearestOne()
    {
        var network = DenseNet40Network.CreateInitialized(2, PrimaryInput.Rgb, PrimaryBlocks.Count);
        byte[] window = TestScenes.Waves(64, 64, 5).Pixels;
        var regressed = new float[PrimaryBlocks.Count];
        new DenseNet40Inference(network, 1).Run(window, 1, regressed);
        var logits = new float[PrimaryBlocks.Outputs];
        using var engine = new DenseNet40Engine(network);
        engine.RunWindows(window, 1, Second.ZigZagOrder(), logits, default);
        var steps = new byte[PrimaryBlocks.Count];
        PrimaryBlocks.Decode(logits, steps);
        for (int i = 0; i < steps.Length; i++)
            Assert.Equal(Math.Clamp(regressed[i], 1, PrimaryBlocks.Sizes[i]), steps[i], 0.5f);
    }

    [Fact]
    public void ANetworkWithAnotherNumberOfOutputsIsRefused() =>
        Assert.Contains("7 outputs", Assert.Throws<WeightsFormatException>(() => Loaded(7)).Message, StringComparison.Ordinal);
}
