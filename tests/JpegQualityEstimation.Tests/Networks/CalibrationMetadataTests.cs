using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Findings;
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
    [InlineData("calibration.steps", "1")]
    [InlineData("calibration.steps", "1 0 0")]
    [InlineData("calibration.steps", "1 0 0 0 0")]
    [InlineData("calibration.steps", "NaN 0 0 0")]
    [InlineData("calibration.steps", "1 Infinity 0 0")]
    [InlineData("calibration.steps", "0 0 0 0")]
    [InlineData("calibration.steps", "-1 0 0 0")]
    [InlineData("calibration.steps", "0.09 0 0 0")]
    [InlineData("calibration.steps", "10.1 0 0 0")]
    [InlineData("calibration.steps", "1 1e999 0 0")]
    [InlineData("calibration.steps", "1 -0.3 0 0")]
    [InlineData("calibration.steps", "1 3 0 0")]
    [InlineData("calibration.steps", "1 0 21 0")]
    [InlineData("calibration.steps", "1 0 0 7")]
    [InlineData("calibration.steps", "1 0 0 -7")]
    [InlineData("calibration.steps", "1,5 0 0 0")]
    [InlineData("calibration.steps", "1 0 0 x")]
    [InlineData("calibration.shift", "1")]
    [InlineData("calibration.shift", "0.05 0")]
    [InlineData("calibration.shift", "1 -0.4")]
    [InlineData("calibration.shift", "many 0")]
    [InlineData("calibration.answer", "-0.1")]
    [InlineData("calibration.answer", "1.1")]
    [InlineData("calibration.answer", "nan")]
    [InlineData("calibration.answer", "0.5 0.5")]
    public void WhatIsNoCalibrationIsRefused(string key, string value)
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
        Assert.Null(FlagCalibration.Read(new Dictionary<string, string>(), "x"));
        float[] logits = Logits(3), expected = new float[logits.Length], shifts = [.. logits.Take(64).Select(MathF.Abs)], same = [.. shifts];
        BlockSoftmax.Forward(logits, expected);
        Assert.True(PrimaryPosterior.Probabilities(logits));
        PrimaryScaling scaling = none.For(QuantTable.StandardLuminance(80).ZigZagOrder());
        Assert.True(scaling.IsNone);
        scaling.ScaleSteps(logits);
        scaling.ScaleShifts(shifts);
        Assert.Equal(expected, logits);
        Assert.Equal(same, shifts);
    }

    [Fact]
    public void ProbabilitiesArePowersWithABiasThatHangsOnTheSecondTable()
    {
        PrimaryCalibration calibration = PrimaryCalibration.Read(new Dictionary<string, string>
        {
            ["calibration.steps"] = "0.8 -0.15 -1 1.5", ["calibration.shift"] = "1.2 0.1", ["calibration.answer"] = "0.5",
        }, "x");
        ushort[] table = QuantTable.StandardLuminance(80).ZigZagOrder();
        table[3] = 1;
        table[4] = 60000;
        PrimaryScaling scaling = calibration.For(table);
        Assert.Equal(0.5f, scaling.LeastConfidence);
        float[] raw = Logits(5);
        BlockSoftmax.Forward(raw, raw);
        float[] scaled = [.. raw], shifts = [.. Enumerable.Range(1, 64).Select(i => i / 2080f)], plain = [.. shifts];
        scaling.ScaleSteps(scaled);
        scaling.ScaleShifts(shifts);
        double meanLog = 0;
        for (int i = 0; i < PrimaryBlocks.Count; i++)
        {
            double log = Math.Log(Math.Min(table[i], 24.0));
            meanLog += log / PrimaryBlocks.Count;
            double a = 0.8 - 0.15 * log, b = (-1 + 1.5 * log) * raw[PrimaryBlocks.Offsets[i]] * raw[PrimaryBlocks.Offsets[i]];
            AssertPowers(raw.AsSpan(PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]), scaled.AsSpan(PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]), a, b);
        }
        AssertPowers(plain, shifts, 1.2 + 0.1 * meanLog, 0);

        // Doubles all the way to one rounding, of a number below 1.
        static void AssertPowers(ReadOnlySpan<float> from, ReadOnlySpan<float> to, double a, double b)
        {
            double[] powers = [.. from.ToArray().Select((p, j) => Math.Pow(p, a) * (j == 0 ? Math.Exp(b) : 1))];
            double sum = powers.Sum();
            for (int j = 0; j < powers.Length; j++)
                Assert.Equal(powers[j] / sum, to[j], Math.ScaleB(1, -24));
        }
    }

    [Fact]
    public void ZerosStayZerosAndABlockOfZerosStaysAsItIs()
    {
        PrimaryScaling scaling = new PrimaryCalibration([0.5, 0, 2, 0], [2, 0]).For(QuantTable.StandardLuminance(90).ZigZagOrder());
        var block = new float[16];
        scaling.ScaleBlock(0, block);
        Assert.All(block, p => Assert.Equal(0, p));
        (block[3], block[5]) = (0.8f, 0.2f);
        scaling.ScaleBlock(0, block);
        Assert.Equal(2 / 3.0, block[3], 6);
        Assert.Equal(1 / 3.0, block[5], 6);
        Assert.Equal(14, block.Count(p => p == 0));
    }

    [Fact]
    public void WindowsOfLittleConfidenceAreUndeterminedAndStillPooled()
    {
        var engine = new FakePrimaryEngine();
        QuantTable second = QuantTable.StandardLuminance(90);
        ImageBuffer picture = TestScenes.Waves(96, 80, 3);
        PrimaryQuantMap Map(double least, bool keep)
        {
            var network = new PrimaryNetwork("fake", "fake", new Dictionary<string, string>(), () => engine, calibration: new PrimaryCalibration([1, 0, 0, 0], [1, 0], least));
            using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new() { Network = network, Threads = 1 });
            PrimaryQuantEstimate patch = estimator.EstimatePatch(picture.View.Crop(0, 0, 64, 64), second);
            PrimaryQuantMap map = estimator.EstimateMap(picture.View, second, new() { Stride = 16, KeepProbabilities = keep });
            Assert.Equal(map[0, 0].Determined, patch.Determined);
            Assert.Equal(map[0, 0].Steps.ToArray(), patch.Steps.ToArray());
            Assert.Equal(map[0, 0].Confidence, patch.Confidence);
            return map;
        }
        PrimaryQuantMap any = Map(0, keep: true), none = Map(1, keep: true);
        Assert.Equal(1, any.DeterminedShare);
        Assert.Equal(0, none.DeterminedShare);
        Assert.Equal(any.Steps, none.Steps);
        Assert.Equal(any.Confidence, none.Confidence);
        Assert.True(none.IsLegible(0));
        Assert.Equal(any.Pooled.Steps, none.Pooled.Steps);
        Assert.True(none.Pooled.Determined);
        bool[] all = [.. Enumerable.Repeat(true, none.Width * none.Height)];
        Assert.Equal(none.Pooled.StepConfidence, none.Pool(all).StepConfidence);
        Assert.Equal(RegionFinder.Find(any).WindowLabels, RegionFinder.Find(none).WindowLabels);
    }

    // Maps, patches, pools and rows all state what the calibration says, and who wants the network's own word gets it.
    [Fact]
    public void AMapStatesCalibratedProbabilitiesAndKeepsTheRawOnesInReach()
    {
        var engine = new FakePrimaryEngine();
        var calibration = new PrimaryCalibration([0.5, 0, 0, 0], [2, 0]);
        var network = new PrimaryNetwork("fake", "fake", new Dictionary<string, string>(), () => engine, calibration: calibration);
        using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new() { Network = network, Threads = 2 });
        using IPrimaryQuantEstimator plain = PrimaryQuantEstimator.Create(new() { Network = engine.Network, Threads = 2 });
        ImageBuffer picture = TestScenes.Waves(96, 80, 3);
        var rows = new float[2][];
        var rawShifts = new float[2][];
        var stated = new float[2][];
        QuantTable second = QuantTable.StandardLuminance(90);
        PrimaryQuantMap map = estimator.EstimateMap(picture.View, second, new()
        {
            Stride = 16, KeepProbabilities = true, RowReceiver = row => (rows[row.Y], rawShifts[row.Y], stated[row.Y]) = (row.RawProbabilities.ToArray(), row.RawGridShifts.ToArray(), row.Probabilities.ToArray()),
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
        // What a map keeps is what a receiver got, the network's own and scaled.
        Assert.Equal(rows[1], map.ProbabilityRow(1).RawProbabilities);
        Assert.Equal(rawShifts[1], map.ProbabilityRow(1).RawGridShifts);
        Assert.Equal(stated[1], map.ProbabilityRow(1).Probabilities);
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
