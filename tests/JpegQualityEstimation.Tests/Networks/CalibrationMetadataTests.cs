using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Tests.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Networks;

public sealed class CalibrationMetadataTests
{
    static Dictionary<string, string> Metadata(string key, string value) => new() { [key] = value };

    [Theory]
    [InlineData("calibration.steps", "")]
    [InlineData("calibration.steps", "NaN")]
    [InlineData("calibration.steps", "Infinity")]
    [InlineData("calibration.steps", "0")]
    [InlineData("calibration.steps", "-1")]
    [InlineData("calibration.steps", "0.09")]
    [InlineData("calibration.steps", "10.1")]
    [InlineData("calibration.steps", "1e999")]
    [InlineData("calibration.steps", "1,5")]
    [InlineData("calibration.steps", "1 1")]
    [InlineData("calibration.steps", "1 1 1 1 1 1 1 1 1 1 1 1 1 1 x")]
    [InlineData("calibration.shift", "1 1")]
    [InlineData("calibration.shift", "many")]
    public void WhatIsNoTemperatureIsRefused(string key, string value)
    {
        var error = Assert.Throws<WeightsFormatException>(() => PrimaryCalibration.Read(Metadata(key, value), "x.safetensors"));
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.Equal("x.safetensors", error.File);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1 NaN")]
    [InlineData("0 1")]
    [InlineData("-3 1")]
    [InlineData("3 1001")]
    [InlineData("3 1 1")]
    public void WhatIsNoLogisticMapIsRefused(string value) =>
        Assert.Throws<WeightsFormatException>(() => FlagCalibration.Read(Metadata("calibration.flag", value), "x"));

    [Theory]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("0.49")]
    [InlineData("1.01")]
    [InlineData("-Infinity")]
    [InlineData("0.9 0.9")]
    [InlineData("0,9")]
    public void WhatIsNoProbabilityOfAGridIsRefused(string value)
    {
        Assert.Throws<WeightsFormatException>(() => FlagCalibration.Read(new Dictionary<string, string> { ["calibration.flag"] = "3 -1", ["calibration.grid"] = value }, "x"));
        // Whatever else the file says.
        Assert.Throws<WeightsFormatException>(() => FlagCalibration.Read(Metadata("calibration.grid", value), "x"));
    }

    [Fact]
    public void AGridHasAProbabilityOfItsOwn()
    {
        FlagCalibration map = FlagCalibration.Read(new Dictionary<string, string> { ["calibration.flag"] = "3 -1", ["calibration.grid"] = "0.99" }, "x")!.Value;
        Assert.Equal(0.99, map.Probability(0.2, hasGrid: true));
        Assert.Equal(map.Probability(0.2), (map with { WithGrid = null }).Probability(0.2, hasGrid: true));
        var flat = default(QualitySums);
        flat.Add([50, 50], [1, 1], [0, 0]);
        Assert.Equal(0.99, flat.Summary(map, hasGrid: true).JpegProbability);
        Assert.Null(flat.Summary(map).JpegProbability);
    }

    [Fact]
    public void HostileNumbersStopTheLoadingOfAFile()
    {
        using var stream = new MemoryStream();
        QualityNetwork.CreateInitialized(1).Save(stream, Metadata("calibration.flag", "nan 0"));
        stream.Position = 0;
        Assert.Throws<WeightsFormatException>(() => QualityNetwork.Load(stream, "bad"));
    }

    [Fact]
    public void SilentMetadataChangeNoBit()
    {
        PrimaryCalibration none = PrimaryCalibration.Read(new Dictionary<string, string>(), "x");
        Assert.Same(PrimaryCalibration.None, none);
        Assert.True(none.IsNone);
        Assert.Null(FlagCalibration.Read(new Dictionary<string, string>(), "x"));
        float[] logits = Logits(3), expected = new float[logits.Length], shifts = [.. logits.Take(64).Select(MathF.Abs)], same = [.. shifts];
        BlockSoftmax.Forward(logits, expected);
        Assert.True(PrimaryPosterior.Probabilities(logits, none));
        Assert.Equal(expected, logits);
        none.ScaleShifts(shifts);
        Assert.Equal(same, shifts);
    }

