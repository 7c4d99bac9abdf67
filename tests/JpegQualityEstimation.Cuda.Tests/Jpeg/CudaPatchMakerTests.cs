using System.Text;
using JpegQualityEstimation.Cuda.Jpeg;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
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
        PatchPlan[] plans = [.. Enumerable.Range(0, batch.Count).Select(k => generator.Draw(3, k))];
        Equal(pictures, plans, DoubleJpegGenerator.Side, batch.Windows);
    }

    [SkippableFact]
    public void PatchesOfTheQualityNetworkAreEqual()
    {
        TestDevice.Require();
        QualityRecipe recipe = QualityRecipe.Parse($$"""
            {"batchSize":16,"patchSize":48,"phase":"random","quality":[5,100],"earlierShare":0.3,"earlierQuality":[40,98],
            "neverCompressed":0.25,{{Everything}}}
            """, "quality.json");
        TrainingPictures pictures = Pictures();
        var generator = new QualityPatchGenerator(recipe, pictures, 9);
        byte[] expected = new byte[recipe.BatchSize * 3 * 48 * 48];
        generator.Fill(5, expected, new float[recipe.BatchSize * 2 * 48 * 48]);
        var plans = new PatchPlan[recipe.BatchSize];
        for (int k = 0; k < plans.Length; k++)
        {
            var random = new CounterRandom(9, 5, (ulong)k);
            plans[k] = generator.Draw(ref random).Plan;
        }
        Equal(pictures, plans, 48, expected);
    }

    static void Equal(TrainingPictures pictures, PatchPlan[] plans, int side, byte[] expected)
    {
        using CudaRuntime runtime = CudaRuntime.Open(0);
        using CudaStream stream = runtime.CreateStream();
        using var maker = new CudaPatchMaker(stream, [.. pictures.Pictures.Select(picture => picture.Pixels)]);
        using DeviceBuffer<byte> made = stream.Rent<byte>(expected.Length);
        maker.Make(plans, side, made);
        byte[] actual = new byte[expected.Length];
        stream.Download(made, actual);
        int bytes = 3 * side * side;
        for (int k = 0; k < plans.Length; k++)
            Assert.True(expected.AsSpan(k * bytes, bytes).SequenceEqual(actual.AsSpan(k * bytes, bytes)), $"patch {k}: {plans[k].Preparation}");
    }

    static TrainingPictures Pictures()
    {
        string folder = Directory.CreateTempSubdirectory("jqe-cuda-").FullName;
        try
        {
            for (int i = 0; i < 3; i++)
            {
                ImageBuffer picture = TestPicture.Create(230 + 20 * i, 220, PixelFormat.Rgb24, i);
                File.WriteAllBytes(
                    Path.Combine(folder, $"{i}.ppm"), [.. Encoding.ASCII.GetBytes($"P6\n{picture.Width} {picture.Height}\n255\n"), .. picture.Pixels]);
            }
            return TrainingPictures.Load([folder], DoubleJpegGenerator.LeastPictureSide);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
