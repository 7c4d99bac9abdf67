using System.Text;
using JpegQualityEstimation.Cuda.Networks;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Cuda.Tests.Jpeg;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Networks;

/// <summary>Training of the quality network on the device beside the processor's.</summary>
public sealed class CudaQualityTrainingTests : IDisposable
{
    const int Batch = 3, Patch = 14, Pixels = Batch * Patch * Patch;

    readonly string folder = Directory.CreateTempSubdirectory("jqe-cuda-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [SkippableTheory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.TensorFloat32)]
    [InlineData(ComputePrecision.BFloat16)]
    public void LossAndGradientLieWithinTheStatedBounds(ComputePrecision precision)
    {
        TestDevice.Require();
        (byte[] patches, float[] targets) = Draw(1);
        float[] parameters = QualityNetwork.CreateInitialized(2).Parameters, expected = new float[parameters.Length], gradient = new float[parameters.Length];
        var step = new QualityTrainingStep(Batch, Patch, 1, null, ConvolutionAlgorithm.Direct) { LossWeights = (2, 1) };
        QualityLoss loss = step.Run(parameters, patches, targets, expected);
        using var training = new CudaQualityTraining(CudaRuntime.Open(0), new QualityTrainingShape(Batch, Patch, 2, 1, QualityTrainingLoop.MuonMatrices, precision));
        training.Upload(parameters, new float[parameters.Length], new float[parameters.Length], parameters);
        double[] values = new double[2];
        training.Measure(Pack(patches, targets), values);
        double bound = QualityBounds.Of(precision);
        Assert.Equal(loss.Quality, values[0], bound * Math.Max(1, loss.Quality));
        Assert.Equal(loss.Flag, values[1], bound * Math.Max(1, loss.Flag));
        training.Step(Pack(patches, targets), Adam(0, 0), values);
        training.ReadGradient(gradient);
        Assert.Equal(loss.Quality, values[0], bound * Math.Max(1, loss.Quality));
        for (int l = 0; l < QualityArchitecture.Layers; l++)
        {
            Compare(QualityArchitecture.Weight(expected, l), QualityArchitecture.Weight(gradient, l), $"weights {l}");
            Compare(QualityArchitecture.Bias(expected, l), QualityArchitecture.Bias(gradient, l), $"biases {l}");
        }

        void Compare(ReadOnlySpan<float> wanted, ReadOnlySpan<float> got, string what)
        {
            double difference = 0, square = 0;
            for (int i = 0; i < wanted.Length; i++)
            {
                difference += Math.Pow(wanted[i] - got[i], 2);
                square += Math.Pow(wanted[i], 2);
            }
            double share = Math.Sqrt(difference / square);
            Assert.True(share <= QualityBounds.Gradient(precision, Pixels), $"{precision}, {what}: {share}, bound {QualityBounds.Gradient(precision, Pixels)}");
        }
    }

    [SkippableTheory]
    [InlineData(ComputePrecision.Float32, false)]
    [InlineData(ComputePrecision.Float32, true)]
    [InlineData(ComputePrecision.BFloat16, true)]
    public void RunsRepeatBitForBit(ComputePrecision precision, bool muon)
    {
        TestDevice.Require();
        float[][] first = RunSteps(precision, muon), second = RunSteps(precision, muon);
        Assert.Equal(first, second);
    }

    [SkippableTheory]
    [InlineData("adam")]
    [InlineData("muon")]
    public void ARunGoesOnFromTheProcessorToTheDeviceAndBack(string optimizer)
    {
        TestDevice.Require();
        CudaBackend.Use();
        QualityRecipe recipe = QualityRecipe.Parse($$"""
            {"patchSize":16,"batchSize":2,"phase":"random","weight444":1,"initialization":"highpass","clipNorm":0.5,"optimizer":"{{optimizer}}","learningRate":0.001,
             "schedule":"cosine","steps":6,"warmUpSteps":2,"averageDecay":0.9,"validationShare":0.3,"validationInterval":6,"validationBatches":1}
            """, "small.json");
        Picture("a", 60, 50);
        Picture("b", 52, 70);
        Picture("c", 64, 64);
        TrainingState<QualityRecipe> processor = Train(recipe, "processor", (6, ComputeDevice.Cpu));
        TrainingState<QualityRecipe> device = Train(recipe, "device", (6, ComputeDevice.Cuda(0)));
        TrainingState<QualityRecipe> mixed = Train(recipe, "mixed", (2, ComputeDevice.Cpu), (4, ComputeDevice.Cuda(0)), (6, ComputeDevice.Cpu));
        float[] start = QualityNetwork.CreateInitialized(1).Parameters;
        double moved = Distance(processor.Parameters, start);
        Assert.True(moved > 0);
        foreach (TrainingState<QualityRecipe> state in (TrainingState<QualityRecipe>[])[device, mixed])
        {
            Assert.Equal(6, state.Step);
            // The optimisers divide a gradient by its own size, so that what is small in it counts as much as what is large.
            Assert.InRange(Distance(processor.Parameters, state.Parameters) / moved, 0, 1e-3);
            Assert.InRange(Distance(processor.Average, state.Average) / moved, 0, 1e-3);
        }
    }

    [SkippableFact]
    public void QueuedStepsEqualStepsOneByOne()
    {
        TestDevice.Require();
        float[][] expected = RunSteps(ComputePrecision.Float32, false);
        float[] parameters = QualityNetwork.CreateInitialized(2).Parameters;
        using var training = new CudaQualityTraining(CudaRuntime.Open(0), new QualityTrainingShape(Batch, Patch, 1, 1, QualityTrainingLoop.MuonMatrices, ComputePrecision.Float32));
        training.Upload(parameters, new float[parameters.Length], new float[parameters.Length], parameters);
        double[] values = new double[2];
        for (int step = 0; step < 3; step++)
        {
            (byte[] patches, float[] targets) = Draw(step);
            training.Begin(Pack(patches, targets), Adam(step, 1e-3));
            patches.AsSpan().Clear();
            if (step > 0)
                training.End(values);
        }
        Assert.True(values[0] > 0);
        (byte[] more, float[] labels) = Draw(9);
        labels[0] = float.PositiveInfinity;
        training.Begin(Pack(more, labels), Adam(3, 1e-3));
        Assert.Throws<InvalidOperationException>(() => training.Begin(Pack(more, labels), Adam(4, 1e-3)));
        training.End(values);
        Assert.Contains("step 3", Assert.Throws<InvalidOperationException>(() => training.End(values)).Message);
        float[][] state = [.. Enumerable.Range(0, 4).Select(_ => new float[parameters.Length])];
        training.Download(state[0], state[1], state[2], state[3]);
        Assert.Equal(expected, state);
    }

    [SkippableFact]
    public void AStepWhoseLossIsNotFiniteChangesNothing()
    {
        TestDevice.Require();
        (byte[] patches, float[] targets) = Draw(4);
        targets[5] = float.NaN;
        float[] parameters = QualityNetwork.CreateInitialized(2).Parameters;
        using var training = new CudaQualityTraining(CudaRuntime.Open(0), new QualityTrainingShape(Batch, Patch, 1, 1, [], ComputePrecision.Float32));
        training.Upload(parameters, new float[parameters.Length], new float[parameters.Length], parameters);
        Assert.Throws<InvalidOperationException>(() => training.Step(Pack(patches, targets), Adam(0, 1e-3), new double[2]));
        float[][] state = [.. Enumerable.Range(0, 4).Select(_ => new float[parameters.Length])];
        training.Download(state[0], state[1], state[2], state[3]);
        Assert.Equal(parameters, state[0]);
        Assert.All(state[1], value => Assert.Equal(0, value));
        Assert.Equal(parameters, state[3]);
    }

    // No ReLU on the way turns it into a number.
    [SkippableTheory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.TensorFloat32)]
    [InlineData(ComputePrecision.BFloat16)]
    public void AParameterThatIsNotANumberIsNoticed(ComputePrecision precision)
    {
        TestDevice.Require();
        (byte[] patches, float[] targets) = Draw(4);
        float[] parameters = QualityNetwork.CreateInitialized(2).Parameters, zeros = new float[parameters.Length];
        parameters[40] = float.NaN;
        using var training = new CudaQualityTraining(CudaRuntime.Open(0), new QualityTrainingShape(Batch, Patch, 1, 1, [], precision));
        training.Upload(parameters, zeros, zeros, parameters);
        double[] values = new double[2];
        Assert.Throws<InvalidOperationException>(() => training.Step(Pack(patches, targets), Adam(0, 1e-3), values));
        Assert.All(values, value => Assert.False(double.IsFinite(value)));
    }

