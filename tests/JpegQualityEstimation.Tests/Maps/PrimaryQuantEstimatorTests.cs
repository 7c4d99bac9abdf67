using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Maps;

public sealed class PrimaryQuantEstimatorTests
{
    static readonly QuantTable Second = QuantTable.StandardLuminance(90);

    static IPrimaryQuantEstimator Estimator(FakePrimaryEngine engine, int threads = 2) =>
        PrimaryQuantEstimator.Create(new() { Network = engine.Network, Threads = threads });

    static byte[] Window(ImageBuffer picture, int left, int top)
    {
        var rgb = new byte[64 * 64 * 3];
        for (int y = 0; y < 64; y++)
            for (int x = 0; x < 64; x++)
                for (int c = 0; c < 3; c++)
                    rgb[(y * 64 + x) * 3 + c] = picture.Pixels[(top + y) * picture.Stride + 3 * (left + x) + c];
        return rgb;
    }

    static ImageBuffer Picture(int width, int height) => TestScenes.Waves(width, height, 3);

    [Theory]
    [InlineData(64, 64, 8, 0, 0, 1, 1)]
    [InlineData(71, 64, 8, 0, 0, 1, 1)]
    [InlineData(72, 87, 8, 0, 0, 2, 3)]
    [InlineData(100, 90, 8, 3, 5, 4, 3)]
    [InlineData(70, 66, 1, 0, 0, 7, 3)]
    [InlineData(130, 70, 13, 0, 2, 5, 1)]
    [InlineData(200, 64, 1000, 0, 0, 1, 1)]
    public void EveryWindowThatFitsIsThereAndIsCutAtItsPlace(
        int width, int height, int stride, int originRow, int originColumn, int columns, int rows)
    {
        ImageBuffer picture = Picture(width, height);
        var engine = new FakePrimaryEngine();
        using IPrimaryQuantEstimator estimator = Estimator(engine);
        PrimaryQuantMap map = estimator.EstimateMap(
            picture.View, Second, new() { Stride = stride, OriginRow = originRow, OriginColumn = originColumn, KeepProbabilities = true });
        Assert.Equal((columns, rows), (map.Width, map.Height));
        Assert.Equal(1, map.DeterminedShare);
        ushort[] zigZag = Second.ZigZagOrder();
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
            {
                var (left, top) = map.WindowAt(x, y);
                Assert.Equal((originColumn + x * stride, originRow + y * stride), (left, top));
                Assert.Equal((left + 32.0, top + 32.0), map.CentreAt(x, y));
                byte[] window = Window(picture, left, top);
                int[] steps = engine.Steps(window, zigZag);
                PrimaryQuantEstimate estimate = map[x, y];
                Assert.Equal(steps, estimate.Steps.ToArray().Select(s => (int)s));
                for (int i = 0; i < 15; i++)
                {
                    Assert.Equal(steps[i], map.Steps[(i * rows + y) * columns + x]);
                    Assert.Equal(FakePrimaryEngine.Sure, map.StepConfidence[(i * rows + y) * columns + x], 6);
                    Assert.Equal(FakePrimaryEngine.Sure, estimate.Probability(i, steps[i]), 6);
                    Assert.Equal(0, estimate.Probability(i, PrimaryQuantEstimate.LargestStep(i) + 1));
                }
                Assert.Equal(FakePrimaryEngine.Sure, estimate.Confidence, 6);
                int phase = FakePrimaryEngine.Phase(window);
                Assert.Equal(
                    ((16 - phase / 8 - y * stride % 8) % 8, (16 - phase % 8 - x * stride % 8) % 8, 0.8f),
                    (estimate.GridShift!.Value.Row, estimate.GridShift.Value.Column, estimate.GridShift.Value.Probability));
            }
        }
    }

    [Fact]
    public void PatchesBatchesAndMapsAgree()
    {
        ImageBuffer picture = Picture(64 * 20, 64);
        using IPrimaryQuantEstimator estimator = Estimator(new FakePrimaryEngine());
        PrimaryQuantMap map = estimator.EstimateMap(picture.View, Second, new() { Stride = 64, KeepProbabilities = true });
        byte[] all = [.. Enumerable.Range(0, 20).SelectMany(x => Window(picture, 64 * x, 0))];
        IReadOnlyList<PrimaryQuantEstimate> batch = estimator.EstimatePatches(all, Second);
        Assert.Equal(20, batch.Count);
        for (int x = 0; x < 20; x++)
        {
            AssertSame(map[x, 0], batch[x]);
            AssertSame(map[x, 0], estimator.EstimatePatch(picture.View.Crop(64 * x, 0, 64, 64), Second));
        }
        Assert.Empty(estimator.EstimatePatches([], Second));
    }

    static void AssertSame(PrimaryQuantEstimate expected, PrimaryQuantEstimate actual)
    {
        Assert.Equal(expected.Determined, actual.Determined);
        Assert.Equal(expected.Steps.ToArray(), actual.Steps.ToArray());
        Assert.Equal(expected.StepConfidence.ToArray(), actual.StepConfidence.ToArray());
        Assert.Equal(expected.Confidence, actual.Confidence);
        Assert.Equal(expected.QualityFactor, actual.QualityFactor);
        Assert.Equal(expected.GridShift, actual.GridShift);
        for (int i = 0; i < 15; i++)
            for (int step = 1; step <= PrimaryQuantEstimate.LargestStep(i); step++)
                Assert.Equal(expected.Probability(i, step), actual.Probability(i, step));
    }

    [Fact]
    public void FormatsAndStridesOfOnePictureAgree()
    {
        ImageBuffer picture = Picture(80, 72);
        using IPrimaryQuantEstimator estimator = Estimator(new FakePrimaryEngine());
        short[] expected = estimator.EstimateMap(picture.View, Second).Steps.ToArray();
        foreach (PixelFormat format in Enum.GetValues<PixelFormat>().Where(f => f != PixelFormat.Gray8))
        {
            ImageBuffer other = TestScenes.Convert(picture, format);
            Assert.Equal(expected, estimator.EstimateMap(other.View, Second).Steps.ToArray());
            int stride = other.Stride + 5;
            byte[] padded = new byte[stride * 72];
            for (int y = 0; y < 72; y++)
                other.View.Row(y).CopyTo(padded.AsSpan(y * stride));
            Assert.Equal(expected, estimator.EstimateMap(new PixelView(padded, 80, 72, stride, format), Second).Steps.ToArray());
        }
        ImageBuffer gray = TestScenes.Convert(picture, PixelFormat.Gray8), colour = TestScenes.Convert(gray, PixelFormat.Rgb24);
        Assert.Equal(
            estimator.EstimateMap(colour.View, Second).Steps.ToArray(), estimator.EstimateMap(gray.View, Second).Steps.ToArray());
    }

    [Fact]
    public void ThreadsChangeNothing()
    {
        ImageBuffer picture = Picture(150, 400);
        var options = new PrimaryMapOptions { KeepProbabilities = true };
        PrimaryQuantMap one = Estimator(new FakePrimaryEngine(), 1).EstimateMap(picture.View, Second, options);
        foreach (int threads in (int[])[2, 3, 7, 64])
        {
            PrimaryQuantMap many = Estimator(new FakePrimaryEngine(), threads).EstimateMap(picture.View, Second, options);
            Assert.Equal(one.Steps.ToArray(), many.Steps.ToArray());
            Assert.Equal(one.StepConfidence.ToArray(), many.StepConfidence.ToArray());
            Assert.Equal(one.GridShifts.ToArray(), many.GridShifts.ToArray());
            AssertSame(one.Pooled, many.Pooled);
        }
    }

    [Fact]
    public void TheRowsHandedOutAreThoseKept()
    {
        ImageBuffer picture = Picture(90, 130);
        var rows = new SortedDictionary<int, (float[] Probabilities, float[] Shifts)>();
        using IPrimaryQuantEstimator estimator = Estimator(new FakePrimaryEngine(), 4);
        PrimaryQuantMap map = estimator.EstimateMap(picture.View, Second, new()
        {
            KeepProbabilities = true,
            RowReceiver = row => rows.Add(row.Y, (row.Probabilities.ToArray(), row.GridShifts.ToArray())),
        });
        Assert.Equal(Enumerable.Range(0, map.Height), rows.Keys);
        for (int y = 0; y < map.Height; y++)
        {
            Assert.Equal(64 * map.Width, rows[y].Shifts.Length);
            for (int x = 0; x < map.Width; x++)
            {
                Assert.Equal(map[x, y].Probability(2, 3), rows[y].Probabilities[226 * x + 16 + 11 + 2]);
                GridShift shift = map[x, y].GridShift!.Value;
                Assert.Equal(shift.Probability, rows[y].Shifts[64 * x + 8 * shift.Row + shift.Column]);
            }
        }
    }

    [Fact]
    public void FlatAndClippedWindowsAreUndetermined()
    {
        ImageBuffer picture = Picture(64 * 4, 64);
        for (int y = 0; y < 64; y++)
        {
            picture.Pixels.AsSpan(y * picture.Stride, 3 * 64).Fill(100);
            for (int x = 64; x < 128; x++)
                if (y < 40)
                    picture.Pixels.AsSpan(y * picture.Stride + 3 * x, 3).Fill((byte)(x % 2 * 255));
        }
        using IPrimaryQuantEstimator estimator = Estimator(new FakePrimaryEngine());
        PrimaryQuantMap map = estimator.EstimateMap(picture.View, Second, new() { Stride = 64, KeepProbabilities = true });
        Assert.Equal([0, 0, 1, 1], map.Determined.ToArray());
        Assert.Equal(0.5, map.DeterminedShare);
        for (int x = 0; x < 2; x++)
        {
            PrimaryQuantEstimate estimate = map[x, 0];
            Assert.False(estimate.Determined);
            Assert.Equal(new short[15], estimate.Steps.ToArray());
            Assert.Equal(new float[15], estimate.StepConfidence.ToArray());
            Assert.Equal((0f, 0), (estimate.Confidence, estimate.QualityFactor));
            Assert.Null(estimate.GridShift);
            Assert.Equal(PrimaryQuantMap.NoGridShift, map.GridShifts[x]);
            Assert.NotEqual(0, estimate.Probability(0, 1));
            Assert.False(estimator.EstimatePatch(picture.View.Crop(64 * x, 0, 64, 64), Second).Determined);
        }
        Assert.False(map.Pool([true, true, false, false]).Determined);
        Assert.True(map.Pool([true, true, true, false]).Determined);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(95)]
    [InlineData(77)]
    [InlineData(51)]
    public void StandardTablesAreNamedByTheirQualityFactor(int quality)
    {
        int[] steps = [.. QuantTable.StandardLuminance(quality).ZigZagOrder().Take(15).Select(s => (int)s)];
        using IPrimaryQuantEstimator estimator = Estimator(new FakePrimaryEngine { StepsOf = _ => steps });
        PrimaryQuantMap map = estimator.EstimateMap(Picture(100, 100).View, Second);
        Assert.All(map.QualityFactor.ToArray(), q => Assert.Equal(quality, q));
        Assert.Equal(quality, map.Pooled.QualityFactor);
        Assert.Equal(steps, map.Pooled.Steps.ToArray().Select(s => (int)s));
        Assert.InRange(map.Pooled.Confidence, FakePrimaryEngine.Sure - 1e-6, 1);
    }

    [Fact]
    public void PoolingFollowsTheMoreConfidentWindows()
    {
        int[] seventy = Steps(70), ninety = Steps(92);
        using IPrimaryQuantEstimator estimator = Estimator(new FakePrimaryEngine { StepsOf = w => w[1] == 7 ? seventy : ninety });
        ImageBuffer picture = Picture(64 * 3, 64);
        picture.Pixels[1] = 7;
        PrimaryQuantMap map = estimator.EstimateMap(picture.View, Second, new() { Stride = 64, KeepProbabilities = true });
        Assert.Equal([70, map.QualityFactor[1], map.QualityFactor[1]], map.QualityFactor.ToArray());
        Assert.Equal(ninety, map.Pooled.Steps.ToArray().Select(s => (int)s));
        Assert.Equal(seventy, map.Pool([true, false, false]).Steps.ToArray().Select(s => (int)s));
        AssertSame(map.Pooled, map.Pool([true, true, true]));

        static int[] Steps(int quality) => [.. QuantTable.StandardLuminance(quality).ZigZagOrder().Take(15).Select(s => (int)s)];
    }

    [Fact]
    public void AModelWithoutPhaseGivesNoGridShift()
    {
        using IPrimaryQuantEstimator estimator = Estimator(new FakePrimaryEngine(givesPhase: false));
        PrimaryQuantMap map = estimator.EstimateMap(Picture(80, 80).View, Second, new() { RowReceiver = row => Assert.True(row.GridShifts.IsEmpty) });
        Assert.False(map.HasGridShifts);
        Assert.All(map.GridShifts.ToArray(), s => Assert.Equal(PrimaryQuantMap.NoGridShift, s));
        Assert.Null(map.Pooled.GridShift);
        Assert.True(map.Pooled.Determined);
    }

    [Fact]
    public void ProbabilitiesAreKeptOnlyWhereAskedFor()
    {
        using IPrimaryQuantEstimator estimator = Estimator(new FakePrimaryEngine());
        PrimaryQuantMap map = estimator.EstimateMap(Picture(64, 64).View, Second);
        Assert.False(map.HasProbabilities);
        Assert.Throws<InvalidOperationException>(() => map[0, 0].Probability(0, 1));
        Assert.Throws<InvalidOperationException>(() => map.Pool([true]));
        Assert.True(map.Pooled.HasProbabilities);
    }

    [Fact]
    public void ProgressRisesToOne()
    {
        var reports = new List<double>();
        using IPrimaryQuantEstimator estimator = Estimator(new FakePrimaryEngine(), 4);
        estimator.EstimateMap(Picture(64, 300).View, Second, null, new Reporter(reports.Add));
        Assert.Equal(1, reports[^1]);
        Assert.Equal(reports.Order(), reports);
        reports.Clear();
        estimator.EstimatePatches(new byte[40 * 64 * 64 * 3], Second, new Reporter(reports.Add));
        Assert.Equal(1, reports[^1]);
    }

    sealed class Reporter(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }

    [Fact]
    public void ItStopsWhenTold()
    {
        using var stop = new CancellationTokenSource();
        int calls = 0;
        var engine = new FakePrimaryEngine { Called = () => { if (Interlocked.Increment(ref calls) == 3) stop.Cancel(); } };
        using IPrimaryQuantEstimator estimator = Estimator(engine, 2);
        ImageBuffer picture = Picture(64, 800);
        Assert.ThrowsAny<OperationCanceledException>(() => estimator.EstimateMap(picture.View, Second, null, null, stop.Token));
        Assert.InRange(calls, 3, 6);
        Assert.ThrowsAny<OperationCanceledException>(() => estimator.EstimatePatches(new byte[64 * 64 * 3], Second, null, stop.Token));
        Assert.Equal(93, estimator.EstimateMap(picture.View, Second).Height);
    }

    [Fact]
    public void WhatAReceiverThrowsArrivesAsItself()
    {
        using IPrimaryQuantEstimator estimator = Estimator(new FakePrimaryEngine(), 2);
        ImageBuffer picture = Picture(64, 300);
        Assert.Throws<NotSupportedException>(() => estimator.EstimateMap(picture.View, Second, new() { RowReceiver = _ => throw new NotSupportedException() }));
    }

    [Fact]
    public void SmallPicturesAndOddOptionsAreRefused()
    {
        using IPrimaryQuantEstimator estimator = Estimator(new FakePrimaryEngine());
        Assert.Contains("63x64", Assert.Throws<ArgumentException>(() => estimator.EstimateMap(Picture(63, 64).View, Second)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => estimator.EstimateMap(Picture(66, 66).View, Second, new() { OriginColumn = 3 }));
        ImageBuffer picture = Picture(80, 80);
        Assert.Throws<ArgumentOutOfRangeException>(() => estimator.EstimateMap(picture.View, Second, new() { Stride = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => estimator.EstimateMap(picture.View, Second, new() { OriginRow = 8 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => estimator.EstimateMap(picture.View, Second, new() { OriginRow = -1 }));
        Assert.Throws<ArgumentException>(() => estimator.EstimatePatch(picture.View, Second));
        Assert.Throws<ArgumentException>(() => estimator.EstimatePatches(new byte[64 * 64 * 3 + 1], Second));
        Assert.Throws<ArgumentNullException>(() => estimator.EstimateMap(picture.View, null!));
        PrimaryQuantMap map = estimator.EstimateMap(picture.View, Second);
        Assert.Throws<ArgumentOutOfRangeException>(() => map[3, 0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.WindowAt(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => map[0, 0].Probability(15, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => map[0, 0].Probability(0, 0));
    }

    [Fact]
    public void ManyThreadsMayShareOneEstimator()
    {
        using IPrimaryQuantEstimator estimator = Estimator(new FakePrimaryEngine());
        ImageBuffer[] pictures = [.. Enumerable.Range(0, 6).Select(i => TestScenes.Waves(90, 100, i))];
        short[][] alone = Array.ConvertAll(pictures, p => estimator.EstimateMap(p.View, Second).Steps.ToArray());
        Parallel.For(0, 24, i => Assert.Equal(alone[i % 6], estimator.EstimateMap(pictures[i % 6].View, Second).Steps.ToArray()));
    }

    [Fact]
    public void AnEngineIsOpenedOnceAndReleased()
    {
        var engine = new FakePrimaryEngine();
        IPrimaryQuantEstimator estimator = Estimator(engine);
        Assert.Equal("fake", estimator.ModelNameFor(Second));
        estimator.EstimateMap(Picture(64, 64).View, Second);
        estimator.EstimateMap(Picture(64, 64).View, QuantTable.StandardLuminance(80));
        Assert.Equal(0, engine.Disposed);
        estimator.Dispose();
        Assert.Equal(1, engine.Disposed);
    }

    [Fact]
    public void LogitsThatAreNoNumbersAreUndetermined()
    {
        using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new()
        {
            Network = new PrimaryNetwork("nan", "nan", new Dictionary<string, string>(), () => new NotANumberEngine()),
        });
        PrimaryQuantMap map = estimator.EstimateMap(Picture(72, 64).View, Second, new() { KeepProbabilities = true });
        Assert.Equal(0, map.DeterminedShare);
        Assert.False(map.Pooled.Determined);
        Assert.Equal(0, map[0, 0].Probability(0, 1));
    }

    sealed class NotANumberEngine : IPrimaryEngine
    {
        public bool GivesPhase => false;

        public void RunWindows(ReadOnlySpan<byte> windows, int count, ReadOnlySpan<ushort> secondZigZag, Span<float> logits, Span<float> phase) =>
            logits.Fill(float.NaN);

        public void Dispose()
        {
        }
    }

    [Fact]
    public void OptionsThatContradictAreRefused()
    {
        Assert.Throws<ArgumentException>(() => PrimaryQuantEstimator.Create(new() { ModelPath = "x", Network = new FakePrimaryEngine().Network }));
        Assert.Throws<ArgumentOutOfRangeException>(() => PrimaryQuantEstimator.Create(new() { Threads = -1 }));
        Assert.Throws<DeviceUnavailableException>(() => PrimaryQuantEstimator.Create(new() { Device = ComputeDevice.Cuda() }));
        Assert.ThrowsAny<IOException>(() => PrimaryQuantEstimator.Create(new() { ModelPath = "absent.safetensors" }));
    }
}
