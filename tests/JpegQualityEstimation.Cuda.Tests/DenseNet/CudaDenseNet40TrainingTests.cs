using JpegQualityEstimation.Cuda.Networks;
using JpegQualityEstimation.Cuda.Networks.DenseNet;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;
using Xunit;
using Xunit.Abstractions;

namespace JpegQualityEstimation.Cuda.Tests.DenseNet;

/// <summary>Training of DenseNet-40 on a device against the processor's gradient, and against itself.</summary>
public sealed class CudaDenseNet40TrainingTests(ITestOutputHelper log)
{
    const ulong Seed = 5;
    const double Dropout = 0.2;
    const double PhaseWeight = 0.6;

    static readonly OptimizerStep Adam = new(0, 1e-3, false, 1, 0.9, 0.9, 0.999, 1e-8, 1e-4, 1, 0.5);

    [SkippableTheory]
    [InlineData(ComputePrecision.Float32, PrimaryInput.Luma, false, 3)]
    [InlineData(ComputePrecision.Float32, PrimaryInput.Rgb, true, 2)]
    [InlineData(ComputePrecision.TensorFloat32, PrimaryInput.Luma, false, 2)]
    [InlineData(ComputePrecision.BFloat16, PrimaryInput.Luma, false, 2)]
    [InlineData(ComputePrecision.Float32, PrimaryInput.Luma, true, 2, true)]
    [InlineData(ComputePrecision.Float32, PrimaryInput.Rgb, false, 2, true)]
    [InlineData(ComputePrecision.TensorFloat32, PrimaryInput.Luma, false, 2, true)]
    [InlineData(ComputePrecision.BFloat16, PrimaryInput.Luma, false, 2, true)]
    public void AStepEqualsTheProcessorsToItsRounding(ComputePrecision precision, PrimaryInput input, bool regression, int count, bool phases = false)
    {
        TestDevice.Require();
        SlowTests.SkipUnlessWanted(precision);
        var scene = new Scene(input, regression, count, phases: phases);
        float[] parameters = (float[])scene.Parameters.Clone(), gradient = new float[scene.Architecture.Count];
        IBlockLoss loss = regression ? new RegressionLoss() : PrimaryLoss.Combined(0.8);
        float[] posterior = new float[scene.Phases.Length * 64];
        DenseNet40Loss expected = new DenseNet40Gradient(scene.Architecture, 1) { Dropout = Dropout, PhaseWeight = PhaseWeight, Seed = Seed }.Run(
            parameters, scene.Windows, scene.Steps, loss, 7, gradient, new float[count * scene.Architecture.Outputs], scene.Phases, posterior);

        using CudaDenseNet40Training training = Open(scene, precision);
        double[] values = new double[5];
        training.Step(scene.Batch(7), Adam, values);
        double forward = PrecisionBounds.DenseNet40(precision, 1);
        // Gates nearer to 0 than the error may fall the other way: a share of them as large as the error, and the
        // gradient's norm changes by the root of the share. The processor's values have the roundings of F(4x4, 3x3).
        double backward = Math.Sqrt(precision == ComputePrecision.Float32 ? WinogradFilters.RoundingGrowth * forward : forward);
        Assert.InRange(values[0], expected.Block * (1 - forward), expected.Block * (1 + forward));
        Assert.InRange(values[1], expected.Phase * (1 - forward), expected.Phase * (1 + forward));
        Assert.Equal(phases, expected.Phase > 0);
        if (precision == ComputePrecision.Float32)
            Assert.Equal(PrimaryScores.PhaseFound(posterior, scene.Phases), values[4]);
        float[] actual = training.DownloadGradient();
        double whole = Distance(gradient.AsSpan(0, actual.Length), actual) / Distance(gradient.AsSpan(0, actual.Length), new float[actual.Length]);
        log.WriteLine($"whole gradient: {whole:e2} of {backward:e2}");
        Assert.InRange(whole, 0, backward);
        foreach (TensorPlace place in DenseNet40Network.Places(scene.Architecture))
        {
            // In 16 bits so many gates fall the other way on the long way to the first layers that only the whole is held.
            if (place.Offset >= actual.Length || precision == ComputePrecision.BFloat16)
                continue;
            ReadOnlySpan<float> wanted = gradient.AsSpan(place.Offset, place.Length), got = actual.AsSpan(place.Offset, place.Length);
            double apart = Distance(wanted, got), norm = Distance(wanted, new float[place.Length]);
            log.WriteLine($"{place.Name}: {apart / norm:e2} of {backward:e2}");
            Assert.InRange(apart, 0, norm * backward);
        }
        float[] after = training.Download().Parameters;
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
            foreach (int offset in (int[])[scene.Architecture.Mean(b), scene.Architecture.Variance(b)])
            {
                int channels = DenseNet40Architecture.BlockOutputs(b);
                ReadOnlySpan<float> wanted = parameters.AsSpan(offset, channels);
                Assert.InRange(Distance(wanted, after.AsSpan(offset, channels)), 0, forward * Distance(wanted, new float[channels]));
            }
    }

