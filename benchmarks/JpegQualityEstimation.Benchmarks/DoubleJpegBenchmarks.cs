using BenchmarkDotNet.Attributes;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Benchmarks;

// Training windows compressed twice, one thread, beside what a training step of the same windows takes: data must never
// be what training waits for. Pictures are synthetic; time depends on their size only through the cache.
public class DoubleJpegBenchmarks
{
    const int Windows = 128;
    const int Pictures = 8;

    readonly PrimaryBatch batch = new(Windows);
    readonly string folder = Directory.CreateTempSubdirectory("jqe-benchmark").FullName;
    DoubleJpegGenerator? universal;
    DoubleJpegGenerator? paper;
    IPrimaryTrainee? network;
    float[] parameters = [];
    float[] gradient = [];
    long step;

    [GlobalSetup]
    public void Prepare()
    {
        for (int i = 0; i < Pictures; i++)
            OutputFile.Write(Path.Combine(folder, $"{i}.png"), stream => PngWriter.Write(stream, SyntheticPicture.Create(500, 400, (ulong)i).View));
        TrainingPictures pictures = TrainingPictures.Load([folder], DoubleJpegGenerator.LeastPictureSide);
        PrimaryRecipe recipe = PrimaryRecipe.Load("primary");
        universal = new DoubleJpegGenerator(recipe, pictures, 1);
        paper = new DoubleJpegGenerator(PrimaryRecipe.Load("tondi2021-90"), pictures, 1);
        network = PrimaryTrainees.Create(recipe, 1, 1);
        parameters = network.Initial(1);
        gradient = new float[parameters.Length];
        universal.Fill(0, batch);
    }

    [GlobalCleanup]
    public void CleanUp() => Directory.Delete(folder, recursive: true);

    [Benchmark(Baseline = true)]
    [Work(Windows, "windows")]
    public double TrainingStep() => network!.Run(parameters, batch, gradient).Loss;

    [Benchmark]
    [Work(Windows, "windows")]
    public void UniversalRecipe() => universal!.Fill(++step, batch);

    [Benchmark]
    [Work(Windows, "windows")]
    public void PaperRecipe() => paper!.Fill(++step, batch);
}
