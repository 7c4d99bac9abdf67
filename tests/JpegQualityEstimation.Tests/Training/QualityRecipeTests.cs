using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed class QualityRecipeTests
{
    [Fact]
    public void The_papers_recipe_is_the_papers()
    {
        QualityRecipe recipe = QualityRecipe.Load("uchida2019");
        Assert.Equal((60, 128, GridPhase.Patch), (recipe.PatchSize, recipe.BatchSize, recipe.Phase));
        Assert.Equal((new ValueRange(5, 100), 0.1, true), (recipe.Quality, recipe.NeverCompressed, recipe.Flips));
        Assert.Equal((1.0, 0.0, 0.0, 0.0, 0.0), (recipe.Weight420, recipe.Weight422, recipe.Weight440, recipe.Weight444, recipe.WeightGray));
        Assert.Equal((0.001, 0.9, 0.999, 424_000), (recipe.LearningRate, recipe.Beta1, recipe.Beta2, recipe.Steps));
        Assert.Equal(LearningRateSchedule.Constant, recipe.Schedule);
        Assert.Equal(QualityInitialization.Glorot, recipe.Initialization);
        Assert.Equal(0, recipe.ScaleShare + recipe.BlurShare + recipe.SharpenShare + recipe.NoiseShare + recipe.ToneShare
            + recipe.ExposureShare + recipe.EarlierShare + recipe.SpliceShare + recipe.AverageDecay + recipe.WeightDecay + recipe.ClipNorm);
        Assert.Equal((1.0, 1.0), (recipe.QualityLossWeight, recipe.FlagLossWeight));
    }

    [Theory]
    [InlineData("quality")]
    [InlineData("uchida2019")]
    public void Recipes_survive_their_JSON(string name)
    {
        QualityRecipe recipe = QualityRecipe.Load(name);
        Assert.Equal(name, recipe.Name);
        Assert.Equal(recipe.ToJson(), QualityRecipe.Parse(recipe.ToJson(), "again.json").ToJson());
    }

    [Theory]
    [InlineData("""{"name":"\ud800"}""")]
    [InlineData("""{"\udc00":1}""")]
    public void Half_a_surrogate_pair_is_refused(string json) =>
        Assert.Throws<RecipeException>(() => QualityRecipe.Parse(json, "half.json"));

    // Elements of a JSON array with arrays in it are found by walking from its start: read by index, these took minutes.
    [Fact]
    public void A_long_list_is_refused_in_one_walk()
    {
        string json = $$"""{"blur":[{{string.Concat(Enumerable.Repeat("1,", 500_000))}}[]]}""";
        Assert.Equal("blur", Assert.Throws<RecipeException>(() => QualityRecipe.Parse(json, "long.json")).Key);
    }

    [Fact]
    public void Our_recipe_covers_every_sampling()
    {
        QualityRecipe recipe = QualityRecipe.Load("quality");
        Assert.All(new[] { recipe.Weight420, recipe.Weight422, recipe.Weight440, recipe.Weight444, recipe.WeightGray }, weight => Assert.True(weight > 0));
        Assert.Equal(GridPhase.Random, recipe.Phase);
    }

    [Theory]
    [InlineData("""{"patchsize":60}""", "patchsize")]
    [InlineData("""{"colour":1}""", "colour")]
    [InlineData("""{"patchSize":60,"patchSize":60}""", "patchSize")]
    [InlineData("""{"patchSize":7}""", "patchSize")]
    [InlineData("""{"patchSize":60.5}""", "patchSize")]
    [InlineData("""{"patchSize":"60"}""", "patchSize")]
    [InlineData("""{"phase":"Patch"}""", "phase")]
    [InlineData("""{"phase":1}""", "phase")]
    [InlineData("""{"quality":[0,100]}""", "quality")]
    [InlineData("""{"quality":[90,80]}""", "quality")]
    [InlineData("""{"quality":[5,99.5]}""", "quality")]
    [InlineData("""{"quality":[5]}""", "quality")]
    [InlineData("""{"quality":5}""", "quality")]
    [InlineData("""{"qualityWeights":[5]}""", "qualityWeights")]
    [InlineData("""{"qualityWeights":[50,1,40,1]}""", "qualityWeights")]
    [InlineData("""{"qualityWeights":[50,0,60,0]}""", "qualityWeights")]
    [InlineData("""{"qualityWeights":[50,-1,60,2]}""", "qualityWeights")]
    [InlineData("""{"quality":[5,20],"qualityWeights":[20,0,21,1]}""", "qualityWeights")]
    [InlineData("""{"neverCompressed":1.1}""", "neverCompressed")]
    [InlineData("""{"neverCompressed":true}""", "neverCompressed")]
    [InlineData("""{"flips":1}""", "flips")]
    [InlineData("""{"weight420":0}""", "weight420")]
    [InlineData("""{"earlierQuality":[40.5,60]}""", "earlierQuality")]
    [InlineData("""{"name":3}""", "name")]
    [InlineData("""{"learningRate":-1}""", "learningRate")]
    [InlineData("""{"beta2":1}""", "beta2")]
    [InlineData("""{"schedule":"linear"}""", "schedule")]
    [InlineData("""{"steps":0}""", "steps")]
    [InlineData("""{"validationInterval":5}""", "validationShare")]
    [InlineData("""[]""", "")]
    [InlineData("""{"patchSize":60""", "")]
    [InlineData("", "")]
    public void Faults_name_file_and_key(string json, string key)
    {
        var error = Assert.Throws<RecipeException>(() => QualityRecipe.Parse(json, "my.json"));
        Assert.Equal(("my.json", key), (error.File, error.Key));
        Assert.Contains("my.json", error.Message);
        Assert.Contains(key, error.Message);
    }

    [Fact]
    public void A_recipe_that_is_not_there_names_the_bundled_ones()
    {
        var error = Assert.Throws<RecipeException>(() => QualityRecipe.Load("nothere.json"));
        Assert.Contains("uchida2019", error.Message);
    }

    [Fact]
    public void Every_key_enters_and_leaves()
    {
        // A value off its default for every key: all of them must come back.
        const string Json = """
            {"name":"n","patchSize":48,"batchSize":3,"phase":"random","quality":[10,90],"qualityWeights":[10,1,90,2],"neverCompressed":0.3,
            "flips":false,"weight420":0.5,"weight422":0.1,"weight440":0.2,"weight444":0.3,"weightGray":0.4,"scaleShare":0.11,"scale":[0.6,0.9],
            "blurShare":0.12,"blur":[0.4,1],"sharpenShare":0.13,"sharpen":[0.3,2],"noiseShare":0.14,"noise":[1,2],"toneShare":0.15,
            "brightness":[-5,6],"contrast":[0.9,1.1],"gamma":[0.8,1.2],"saturation":[0.5,1],"exposureShare":0.16,"exposure":[-1,1],
            "earlierShare":0.17,"earlierQuality":[50,60],"spliceShare":0.18,"qualityLossWeight":2,"flagLossWeight":3,"initialization":"highpass",
            "optimizer":"muon","momentum":0.9,"learningRate":0.01,"adamRate":0.5,"beta1":0.8,"beta2":0.9,"epsilon":1e-06,"weightDecay":0.001,"clipNorm":7,"schedule":"cosine","steps":99,
            "warmUpSteps":5,"floor":0.02,"averageDecay":0.5,"validationShare":0.1,"validationInterval":10,"validationBatches":2}
            """;
        string squeezed = Json.Replace("\n", "").Replace("\r", "");
        Assert.Equal(squeezed, TrainingScene.Recipe(Json).ToJson().Replace("1E-06", "1e-06"));
    }

    [Fact]
    public void The_quality_distribution_follows_its_polyline()
    {
        var distribution = new QualityDistribution(new ValueRange(10, 12), [10, 0, 12, 2]);
        int[] counts = new int[13];
        var random = new CounterRandom(1, 2, 3);
        for (int i = 0; i < 30_000; i++)
            counts[distribution.Draw(ref random)]++;
        Assert.Equal(0, counts[10]);
        Assert.InRange(counts[11], 9_600, 10_400);
        Assert.Equal(0.5, QualityDistribution.WeightAt([10, 0, 12, 2], 10.5));
        Assert.Equal(2, QualityDistribution.WeightAt([10, 0, 12, 2], 90));
    }

    [Fact]
    public void Random_numbers_are_uniform_normal_and_apart()
    {
        var random = new CounterRandom(1, 0, 0);
        double sum = 0, squares = 0, normal = 0, normalSquares = 0;
        const int Count = 100_000;
        for (int i = 0; i < Count; i++)
        {
            double u = random.NextDouble(), n = random.NextNormal();
            (sum, squares, normal, normalSquares) = (sum + u, squares + u * u, normal + n, normalSquares + n * n);
        }
        // Four standard errors.
        Assert.InRange(sum / Count, 0.5 - 0.0037, 0.5 + 0.0037);
        Assert.InRange(squares / Count, 1.0 / 3 - 0.004, 1.0 / 3 + 0.004);
        Assert.InRange(normal / Count, -0.013, 0.013);
        Assert.InRange(normalSquares / Count, 0.98, 1.02);
        var streams = new HashSet<ulong>();
        for (ulong seed = 0; seed < 10; seed++)
            for (ulong step = 0; step < 10; step++)
                for (ulong index = 0; index < 10; index++)
                    streams.Add(new CounterRandom(seed, step, index).NextUInt64());
        Assert.Equal(1000, streams.Count);
    }
}