    [SkippableFact]
    public void HalfIsRefusedWithTheReason()
    {
        TestDevice.Require();
        var refused = Assert.Throws<NotSupportedException>(() => new CudaDeviceBackend().OpenQualityTraining(0, new QualityTrainingShape(1, 16, 1, 1, [], ComputePrecision.Float16)));
        Assert.Contains("bfloat16", refused.Message);
    }

    static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => Math.Pow(x - y, 2)).Sum());

    static float[][] RunSteps(ComputePrecision precision, bool muon)
    {
        float[] parameters = QualityNetwork.CreateInitialized(2).Parameters;
        using var training = new CudaQualityTraining(CudaRuntime.Open(0), new QualityTrainingShape(Batch, Patch, 1, 1, QualityTrainingLoop.MuonMatrices, precision));
        training.Upload(parameters, new float[parameters.Length], new float[parameters.Length], parameters);
        for (int step = 0; step < 3; step++)
        {
            (byte[] patches, float[] targets) = Draw(step);
            training.Step(Pack(patches, targets), Adam(step, 1e-3) with { Muon = muon }, new double[2]);
        }
        float[][] state = [.. Enumerable.Range(0, 4).Select(_ => new float[parameters.Length])];
        training.Download(state[0], state[1], state[2], state[3]);
        return state;
    }

    TrainingState<QualityRecipe> Train(QualityRecipe recipe, string name, params (int Until, ComputeDevice Device)[] parts)
    {
        string path = Path.Combine(folder, name + ".safetensors");
        foreach ((int until, ComputeDevice device) in parts)
        {
            using var stop = new CancellationTokenSource();
            TrainingResult result = QualityTrainer.Train(
                new QualityTrainingOptions { DataFolders = [folder], OutputPath = path, Recipe = recipe, Device = device, Threads = 1, Resume = true },
                new StopAt(until, stop.Cancel), stop.Token);
            Assert.Equal((device, (long)until), (result.Device, result.Step));
        }
        return TrainingState<QualityRecipe>.Load(Path.ChangeExtension(path, ".checkpoint.safetensors"), _ => QualityArchitecture.ParameterCount);
    }

    void Picture(string name, int width, int height)
    {
        ImageBuffer picture = TestPicture.Create(width, height, PixelFormat.Rgb24, width);
        File.WriteAllBytes(Path.Combine(folder, name + ".ppm"), [.. Encoding.ASCII.GetBytes($"P6\n{width} {height}\n255\n"), .. picture.Pixels]);
    }

    static (byte[] Patches, float[] Targets) Draw(int seed)
    {
        var random = new Random(seed);
        byte[] patches = new byte[3 * Pixels];
        random.NextBytes(patches);
        return (patches, [.. Enumerable.Range(0, 2 * Pixels).Select(_ => random.NextSingle())]);
    }

    static DeviceBatch Pack(byte[] patches, float[] targets) => new() { Count = Batch, Pixels = patches, Targets = targets };

    static OptimizerStep Adam(long step, double rate) => new(step, rate, false, 0.3, 0.95, 0.9, 0.99, 1e-8, 0, 1, 0.9);

    sealed class StopAt(long step, Action stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step)
                stop();
        }
    }
}
