using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed class QualityTrainingLoopTests : IDisposable
{
    const string Small = """
        {"patchSize":16,"batchSize":2,"phase":"random","weight444":1,"earlierShare":0.2,"spliceShare":0.2,"initialization":"highpass","clipNorm":0.5,
         "schedule":"cosine","steps":12,"warmUpSteps":3,"averageDecay":0.9,"validationShare":0.3,"validationInterval":4,"validationBatches":1}
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("adam")]
    [InlineData("muon")]
    public void A_resumed_run_equals_an_unbroken_one(string optimizer)
    {
        string data = TrainingScene.Folder(folder, (60, 50), (52, 70), (64, 64));
        string whole = folder.File("whole.safetensors"), broken = folder.File("broken.safetensors");
        QualityTrainer.Train(With(Options(data, whole), optimizer));
        using (var stop = new CancellationTokenSource())
        {
            var result = QualityTrainer.Train(With(Options(data, broken), optimizer), new AtStep(5, stop.Cancel), stop.Token);
            Assert.Equal((TrainingEnd.Cancelled, 5L), (result.End, result.Step));
        }
        TrainingResult end = QualityTrainer.Train(With(Options(data, broken), optimizer) with { Resume = true });
        Assert.Equal((TrainingEnd.Finished, 12L), (end.End, end.Step));
        AssertSameState(whole, broken);
        Assert.Equal(
            File.ReadLines(folder.File("whole.csv")).Last().Split(',')[0],
            File.ReadLines(folder.File("broken.csv")).Last().Split(',')[0]);
    }

    [Theory]
    [InlineData(2, "adam")]
    [InlineData(5, "adam")]
    [InlineData(2, "muon")]
    [InlineData(5, "muon")]
    public void The_number_of_threads_does_not_change_the_weights(int threads, string optimizer)
    {
        string data = TrainingScene.Folder(folder, (60, 50), (52, 70));
        string one = folder.File("one.safetensors"), many = folder.File("many.safetensors");
        QualityTrainer.Train(With(Options(data, one), optimizer) with { Threads = 1, Steps = 6 });
        QualityTrainer.Train(With(Options(data, many), optimizer) with { Threads = threads, Steps = 6 });
        AssertSameState(one, many);
    }

    [Fact]
    public void Another_seed_gives_other_weights()
    {
        string data = TrainingScene.Folder(folder, (60, 50), (52, 70));
        string one = folder.File("one.safetensors"), other = folder.File("other.safetensors");
        QualityTrainer.Train(Options(data, one) with { Steps = 3 });
        QualityTrainer.Train(Options(data, other) with { Steps = 3, Seed = 2 });
        Assert.NotEqual(QualityNetwork.Load(one).Parameters, QualityNetwork.Load(other).Parameters);
    }

    [Fact]
    public void The_model_tells_where_it_comes_from_and_the_run_leaves_log_and_curve()
    {
        string data = TrainingScene.Folder(folder, (60, 50), (52, 70));
        string path = folder.File("model.safetensors");
        TrainingResult result = QualityTrainer.Train(Options(data, path));
        QualityNetwork network = QualityNetwork.Load(path);
        Assert.Equal("model", network.Name);
        Assert.Equal("12", network.Metadata["steps"]);
        Assert.Equal("1", network.Metadata["seed"]);
        Assert.Equal(result.DataManifest, network.Metadata["dataManifest"]);
        Assert.Equal(TrainingScene.Recipe(network.Metadata["recipe"]).ToJson(), network.Metadata["recipe"]);
        string[] log = File.ReadAllLines(folder.File("model.csv"));
        Assert.StartsWith("step,seconds,quality_loss,flag_loss,learning_rate,patches_per_second,validation", log[0]);
        Assert.Equal(["4", "8", "12"], log[1..].Select(line => line.Split(',')[0]));
        Assert.All(log[1..], line => Assert.DoesNotContain("", line.Split(',')));
        ImageBuffer curve = ImageFile.Read(folder.File("model.png"));
        Assert.Equal((900, 560), (curve.Width, curve.Height));
        // Nothing else is left lying about.
        Assert.Equal(
            ["model.checkpoint.safetensors", "model.csv", "model.png", "model.safetensors"],
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Training_can_start_from_the_weights_of_another_model()
    {
        string data = TrainingScene.Folder(folder, (60, 50), (52, 70));
        string first = folder.File("first.safetensors"), second = folder.File("second.safetensors");
        QualityTrainer.Train(Options(data, first) with { Steps = 3 });
        QualityTrainer.Train(Options(data, second) with { From = first, Steps = 1, Recipe = TrainingScene.Recipe(Small.Replace("\"clipNorm\"", "\"learningRate\":0,\"clipNorm\"")) });
        Assert.Equal(QualityNetwork.Load(first).Parameters, QualityNetwork.Load(second).Parameters);
        Assert.Contains("first.safetensors", QualityNetwork.Load(second).Metadata["history"]);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_leaves_the_one_before()
    {
        var state = new TrainingState<QualityRecipe>([1, 2], TrainingScene.Recipe("{}"), 1, "hash") { Step = 3 };
        string path = folder.File("c.safetensors");
        state.Save(path);
        byte[] before = File.ReadAllBytes(path);
        Assert.Throws<InvalidOperationException>(() => OutputFile.Write(path, stream =>
        {
            stream.Write(new byte[10]);
            throw new InvalidOperationException("disk full");
        }));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.Path));
        Assert.Equal(3, TrainingState<QualityRecipe>.Load(path, _ => 2).Step);
    }

    [Fact]
    public void A_checkpoint_of_other_data_or_seed_or_recipe_is_refused()
    {
        string data = TrainingScene.Folder(folder, (60, 50), (52, 70));
        QualityTrainingOptions options = Options(data, folder.File("m.safetensors")) with { Steps = 1 };
        QualityTrainer.Train(options);
        options = options with { Resume = true };
        Assert.Throws<InvalidDataException>(() => QualityTrainer.Train(options with { Seed = 7 }));
        Assert.Throws<RecipeException>(() => QualityTrainer.Train(options with { Recipe = TrainingScene.Recipe(Small.Replace("0.9", "0.95")) }));
        TrainingScene.Save(Path.Combine(data, "extra.png"), TrainingScene.Texture(60, 60, 9));
        Assert.Throws<InvalidDataException>(() => QualityTrainer.Train(options));
    }

    [Fact]
    public void More_steps_on_resume_are_taken_and_told()
    {
        string data = TrainingScene.Folder(folder, (60, 50), (52, 70));
        QualityTrainingOptions options = Options(data, folder.File("m.safetensors"));
        QualityTrainer.Train(options with { Steps = 4 });
        TrainingResult result = QualityTrainer.Train(options with { Steps = 6, Resume = true, Recipe = null });
        Assert.Equal(6, result.Step);
        Assert.Contains("from step 4 on: steps 6 instead of 4", QualityNetwork.Load(options.OutputPath).Metadata["history"]);
    }

    [Theory]
    [InlineData("kind", "other")]
    [InlineData("seed", "-1")]
    [InlineData("step", "x")]
    [InlineData("seconds", "")]
    [InlineData("seconds", "NaN")]
    [InlineData("seconds", "-1")]
    [InlineData("recipe", null)]
    [InlineData("recipe", "[]")]
    public void Bad_checkpoints_are_refused(string key, string? value)
    {
        string path = folder.File("c.safetensors");
        new TrainingState<QualityRecipe>([1, 2], TrainingScene.Recipe("{}"), 1, "hash").Save(path);
        SafetensorsContent content = Safetensors.Read(path);
        var metadata = content.Metadata.ToDictionary();
        if (value is null)
            metadata.Remove(key);
        else
            metadata[key] = value;
        OutputFile.Write(path, stream => Safetensors.Write(stream, content.Tensors, metadata));
        Assert.Throws<WeightsFormatException>(() => TrainingState<QualityRecipe>.Load(path, _ => 2));
        Assert.Throws<WeightsFormatException>(() => TrainingState<QualityRecipe>.Load(path, _ => 3));
    }

    [Theory]
    [InlineData("parameters", float.NaN)]
    [InlineData("average", float.PositiveInfinity)]
    [InlineData("adam.first", float.NegativeInfinity)]
    [InlineData("adam.second", -1)]
    public void Checkpoints_of_impossible_numbers_are_refused(string tensor, float value)
    {
        string path = folder.File("c.safetensors");
        new TrainingState<QualityRecipe>([1, 2], TrainingScene.Recipe("{}"), 1, "hash").Save(path);
        SafetensorsContent content = Safetensors.Read(path);
        content.Require(tensor, [2]).Values[1] = value;
        OutputFile.Write(path, stream => Safetensors.Write(stream, content.Tensors, content.Metadata));
        Assert.Contains(tensor, Assert.Throws<WeightsFormatException>(() => TrainingState<QualityRecipe>.Load(path, _ => 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_the_run_and_spares_the_files()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (60, 60));
        QualityRecipe recipe = TrainingScene.Recipe("""{"patchSize":8,"batchSize":1,"steps":10}""");
        int checkpoints = 0;
        var state = new TrainingState<QualityRecipe>([0, 0], recipe, 1, "");
        var loop = new QualityTrainingLoop(state, pictures, pictures, new Fake(step => step == 3 ? float.NaN : 1), 1) { Checkpoint = () => checkpoints++ };
        Assert.Throws<InvalidOperationException>(() => loop.Run(CancellationToken.None));
        Assert.Equal((0, 3L), (checkpoints, state.Step));
    }

    [Fact]
    public void The_time_limit_ends_the_run_and_progress_tells_what_is_left()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (60, 60));
        QualityRecipe recipe = TrainingScene.Recipe("""{"patchSize":8,"batchSize":1,"steps":2000000000}""");
        var seen = new List<TrainingProgress>();
        // On a busy machine the time may be up before the first step.
        for (TimeSpan limit = TimeSpan.FromMilliseconds(200); seen.Count == 0 && limit < TimeSpan.FromSeconds(30); limit *= 2)
        {
            var loop = new QualityTrainingLoop(new TrainingState<QualityRecipe>([0, 0], recipe, 1, ""), pictures, pictures, new Fake(_ => 1), 2)
            {
                TimeLimit = limit,
                Progress = new Collect(seen),
            };
            Assert.Equal(TrainingEnd.TimeUp, loop.Run(CancellationToken.None));
            Assert.All(seen, p => Assert.InRange(p.Remaining, TimeSpan.Zero, limit));
        }
        Assert.NotEmpty(seen);
        Assert.All(seen, p => Assert.Equal(1, p.Values[0].Value));
    }

    static QualityTrainingOptions With(QualityTrainingOptions options, string optimizer) =>
        options with { Recipe = TrainingScene.Recipe(Small.Replace("\"clipNorm\"", $"\"optimizer\":\"{optimizer}\",\"clipNorm\"")) };

    static QualityTrainingOptions Options(string data, string output) => new()
    {
        DataFolders = [data],
        OutputPath = output,
        Recipe = TrainingScene.Recipe(Small),
        Threads = 2,
    };

    static void AssertSameState(string one, string other)
    {
        TrainingScene.AssertSameCheckpoint(one, other, QualityArchitecture.ParameterCount);
        Assert.Equal(QualityNetwork.Load(one).Parameters, QualityNetwork.Load(other).Parameters);
    }

    sealed class Collect(List<TrainingProgress> seen) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => seen.Add(value);
    }

    sealed class Fake(Func<int, float> loss) : IQualityGradient
    {
        int step;

        public int ParameterCount => 2;

        public PatchLoss Run(ReadOnlySpan<float> parameters, ReadOnlySpan<byte> patches, ReadOnlySpan<float> targets, Span<float> gradient)
        {
            gradient.Fill(0.5f);
            float value = loss(step++);
            return new PatchLoss(value, value);
        }
    }
}