    [Fact]
    public void ProbabilitiesAreThePowersAndComeBack()
    {
        PrimaryCalibration calibration = PrimaryCalibration.Read(new Dictionary<string, string>
        {
            ["calibration.steps"] = "1.5 0.5 2 1 1 1 1 1 1 1 1 1 1 1 3", ["calibration.shift"] = "0.7",
        }, "x");
        float[] logits = Logits(5), raw = new float[logits.Length];
        BlockSoftmax.Forward(logits, raw);
        float[] scaled = [.. logits];
        PrimaryPosterior.Probabilities(scaled, calibration);
        float[] back = [.. scaled];
        calibration.UnscaleSteps(back);
        for (int i = 0; i < PrimaryBlocks.Count; i++)
        {
            int at = PrimaryBlocks.Offsets[i], size = PrimaryBlocks.Sizes[i];
            Assert.Equal(PrimaryBlocks.ArgMax(raw.AsSpan(at, size)), PrimaryBlocks.ArgMax(scaled.AsSpan(at, size)));
            double sum = raw.AsSpan(at, size).ToArray().Sum(p => Math.Pow(p, 1 / calibration.Steps[i]));
            for (int j = at; j < at + size; j++)
            {
                // A probability is rounded once, its power at most ten times as far, the quotient once more.
                Assert.Equal(Math.Pow(raw[j], 1 / calibration.Steps[i]) / sum, scaled[j], 12 * Math.ScaleB(1, -23));
                Assert.Equal(raw[j], back[j], 12 * Math.ScaleB(1, -23));
            }
        }
    }

    // Maps, patches, pools and rows all state what the temperatures say, and who wants the network's own word gets it.
    [Fact]
    public void AMapStatesCalibratedProbabilitiesAndKeepsTheRawOnesInReach()
    {
        var engine = new FakePrimaryEngine();
        var calibration = new PrimaryCalibration([2], 0.5);
        var network = new PrimaryNetwork("fake", "fake", new Dictionary<string, string>(), () => engine, calibration: calibration);
        using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new() { Network = network, Threads = 2 });
        using IPrimaryQuantEstimator plain = PrimaryQuantEstimator.Create(new() { Network = engine.Network, Threads = 2 });
        ImageBuffer picture = TestScenes.Waves(96, 80, 3);
        var rows = new float[2][];
        var rawShifts = new float[2][];
        QuantTable second = QuantTable.StandardLuminance(90);
        PrimaryQuantMap map = estimator.EstimateMap(picture.View, second, new()
        {
            Stride = 16, KeepProbabilities = true, RowReceiver = row => (rows[row.Y], rawShifts[row.Y]) = (row.RawProbabilities.ToArray(), row.RawGridShifts.ToArray()),
        });
        var expected = new float[2][];
        PrimaryQuantMap other = plain.EstimateMap(picture.View, second, new()
        {
            Stride = 16, KeepProbabilities = true, RowReceiver = row => expected[row.Y] = row.Probabilities.ToArray(),
        });
        Assert.Equal(expected, rows);
        Assert.Equal(other.Steps, map.Steps);
        Assert.Equal(other.GridShifts, map.GridShifts);
        double block = PrimaryBlocks.Sizes[0] - 1, power = Math.Sqrt(FakePrimaryEngine.Sure), rest = block * Math.Sqrt((1 - FakePrimaryEngine.Sure) / block);
        Assert.Equal(power / (power + rest), map.StepConfidence[0], 6);
        double shift = 0.8 * 0.8 / (0.8 * 0.8 + 63 * Math.Pow(0.2 / 63, 2));
        Assert.Equal(shift, map.GridShiftProbability[0], 6);
        Assert.Equal(map.StepConfidence[0], map[0, 0].Probability(0, map[0, 0].Steps[0]), 6);
        PrimaryQuantEstimate patch = estimator.EstimatePatch(picture.View.Crop(0, 0, 64, 64), second);
        Assert.Equal(map[0, 0].StepConfidence.ToArray(), patch.StepConfidence.ToArray());
        Assert.Equal(map[0, 0].GridShift, patch.GridShift);
        Assert.All(map.ProbabilityRow(1).RawProbabilities.ToArray().Zip(rows[1]), pair => Assert.Equal(pair.Second, pair.First, 12 * Math.ScaleB(1, -23)));
    }

    [Fact]
    public void TheFlagBecomesAProbabilityWhereTheFileSaysHowAndEnoughIsReliable()
    {
        var map = new FlagCalibration(10, -5);
        Assert.Equal(0.5, map.Probability(0.5));
        Assert.True(map.Probability(0.6) > 0.7);
        var sums = default(QualitySums);
        sums.Add([50, 50], [1, 1], [255, 255]);
        Assert.Equal(1 / (1 + Math.Exp(-5)), sums.Summary(map).JpegProbability);
        Assert.Null(sums.Summary().JpegProbability);
        var flat = default(QualitySums);
        flat.Add([50, 50], [1, 1], [0, 0]);
        Assert.Null(flat.Summary(map).JpegProbability);
    }

    static float[] Logits(int seed)
    {
        var random = new Random(seed);
        var logits = new float[PrimaryBlocks.Outputs];
        foreach (ref float z in logits.AsSpan())
            z = (float)(6 * random.NextDouble() - 3);
        return logits;
    }
}
