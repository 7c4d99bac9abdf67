using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

// Every op that sums gives the same bits again, and whatever the number of blocks that share its work.
public sealed class RepeatabilityTests
{
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void SumsDoNotDependOnTheGrid(bool planar)
    {
        using var scene = new OpsScene();
        using DeviceOps three = new(scene.Stream, mostBlocks: 3), one = new(scene.Stream, mostBlocks: 1);
        float[][] results = [.. ((DeviceOps[])[scene.Ops, scene.Ops, three, one]).Select(ops => Results(scene, ops, planar))];
        Assert.All(results, result => Assert.Equal(results[0], result));
        Assert.True(results[0].Distinct().Count() > 100);
    }

    static float[] Results(OpsScene scene, DeviceOps ops, bool planar)
    {
        const int Channels = 36;
        var shape = new FeatureShape(3, Channels, 50, 50, planar);
        float[] one = OpsScene.Random(shape.Values, 1), two = OpsScene.Random(shape.Values, 2);
        FeatureSpan x = scene.Features(one, shape, StorageType.Float32), d = scene.Features(two, shape, StorageType.Float32);
        DeviceSpan<float> mean = scene.Room<float>(Channels), inverse = scene.Room<float>(Channels), gamma = scene.Put(OpsScene.Random(Channels, 3)),
            dGamma = scene.Room<float>(Channels), dBeta = scene.Room<float>(Channels), dBias = scene.Room<float>(Channels), features = scene.Room<float>(3 * Channels);
        var sums = new ReaderSums(scene.Room<double>(Channels), scene.Room<double>(Channels));
        var norm = new BatchNorm(gamma, mean, mean, inverse);
        FeatureSpan g = scene.Features(shape, StorageType.Float32), dX = scene.Features(shape, StorageType.Float32);
        ops.BatchNorm.Statistics(x, new BatchStatistics(mean, inverse, default, default), 1e-5, 0.1);
        ops.BatchNorm.Gradient(d, x, norm, g, dGamma, dBeta, sums, add: false);
        ops.BatchNorm.InputGradient(g, x, mean, inverse, sums, dX);
        ops.Bias.Gradient(d, x, null, dBias);
        ops.Pooling.Average(x, norm, features);

        DeviceSpan<double> errors = scene.Room<double>(SquaredErrorOps.Values), scores = scene.Room<double>(PrimaryLossOps.Values);
        FeatureSpan maps = scene.Features(OpsScene.Random(2 * 3 * 2500, 4), new FeatureShape(3, 2, 50, 50, false), StorageType.Float32);
        ops.SquaredError.Apply(maps, scene.Put(OpsScene.Random(2 * 3 * 2500, 5)), 1, 1, null, errors);
        const int Windows = 30;
        ops.PrimaryLoss.Run(new BlockLossTerms(0.8, 0.2, 1, 0, false), scene.Put(OpsScene.Random(Windows * 226, 6)),
            scene.Put<byte>([.. Enumerable.Range(0, Windows * 15).Select(i => (byte)(1 + i % 10))]), default, scores, default, Windows);

        const int Parameters = 20_000;
        using CudaOptimizer optimizer = ops.CreateOptimizer(Parameters, Parameters, [new ParameterMatrix(5, 70, 40), new ParameterMatrix(6000, 12, 300)]);
        float[] start = OpsScene.Random(Parameters, 7);
        optimizer.Upload(start, start, new float[Parameters], start);
        scene.Stream.Upload<float>(OpsScene.Random(Parameters, 8), optimizer.Gradient);
        optimizer.Apply(new OptimizerStep(3, 1e-2, true, 0.1, 0.95, 0.9, 0.999, 1e-8, 1e-4, 1, 0.9), errors);
        float[] result = [.. scene.Get(mean), .. scene.Get(inverse), .. scene.Get(dGamma), .. scene.Get(dBeta), .. scene.Get(dBias), .. scene.Get(features),
            .. scene.Get(dX), .. scene.Get(optimizer.Parameters), .. scene.Get(optimizer.Average), .. scene.Get(errors).Concat(scene.Get(scores)).SelectMany(Halves)];
        scene.Stream.Synchronize();
        return result;
    }

    // A double as two floats that tell any two apart.
    static float[] Halves(double value) => [(float)value, (float)(value - (float)value)];
}
