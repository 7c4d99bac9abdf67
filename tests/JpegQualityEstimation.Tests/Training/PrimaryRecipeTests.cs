using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed class PrimaryRecipeTests
{
    [Theory]
    [InlineData("tondi2021-90", 60, 90, 12_187_500)]
    [InlineData("tondi2021-80", 55, 80, 13_750_000)]
    public void The_papers_recipes_are_the_papers(string name, int least, int second, int steps)
    {
        PrimaryRecipe recipe = PrimaryRecipe.Load(name);
        Assert.Equal((new ValueRange(least, 98), new ValueRange(second, second)), (recipe.FirstQuality, recipe.SecondQuality));
        Assert.Equal((32, 1e-5, steps), (recipe.BatchSize, recipe.LearningRate, recipe.Steps));
        Assert.Equal((TrainingOptimizer.Adam, LearningRateSchedule.Constant), (recipe.Optimizer, recipe.Schedule));
        Assert.Equal((PrimaryLossKind.Combined, 0.8, 1), (recipe.Loss, recipe.CrossEntropyShare, recipe.DistancePower));
        Assert.Equal((PrimaryNetworkKind.DenseNet40, PrimaryInput.Rgb, PrimaryHead.Softmax, 0.2), (recipe.Network, recipe.Input, recipe.Head, recipe.Dropout));
        Assert.Equal((WindowPhase.Second, 1 / 64.0, 8), (recipe.Phase, recipe.AlignedShare, recipe.ShiftPeriod));
        Assert.Equal((1.0, 0.0, 0.0, 0.0, 0.0), (recipe.Weight420, recipe.Weight422, recipe.Weight440, recipe.Weight444, recipe.WeightGray));
        Assert.False(recipe.Flips);
        Assert.Equal(0, recipe.ScaleShare + recipe.BlurShare + recipe.SharpenShare + recipe.NoiseShare + recipe.ToneShare + recipe.ExposureShare
            + recipe.CustomFirstShare + recipe.CustomSecondShare + recipe.PhotoshopFirstShare + recipe.SingleShare + recipe.AttentionWeight + recipe.OtherSamplingShare);
    }

    [Fact]
    public void Recipes_survive_their_JSON()
    {
        Assert.All(PrimaryRecipe.BundledNames, name =>
        {
            PrimaryRecipe recipe = PrimaryRecipe.Load(name);
            Assert.Equal(name, recipe.Name);
            Assert.Equal(recipe.ToJson(), PrimaryRecipe.Parse(recipe.ToJson(), "again.json").ToJson());
        });
    }

    [Fact]
    public void Every_key_enters_and_leaves()
    {
        // Values off their defaults: a key that is read but not written, or the reverse, would show.
        const string Json = """
            {"name":"n","batchSize":3,"phase":"any","firstQuality":[55,97],"firstQualityFloor":[60,50,90,60],"secondQuality":[70,80],
            "secondQualities":[75,85],"customFirstShare":0.1,"customSecondShare":0.2,"customSpread":[0.1,0.5],"photoshopFirstShare":0.3,"singleShare":0.4,
            "otherSamplingShare":0.5,"alignedShare":0.6,"shiftPeriod":16,"flips":true,"weight420":2,"loss":"crossEntropy","crossEntropyShare":0.7,
            "distancePower":2,"smoothWidth":0.9,"attentionWeight":0.25,"phaseWeight":0.75,"network":"densenet40","input":"luma","head":"regression","initialization":"highpass","dropout":0.1,
            "coefficients":20,"bins":32,"binWidth":0.5,"periods":8,"hidden":32,"phaseWidth":16,"pooledWidth":48,"heads":2,"coefficientWidth":16,
            "trunk":64,"secondTable":true,"optimizer":"muon","whitening":0.02}
            """;
        string back = PrimaryRecipe.Parse(Json, "test.json").ToJson();
        foreach (string pair in Json.Trim('{', '}').Replace("\r", "").Replace("\n", "").Split(",\""))
            Assert.Contains(pair.TrimStart('"'), back);
        Assert.Contains("\"smooth\"", PrimaryRecipe.Parse("""{"loss":"smooth","network":"phase-histogram"}""", "test.json").ToJson());
        Assert.Contains("\"firstBlock\":\"dct\"", PrimaryRecipe.Parse("""{"firstBlock":"dct","dropout":0}""", "test.json").ToJson().Replace(" ", ""));
        Assert.Equal(PrimaryRecipe.Keys.Distinct().Count(), PrimaryRecipe.Keys.Count);
    }

    [Theory]
    [InlineData("""{"patchSize":60}""", "patchSize")]
    [InlineData("""{"phase":"patch"}""", "phase")]
    [InlineData("""{"firstQuality":[60.5,98]}""", "firstQuality")]
    [InlineData("""{"firstQuality":[0,98]}""", "firstQuality")]
    [InlineData("""{"firstQuality":[49,98]}""", "firstQuality")]
    [InlineData("""{"secondQuality":[90,80]}""", "secondQuality")]
    [InlineData("""{"secondQuality":90}""", "secondQuality")]
    [InlineData("""{"secondQualities":[90,80.5]}""", "secondQualities")]
    [InlineData("""{"secondQualities":[101]}""", "secondQualities")]
    [InlineData("""{"secondQualities":["90"]}""", "secondQualities")]
    [InlineData("""{"firstQualityFloor":[80]}""", "firstQualityFloor")]
    [InlineData("""{"firstQualityFloor":[80,60,70,60]}""", "firstQualityFloor")]
    [InlineData("""{"firstQualityFloor":[80,99]}""", "firstQualityFloor")]
    [InlineData("""{"firstQualityFloor":[80,0]}""", "firstQualityFloor")]
    [InlineData("""{"shiftPeriod":12}""", "shiftPeriod")]
    [InlineData("""{"customSpread":[0,1e9]}""", "customSpread")]
    [InlineData("""{"loss":"crossentropy"}""", "loss")]
    [InlineData("""{"loss":1}""", "loss")]
    [InlineData("""{"distancePower":3}""", "distancePower")]
    [InlineData("""{"smoothWidth":0}""", "smoothWidth")]
    [InlineData("""{"network":"resnet"}""", "network")]
    [InlineData("""{"network":"phase-histogram","head":"regression"}""", "head")]
    [InlineData("""{"input":"gray"}""", "input")]
    [InlineData("""{"initialization":"glorot"}""", "initialization")]
    [InlineData("""{"dropout":1}""", "dropout")]
    [InlineData("""{"bins":50}""", "bins")]
    [InlineData("""{"hidden":2000000000}""", "hidden")]
    [InlineData("""{"hidden":33}""", "hidden")]
    [InlineData("""{"heads":0}""", "heads")]
    [InlineData("""{"secondTable":1}""", "secondTable")]
    [InlineData("""{"alignedShare":-0.1}""", "alignedShare")]
    [InlineData("""{"weight420":0}""", "weight420")]
    [InlineData("""{"whitening":0.01}""", "whitening")]
    [InlineData("""{"optimizer":"muon","whitening":2}""", "whitening")]
    [InlineData("""{"optimizer":"muon","whitening":0.00001}""", "whitening")]
    [InlineData("""{"optimizer":"muon","whitening":0.01,"network":"phase-histogram"}""", "whitening")]
    [InlineData("""{"firstBlock":"dct"}""", "firstBlock")]
    [InlineData("""{"firstBlock":"dct","dropout":0,"network":"phase-histogram"}""", "firstBlock")]
    [InlineData("""{"firstBlock":"fourier","dropout":0}""", "firstBlock")]
    [InlineData("""{"validationInterval":5}""", "validationShare")]
    [InlineData("""{"steps":1,"steps":2}""", "steps")]
    [InlineData("""{"secondQualities":[[[[[90]]]]]}""", "")]
    [InlineData("[]", "")]
    [InlineData("{", "")]
    [InlineData("", "")]
    public void Faults_name_file_and_key(string json, string key)
    {
        var error = Assert.Throws<RecipeException>(() => PrimaryRecipe.Parse(json, "my.json"));
        Assert.Equal(("my.json", key), (error.File, error.Key));
        Assert.Contains("my.json", error.Message);
    }

    [Fact]
    public void A_recipe_that_is_not_there_names_the_bundled_ones() =>
        Assert.Contains("tondi2021-80", Assert.Throws<RecipeException>(() => PrimaryRecipe.Load("nothere.json")).Message);
}