    // A first step runs as launches, later ones as a graph; one run is broken off and taken up by another.
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void RunsRepeatAndResumeToTheLastBit(bool phases)
    {
        TestDevice.Require();
        var scene = new Scene(PrimaryInput.Luma, false, 1, phases: phases);
        using CudaDenseNet40Training unbroken = Open(scene, ComputePrecision.Float32), broken = Open(scene, ComputePrecision.Float32), resumed = Open(scene, ComputePrecision.Float32);
        double[] values = new double[5], others = new double[5];
        for (int step = 0; step < 3; step++)
        {
            CudaDenseNet40Training other = step < 2 ? broken : resumed;
            if (step == 2)
                resumed.Upload(broken.Download());
            unbroken.Step(scene.Batch(step), Adam with { Step = step }, values);
            other.Step(scene.Batch(step), Adam with { Step = step }, others);
            Assert.Equal(values, others);
        }
        TrainingVectors one = unbroken.Download(), two = resumed.Download();
        Assert.Equal(one.Parameters, two.Parameters);
        Assert.Equal(one.First, two.First);
        Assert.Equal(one.Second, two.Second);
        Assert.Equal(one.Average, two.Average);
        Assert.NotEqual(scene.Parameters, one.Parameters);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void HeldOutBatchesAreMeasuredWithTheAverage(bool phases)
    {
        TestDevice.Require();
        var scene = new Scene(PrimaryInput.Luma, false, 2, phases: phases);
        float[] average = new Scene(PrimaryInput.Luma, false, 2, 9, phases).Parameters;
        using CudaDenseNet40Training training = Open(scene, ComputePrecision.Float32, average);
        float[] logits = new float[2 * 226], posterior = new float[scene.Phases.Length * 64];
        DenseNet40Loss expected = new DenseNet40Gradient(scene.Architecture, 1).Run(average, scene.Windows, scene.Steps, PrimaryLoss.Combined(0.8), 0, null, logits, scene.Phases, posterior);
        (double accuracy, double squares) = PrimaryScores.Of(logits, scene.Steps);
        double[] values = new double[5];
        training.Measure(scene.Batch(0), values);
        double bound = PrecisionBounds.DenseNet40(ComputePrecision.Float32, 1);
        Assert.InRange(values[0], expected.Block * (1 - bound), expected.Block * (1 + bound));
        Assert.InRange(values[1], expected.Phase * (1 - bound), expected.Phase * (1 + bound));
        Assert.Equal([accuracy, squares, PrimaryScores.PhaseFound(posterior, scene.Phases)], values[2..]);
        Assert.Equal(scene.Parameters, training.Download().Parameters);
    }

    [SkippableFact]
    public void StatisticsOfTheAverageAreTheProcessors()
    {
        TestDevice.Require();
        var scene = new Scene(PrimaryInput.Luma, false, 2);
        float[] average = new Scene(PrimaryInput.Luma, false, 2, 9).Parameters;
        using CudaDenseNet40Training training = Open(scene, ComputePrecision.Float32, average);
        training.MoveStatistics(scene.Batch(0), 1);
        training.MoveStatistics(new Scene(PrimaryInput.Luma, false, 1).Batch(0), 0.5);
        TrainingVectors after = training.Download();

        float[] expected = (float[])average.Clone();
        var gradient = new DenseNet40Gradient(scene.Architecture, 1) { Dropout = Dropout, Seed = Seed };
        gradient.MoveStatistics(expected, scene.Windows, 1);
        gradient.MoveStatistics(expected, new Scene(PrimaryInput.Luma, false, 1).Windows, 0.5);
        double bound = PrecisionBounds.DenseNet40(ComputePrecision.Float32, 1);
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
            foreach (int offset in (int[])[scene.Architecture.Mean(b), scene.Architecture.Variance(b)])
            {
                int channels = DenseNet40Architecture.BlockOutputs(b);
                ReadOnlySpan<float> wanted = expected.AsSpan(offset, channels);
                Assert.InRange(Distance(wanted, after.Average.AsSpan(offset, channels)), 0, bound * Distance(wanted, new float[channels]));
                Assert.NotEqual(average.AsSpan(offset, channels).ToArray(), wanted.ToArray());
            }
        Assert.Equal(average[..scene.Architecture.TrainableCount], after.Average[..scene.Architecture.TrainableCount]);
        Assert.Equal(scene.Parameters, after.Parameters);
        Assert.Throws<ArgumentException>(() => training.MoveStatistics(new Scene(PrimaryInput.Luma, false, 3).Batch(0), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => training.MoveStatistics(scene.Batch(0), 2));
    }

    // Whether it is a bias of the outputs that is no number, one of the grid phases, or a weight of the first convolution, which all ReLUs lie behind.
    [SkippableTheory]
    [InlineData("head.bias")]
    [InlineData("phase.bias")]
    [InlineData("first.weight")]
    public void AStepThatIsNotFiniteChangesNothing(string place)
    {
        TestDevice.Require();
        var scene = new Scene(PrimaryInput.Luma, false, 1, phases: place == "phase.bias");
        using CudaDenseNet40Training training = Open(scene, ComputePrecision.Float32);
        float[] parameters = (float[])scene.Parameters.Clone();
        parameters[DenseNet40Network.Places(scene.Architecture).First(one => one.Name == place).Offset + 3] = place == "first.weight" ? float.NaN : float.PositiveInfinity;
        training.Upload(parameters, new float[parameters.Length], new float[parameters.Length], scene.Parameters);
        var e = Assert.Throws<InvalidOperationException>(() => training.Step(scene.Batch(3), Adam, new double[5]));
        Assert.Contains("step 3", e.Message);
        TrainingVectors after = training.Download();
        Assert.Equal(parameters, after.Parameters);
        Assert.Equal(scene.Parameters, after.Average);
        Assert.Throws<ArgumentException>(() => training.Step(new Scene(PrimaryInput.Luma, false, 2).Batch(0), Adam, new double[5]));
        if (scene.Architecture.HasPhases)
            Assert.Throws<ArgumentException>(() => training.Step(new Scene(PrimaryInput.Luma, false, 1).Batch(0), Adam, new double[5]));
    }

    [SkippableFact]
    public void HalfIsRefused()
    {
        TestDevice.Require();
        using CudaRuntime runtime = CudaRuntime.Open(0);
        Assert.Contains("16-bit", Assert.Throws<NotSupportedException>(() => new CudaDenseNet40Training(runtime, new Scene(PrimaryInput.Luma, false, 1).Shape(ComputePrecision.Float16))).Message);
    }

    static CudaDenseNet40Training Open(Scene scene, ComputePrecision precision, float[]? average = null)
    {
        var training = new CudaDenseNet40Training(CudaRuntime.Open(0), scene.Shape(precision));
        float[] zero = new float[scene.Parameters.Length];
        training.Upload(scene.Parameters, zero, zero, average ?? scene.Parameters);
        return training;
    }

    static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        return Math.Sqrt(sum);
    }

    // Windows of waves and noise, steps at random; with grid phases every other window has one, and their head weights.
    sealed class Scene
    {
        readonly bool regression;

        public Scene(PrimaryInput input, bool regression, int count, ulong seed = 3, bool phases = false)
        {
            this.regression = regression;
            Architecture = new DenseNet40Architecture(input, regression ? 15 : 226, phases);
            var random = new Random(1);
            Parameters = Architecture.FromModel(DenseNet40Network.CreateInitialized(seed, input, Architecture.Outputs).Parameters);
            var weights = new Random((int)seed);
            foreach (ref float weight in Parameters.AsSpan(Architecture.PhaseWeight..Architecture.TrainableCount))
                weight = weights.NextSingle() / 8 - 1 / 16f;
            Phases = [.. Enumerable.Range(0, phases ? count : 0).Select(n => (byte)(n % 2 == 0 ? 29 : 255))];
            Windows = new byte[count * DenseNet40Inference.WindowBytes];
            for (int i = 0; i < Windows.Length; i++)
                Windows[i] = (byte)(108 + 60 * Math.Sin(i / 700.0 + i % 192 / 30.0) + random.Next(40));
            Steps = [.. Enumerable.Range(0, 15 * count).Select(_ => (byte)random.Next(1, 11))];
        }

        public DenseNet40Architecture Architecture { get; }

        public float[] Parameters { get; }

        public byte[] Windows { get; }

        public byte[] Steps { get; }

        /// <summary>Of each window, or none at all.</summary>
        public byte[] Phases { get; }

        public DeviceBatch Batch(long step) => new() { Count = Steps.Length / 15, Step = step, Pixels = Windows, Steps = Steps, Phases = Phases };

        public DenseNetTrainingShape Shape(ComputePrecision precision) => new(Architecture.Input, Architecture.Outputs, Steps.Length / 15, Dropout, Seed,
            regression ? RegressionLoss.Terms : PrimaryLoss.Combined(0.8).Terms, Architecture.HasPhases ? PhaseWeight : 0, [], precision);
    }
}

sealed record TrainingVectors(float[] Parameters, float[] First, float[] Second, float[] Average);

static class TrainingVectorsOfADevice
{
    public static TrainingVectors Download(this CudaDenseNet40Training training)
    {
        var vectors = new TrainingVectors(new float[training.ParameterCount], new float[training.ParameterCount], new float[training.ParameterCount], new float[training.ParameterCount]);
        training.Download(vectors.Parameters, vectors.First, vectors.Second, vectors.Average);
        return vectors;
    }

    public static void Upload(this CudaDenseNet40Training training, TrainingVectors vectors) =>
        training.Upload(vectors.Parameters, vectors.First, vectors.Second, vectors.Average);
}
