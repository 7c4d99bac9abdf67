using JpegQualityEstimation.Cuda.Jpeg;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Jpeg;

/// <summary>Training windows made on the device against those of the processor's generators, byte for byte.</summary>
public sealed class CudaPatchMakerTests
{
    const string Everything = """
        "flips":true,"weight420":0.3,"weight422":0.2,"weight440":0.2,"weight444":0.2,"weightGray":0.1,"scaleShare":0.4,"scale":[0.6,1.2],
        "noiseShare":0.3,"noise":[0.5,4],"blurShare":0.2,"sharpenShare":0.2,"exposureShare":0.2,"toneShare":0.2
        """;

    [SkippableFact]
    public void WindowsOfDoubleJpegAreEqual()
    {
        TestDevice.Require();
        PrimaryRecipe recipe = PrimaryRecipe.Parse($$"""
            {"batchSize":24,"phase":"any","shiftPeriod":16,"customFirstShare":0.3,"customSecondShare":0.3,"customSpread":[0,0.4],
            "photoshopFirstShare":0.1,"singleShare":0.1,"alignedShare":0.1,"otherSamplingShare":0.3,{{Everything}}}
            """, "primary.json");
        TrainingPictures pictures = Pictures();
        var generator = new DoubleJpegGenerator(recipe, pictures, 7);
        var batch = new PrimaryBatch(recipe.BatchSize);
        generator.Fill(3, batch);
        using CudaPatches device = Open(pictures);
        var made = new PrimaryBatch(recipe.BatchSize);
        generator.Fill(3, made, 2, device);
        for (int k = 0; k < batch.Count; k++)
            Assert.True(batch.Window(k).SequenceEqual(made.Window(k)), $"window {k}: {generator.Draw(3, k)}");
        Assert.Equal(batch.Steps, made.Steps);
        Assert.Equal(batch.Second, made.Second);
        Assert.Equal(batch.Phases, made.Phases);
    }

    [SkippableFact]
    public void PatchesOfTheQualityNetworkAreEqual()
    {
        TestDevice.Require();
        QualityRecipe recipe = QualityRecipe.Parse($$"""
            {"batchSize":16,"patchSize":48,"phase":"random","quality":[5,100],"earlierShare":0.3,"earlierQuality":[40,98],
            "neverCompressed":0.25,"spliceShare":0.3,{{Everything}}}
            """, "quality.json");
        TrainingPictures pictures = Pictures();
        var generator = new QualityPatchGenerator(recipe, pictures, 9);
        using CudaPatches device = Open(pictures);
        var batch = new PatchBatch(recipe.BatchSize, recipe.PatchSize);
        var made = new PatchBatch(recipe.BatchSize, recipe.PatchSize);
        generator.Fill(5, batch.Patches, batch.Targets);
        generator.Fill(5, made.Patches, made.Targets, device);
        Assert.Equal(batch.Patches, made.Patches);
        Assert.Equal(batch.Targets, made.Targets);
    }

    static CudaPatches Open(TrainingPictures pictures) => CudaPatches.Open(0, [.. pictures.Pictures.Select(picture => picture.Pixels)]);

    static TrainingPictures Pictures()
    {
        using var folder = new PictureFolder();
        return TrainingPictures.Load([folder.Path], DoubleJpegGenerator.LeastPictureSide);
    }
}
