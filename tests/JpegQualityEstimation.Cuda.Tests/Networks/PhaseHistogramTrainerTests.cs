using JpegQualityEstimation.Cuda.Tests.Jpeg;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Networks;

/// <summary>Training runs of the phase-histogram network on the device: windows made there, steps made there.</summary>
public sealed class PhaseHistogramTrainerTests : IDisposable
{
    const string Tiny = """
        {"batchSize":6,"secondQuality":[70,95],"attentionWeight":0.3,"network":"phase-histogram","coefficients":15,"bins":16,"periods":2,"hidden":16,"phaseWidth":16,
         "pooledWidth":16,"heads":2,"coefficientWidth":16,"trunk":16,"secondTable":true,"learningRate":0.002,"steps":4,"validationShare":0.3,"validationInterval":2,
         "validationBatches":1,"averageDecay":0.9,"flips":true,"scaleShare":0.3,"noiseShare":0.3,"clipNorm":2
        """;

    // Apart: a run's curve is a picture too.
    readonly PictureFolder pictures = new(4), folder = new(0);

    public void Dispose()
    {
        pictures.Dispose();
        folder.Dispose();
    }

    [SkippableTheory]
    [InlineData("adam")]
    [InlineData("muon")]
    public void CheckpointsGoOnOnEitherSide(string optimizer)
    {
        TestDevice.Require();
        CudaBackend.Use();
        ComputeDevice cuda = ComputeDevice.Cuda(0);
        TrainingResult cpu = Train("cpu", optimizer, ComputeDevice.Cpu);
        TrainingResult gpu = Train("gpu", optimizer, cuda);
        Assert.Equal((ComputeDevice.Cpu, cuda), (cpu.Device, gpu.Device));

        // Losses of four steps from the same start on the same windows: apart by what roundings do to four updates.
        double[] expected = Losses("cpu"), actual = Losses("gpu");
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-3 * expected[i]);

        Train("broken", optimizer, cuda, stopAt: 2);
        Train("broken", optimizer, cuda);
        Assert.Equal(Weights("gpu"), Weights("broken"));

        Train("changed", optimizer, cuda, stopAt: 2);
        Assert.Equal(4, Train("changed", optimizer, ComputeDevice.Cpu).Step);
        Train("back", optimizer, ComputeDevice.Cpu, stopAt: 2);
        Assert.Equal(4, Train("back", optimizer, cuda).Step);
    }

    // Resumes where a checkpoint lies.
    TrainingResult Train(string name, string optimizer, ComputeDevice device, long stopAt = 0)
    {
        using var stop = new CancellationTokenSource();
        var options = new PrimaryTrainingOptions
        {
            DataFolders = [pictures.Path], OutputPath = folder.File(name + ".safetensors"), Device = device, Threads = 2, Seed = 3, Resume = true,
            Recipe = PrimaryRecipe.Parse($$"""{{Tiny}},"optimizer":"{{optimizer}}"}""", "tiny.json"),
        };
        return PrimaryTrainer.Train(options, new StopAt(stopAt, stop), stop.Token);
    }

    sealed class StopAt(long step, CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step)
                stop.Cancel();
        }
    }

    float[] Weights(string name) => PhaseHistogramNetwork.Load(folder.File(name + ".safetensors")).Parameters;

    double[] Losses(string name) =>
        [.. TrainingLog.Read(folder.File(name + ".csv"), 4, TrainingMeasures.Primary).Rows.SelectMany(row => new[] { row.Values[0], row.Validation![0] })];
}
