using System.Globalization;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed class PrimaryTrainerTests : IDisposable
{
    // Two statistics follow the parameters of the stand-in network.
    const int Trainable = 30;
    const int Count = Trainable + 2;

    const string Small = """
        {"batchSize":3,"phase":"any","secondQuality":[70,95],"customFirstShare":0.3,"singleShare":0.2,"flips":true,"scaleShare":0.3,"clipNorm":0.5,"learningRate":0.01,
         "schedule":"cosine","steps":12,"warmUpSteps":3,"averageDecay":0.9,"validationShare":0.3,"validationInterval":4,"validationBatches":2}
        """;

    const string Tiny = """
        {"batchSize":4,"secondQuality":[70,95],"attentionWeight":0.3,"network":"phase-histogram","coefficients":15,"bins":16,"periods":2,"hidden":16,"phaseWidth":16,
         "pooledWidth":16,"heads":2,"coefficientWidth":16,"trunk":16,"secondTable":true,"learningRate":0.002,"steps":6,"validationShare":0.3,"validationInterval":3,
         "validationBatches":1}
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("adam", 1)]
    [InlineData("muon", 2)]
    public void A_resumed_run_equals_an_unbroken_one(string optimizer, int threads)
    {
        string data = Pictures();
        string whole = folder.File("whole.safetensors"), broken = folder.File("broken.safetensors");
        PrimaryTrainingOptions options = With(Options(data, whole), optimizer) with { Threads = threads };
        Train(options);
        options = options with { OutputPath = broken };
        using (var stop = new CancellationTokenSource())
        {
            TrainingResult result = Train(options, new AtStep(5, stop.Cancel), stop.Token);
            Assert.Equal((TrainingEnd.Cancelled, 5L), (result.End, result.Step));
        }
        TrainingResult end = Train(options with { Resume = true });
        Assert.Equal((TrainingEnd.Finished, 12L), (end.End, end.Step));
        AssertSameState(whole, broken);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void The_number_of_threads_does_not_change_the_weights(int threads)
    {
        string data = Pictures();
        string one = folder.File("one.safetensors"), many = folder.File("many.safetensors");
        Train(Options(data, one) with { Threads = 1 });
        Train(Options(data, many) with { Threads = threads });
        AssertSameState(one, many);
    }

    [Fact]
    public void Statistics_are_the_networks_own()
    {
        string path = folder.File("model.safetensors");
        Train(Options(Pictures(), path));
        SafetensorsContent checkpoint = Safetensors.Read(Path.ChangeExtension(path, ".checkpoint.safetensors"));
        float[] parameters = checkpoint.Require("parameters", [Count]).Values, average = checkpoint.Require("average", [Count]).Values;
        // Counted by the network at each training batch; neither validation nor the optimiser touches them.
        Assert.Equal([12f, 12f], parameters[Trainable..]);
        Assert.Equal(parameters[Trainable..], average[Trainable..]);
        Assert.NotEqual(parameters[..Trainable], average[..Trainable]);
        Assert.All(checkpoint.Require("adam.second", [Count]).Values[Trainable..], moment => Assert.Equal(0, moment));
    }

    [Fact]
    public void The_log_has_the_papers_measures()
    {
        string path = folder.File("model.safetensors");
        Train(Options(Pictures(), path));
        string[] log = File.ReadAllLines(folder.File("model.csv"));
        Assert.Equal(
            "step,seconds,loss,phase_loss,accuracy,mse,phase_found,learning_rate,windows_per_second,"
            + "validation_loss,validation_phase_loss,validation_accuracy,validation_mse,validation_phase_found", log[0]);
        Assert.Equal(["4", "8", "12"], log[1..].Select(line => line.Split(',')[0]));
        Assert.All(log[1..], line => Assert.DoesNotContain("", line.Split(',')));
        ImageBuffer curve = ImageFile.Read(folder.File("model.png"));
        Assert.Equal((900, 560), (curve.Width, curve.Height));
        Assert.Equal(
            ["model.checkpoint.safetensors", "model.csv", "model.png", "model.safetensors"],
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Training_can_start_from_the_weights_of_another_model()
    {
        string data = Pictures(), first = folder.File("first.safetensors"), second = folder.File("second.safetensors");
        Train(Options(data, first));
        Train(Options(data, second) with { From = first, Steps = 1, Recipe = PrimaryRecipe.Parse("""{"batchSize":1,"learningRate":0}""", "still.json") });
        Assert.Equal(
            Safetensors.Read(first).Require("p", [Count]).Values[..Trainable], Safetensors.Read(second).Require("p", [Count]).Values[..Trainable]);
        Assert.Contains("first.safetensors", Safetensors.Read(second).Metadata["history"]);
    }

    [Fact]
    public void A_checkpoint_of_another_recipe_or_kind_is_refused()
    {
        string data = Pictures();
        PrimaryTrainingOptions options = Options(data, folder.File("m.safetensors")) with { Steps = 1 };
        Train(options);
        options = options with { Resume = true };
        Assert.Throws<InvalidDataException>(() => Train(options with { Seed = 7 }));
        Assert.Throws<RecipeException>(() => Train(options with { Recipe = PrimaryRecipe.Parse(Small.Replace("0.9,", "0.95,"), "test.json") }));
        Assert.Throws<WeightsFormatException>(() => QualityTrainer.Train(new QualityTrainingOptions
        {
            DataFolders = options.DataFolders, OutputPath = options.OutputPath, Resume = true,
        }));
        Assert.Equal(3, Train(options with { Steps = 3, Recipe = null }).Step);
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("muon")]
    public void A_phase_histogram_network_is_trained_the_same_however_it_is_run(string optimizer)
    {
        string data = Pictures();
        PrimaryRecipe recipe = PrimaryRecipe.Parse(Tiny.Replace("\"steps\"", $"\"optimizer\":\"{optimizer}\",\"steps\""), "tiny.json");
        string one = folder.File("one.safetensors"), many = folder.File("many.safetensors");
        PrimaryTrainingOptions options = Options(data, one) with { Recipe = recipe, Threads = 1 };
        PrimaryTrainer.Train(options);
        options = options with { OutputPath = many, Threads = 3 };
        using (var stop = new CancellationTokenSource())
            PrimaryTrainer.Train(options, new AtStep(2, stop.Cancel), stop.Token);
        PrimaryTrainer.Train(options with { Resume = true });
        PhaseHistogramNetwork a = PhaseHistogramNetwork.Load(one), b = PhaseHistogramNetwork.Load(many);
        Assert.Equal(recipe.Histogram, a.Options);
        Assert.Equal(a.Parameters, b.Parameters);
        Assert.NotEqual(PhaseHistogramNetwork.CreateInitialized(1, recipe.Histogram).Parameters, a.Parameters);

        string wider = folder.File("wider.safetensors");
        Assert.Throws<WeightsFormatException>(() => PrimaryTrainer.Train(Options(data, wider) with
        {
            From = one, Recipe = PrimaryRecipe.Parse(Tiny.Replace("\"trunk\":16", "\"trunk\":32"), "wider.json"),
        }));
    }

    [Theory]
    [InlineData("softmax", "rgb", 226)]
    [InlineData("regression", "luma", 15)]
    public void A_DenseNet_is_trained(string head, string input, int outputs)
    {
        string path = folder.File("d.safetensors");
        PrimaryTrainer.Train(Options(Pictures(), path) with
        {
            Recipe = PrimaryRecipe.Parse($$"""{"batchSize":1,"head":"{{head}}","input":"{{input}}","steps":1}""", "dense.json"),
        });
        DenseNet40Network network = DenseNet40Network.Load(path);
        Assert.Equal(outputs, network.Outputs);
        Assert.NotEqual(DenseNet40Network.CreateInitialized(1, network.Input, outputs).Parameters, network.Parameters);
    }

    // The head of grid phases is in the checkpoint, goes on from there, and is in no model. So do the moments of whitened gradients.
    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    public void A_DenseNet_learns_grid_phases_beside_the_steps(double whitening)
    {
        string one = folder.File("one.safetensors"), many = folder.File("many.safetensors"), data = Pictures();
        PrimaryTrainingOptions options = Options(data, one) with
        {
            Recipe = PrimaryRecipe.Parse(
                $$"""{"batchSize":2,"input":"luma","phaseWeight":1,"optimizer":"muon","whitening":{{whitening.ToString(CultureInfo.InvariantCulture)}},"learningRate":0.01,"statisticsBatches":1,"steps":2}""",
                "phases.json"),
        };
        PrimaryTrainer.Train(options);
        options = options with { OutputPath = many, Threads = 2 };
        using (var stop = new CancellationTokenSource())
            PrimaryTrainer.Train(options, new AtStep(1, stop.Cancel), stop.Token);
        PrimaryTrainer.Train(options with { Resume = true });
        Assert.Equal(DenseNet40Network.Load(one).Parameters, DenseNet40Network.Load(many).Parameters);
        Assert.DoesNotContain(Safetensors.Read(one).Tensors, tensor => tensor.Name.StartsWith("phase", StringComparison.Ordinal));
        string[][] log = [.. File.ReadAllLines(Path.ChangeExtension(one, ".csv")).Select(line => line.Split(','))];
        Assert.True(double.Parse(log[1][Array.IndexOf(log[0], "phase_loss")], CultureInfo.InvariantCulture) > 0);
    }

    [Fact]
    public void A_checkpoint_without_the_moments_of_its_whitening_is_refused()
    {
        string path = folder.File("one.safetensors"), data = Pictures();
        PrimaryTrainingOptions options = Options(data, path) with { Recipe = Whitened };
        PrimaryTrainer.Train(options);
        PrimaryTrainer.Train(options with { Resume = true });
        string checkpoint = Path.ChangeExtension(path, ".checkpoint.safetensors");
        SafetensorsContent content = Safetensors.Read(checkpoint);
        using (FileStream stream = File.Create(checkpoint))
            Safetensors.Write(stream, [.. content.Tensors.Where(tensor => tensor.Name != "whitening")], content.Metadata);
        Assert.Contains("whitening", Assert.Throws<WeightsFormatException>(() => PrimaryTrainer.Train(options with { Resume = true })).Message);
    }

    [Fact]
    public void No_device_whitens_gradients() =>
        Assert.Contains("whitening", Assert.Throws<NotSupportedException>(
            () => PrimaryTrainees.Create(Whitened, 1, 1).OpenOnDevice(null!, 0, ComputePrecision.Float32)).Message);

    [Fact]
    public void No_device_keeps_a_block_as_it_is()
    {
        var recipe = PrimaryRecipe.Parse("""{"batchSize":1,"input":"luma","firstBlock":"dct","dropout":0,"steps":1}""", "dct.json");
        Assert.Contains("firstBlock", Assert.Throws<NotSupportedException>(() => PrimaryTrainees.Create(recipe, 1, 1).OpenOnDevice(null!, 0, ComputePrecision.Float32)).Message);
    }

    static PrimaryRecipe Whitened => PrimaryRecipe.Parse("""{"batchSize":1,"input":"luma","optimizer":"muon","whitening":0.01,"steps":1}""", "whitened.json");

    // What is saved and measured has statistics of its own, the mean over the same batches; the parameters keep those that move.
    [Fact]
    public void The_average_has_its_own_statistics()
    {
        string data = Pictures(), plain = folder.File("plain.safetensors"), settled = folder.File("settled.safetensors"), resumed = folder.File("resumed.safetensors");
        PrimaryTrainingOptions options = Options(data, settled) with { Recipe = PrimaryRecipe.Parse(Small.Replace("\"clipNorm\"", "\"statisticsBatches\":3,\"clipNorm\""), "test.json") };
        Train(Options(data, plain));
        Train(options);
        using (var stop = new CancellationTokenSource())
            Train(options with { OutputPath = resumed }, new AtStep(3, stop.Cancel), stop.Token);
        Train(options with { OutputPath = resumed, Resume = true, Threads = 1 });
        AssertSameState(settled, resumed);

        float[] without = Safetensors.Read(plain).Require("p", [Count]).Values, with = Safetensors.Read(settled).Require("p", [Count]).Values;
        Assert.Equal(without[..Trainable], with[..Trainable]);
        // The stand-in's steps count batches; its statistics of a batch are below 1.
        Assert.All(without[Trainable..], value => Assert.True(value >= 1));
        Assert.All(with[Trainable..], value => Assert.InRange(value, 0, 1));
        Assert.Equal(
            Safetensors.Read(Checkpoint(plain)).Require("parameters", [Count]).Values, Safetensors.Read(Checkpoint(settled)).Require("parameters", [Count]).Values);

        static string Checkpoint(string path) => Path.ChangeExtension(path, ".checkpoint.safetensors");
    }

    [Fact]
    public void Scores_are_those_of_the_paper()
    {
        var outputs = new float[2 * PrimaryBlocks.Outputs];
        byte[] steps = [.. Enumerable.Repeat((byte)3, 2 * PrimaryBlocks.Count)];
        for (int k = 0; k < PrimaryBlocks.Count; k++)
        {
            // The first window is right everywhere, the second says 5 for the first three steps and else 3.
            outputs[PrimaryBlocks.Offsets[k] + 2] = 1;
            outputs[PrimaryBlocks.Outputs + PrimaryBlocks.Offsets[k] + (k < 3 ? 4 : 2)] = 1;
        }
        Assert.Equal((27 / 30.0, 12 / 30.0), PrimaryScores.Of(outputs, steps));
        float[] numbers = [.. Enumerable.Range(0, 30).Select(i => i == 4 ? 4.4f : i == 5 ? 1000 : 3.3f)];
        Assert.Equal((28 / 30.0, (1 + 997 * 997) / 30.0), PrimaryScores.Of(numbers, steps));

        var posterior = new float[3 * 64];
        (posterior[7], posterior[64 + 8]) = (1, 1);
        Assert.Equal(0.5, PrimaryScores.PhaseFound(posterior, [7, 9, 255]));
        Assert.Equal(0, PrimaryScores.PhaseFound(posterior, [255, 255, 255]));
    }

    string Pictures() => TrainingScene.Folder(folder, (150, 140), (132, 170), (164, 164));

    static PrimaryTrainingOptions With(PrimaryTrainingOptions options, string optimizer) =>
        options with { Recipe = PrimaryRecipe.Parse(Small.Replace("\"clipNorm\"", $"\"optimizer\":\"{optimizer}\",\"clipNorm\""), "test.json") };

    static PrimaryTrainingOptions Options(string data, string output) => new()
    {
        DataFolders = [data],
        OutputPath = output,
        Recipe = PrimaryRecipe.Parse(Small, "test.json"),
        Threads = 2,
    };

    static TrainingResult Train(PrimaryTrainingOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        PrimaryTrainer.Train(options, (_, _, _) => new Fake(), _ => Count, progress, cancellation);

    static void AssertSameState(string one, string other)
    {
        TrainingScene.AssertSameCheckpoint(one, other, Count);
        Assert.Equal(Safetensors.Read(one).Require("p", [Count]).Values, Safetensors.Read(other).Require("p", [Count]).Values);
    }

    // The widest phase-histogram network has 285 million parameters; a checkpoint is sized before anything is made for it.
    [Fact]
    public void A_wide_recipe_is_counted_without_room_for_it()
    {
        PrimaryRecipe widest = PrimaryRecipe.Parse("""
            {"network":"phase-histogram","coefficients":64,"bins":256,"periods":128,"hidden":1024,"phaseWidth":1024,"pooledWidth":1024,
             "heads":15,"coefficientWidth":1024,"trunk":4096,"batchSize":4096}
            """, "test.json");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.InRange(PrimaryTrainees.ParameterCount(widest), 250_000_000, int.MaxValue);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 16);
        foreach (string json in new[] { "{}", """{"head":"regression","input":"luma"}""", """{"network":"phase-histogram"}""" })
        {
            PrimaryRecipe recipe = PrimaryRecipe.Parse(json, "test.json");
            Assert.Equal(PrimaryTrainees.Create(recipe, 1, 1).ParameterCount, PrimaryTrainees.ParameterCount(recipe));
        }
    }

    // A gradient that depends on all that a batch holds; its two statistics count the training batches.
    sealed class Fake : IPrimaryTrainee
    {
        public int ParameterCount => Count;

        public int TrainableCount => Trainable;

        public IReadOnlyList<ParameterMatrix> Matrices => [new(2, 3, 4), new(16, 4, 2)];

        public float[] Initial(ulong seed, TrainingPictures? pictures = null) => [.. Enumerable.Range(0, Count).Select(i => i < Trainable ? i * 0.1f : 0)];

        public float[] Load(string path) => Safetensors.Read(path).Require("p", [Count]).Values;

        public void Save(Stream stream, float[] parameters, IReadOnlyDictionary<string, string> metadata, bool halves) =>
            Safetensors.Write(stream, [new Tensor("p", [Count], (float[])parameters.Clone())], metadata.ToDictionary());

        public IDeviceTraining OpenOnDevice(IDeviceBackend backend, int index, ComputePrecision precision) =>
            throw new NotSupportedException("a stand-in has no device");

        public PrimaryValues Run(float[] parameters, PrimaryBatch batch, float[]? gradient)
        {
            var random = new Random(HashCode(batch));
            if (gradient is not null)
            {
                for (int i = 0; i < Trainable; i++)
                    gradient[i] = parameters[i] + random.NextSingle();
                for (int i = Trainable; i < Count; i++)
                    parameters[i]++;
            }
            return new PrimaryValues(1 + parameters[0], 0.5, 0.25, 2, 0.1);
        }

        public void MoveStatistics(float[] parameters, PrimaryBatch batch, double movement)
        {
            var random = new Random(HashCode(batch));
            for (int i = Trainable; i < Count; i++)
                parameters[i] += (float)movement * (random.NextSingle() - parameters[i]);
        }

        static int HashCode(PrimaryBatch batch)
        {
            int hash = 17;
            foreach (byte value in batch.Windows.Concat(batch.Steps).Concat(batch.Phases))
                hash = unchecked(31 * hash + value);
            foreach (ushort value in batch.Second)
                hash = unchecked(31 * hash + value);
            return hash;
        }
    }
}
