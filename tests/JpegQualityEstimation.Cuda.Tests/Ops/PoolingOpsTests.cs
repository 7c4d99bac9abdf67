using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

public sealed class PoolingOpsTests
{
    const ulong Seed = 99;
    const ulong Step = 12;
    const int Layer = 7;

    [SkippableTheory]
    [InlineData(1, 1, 2, 2)]
    [InlineData(2, 5, 4, 6)]
    [InlineData(3, 24, 8, 8)]
    public void PoolingOfTwoByTwoIsTheProcessorsWithItsDropout(int pictures, int channels, int height, int width)
    {
        using var scene = new OpsScene();
        DeviceSpan<ulong> key = scene.Put<ulong>([DropoutOps.StepKey(Seed, Step)]);
        foreach (bool planar in (bool[])[false, true])
            foreach (StorageType type in Enum.GetValues<StorageType>())
                foreach (double rate in (double[])[0, 0.2])
                {
                    var large = new FeatureShape(pictures, channels, height, width, planar);
                    var small = new FeatureShape(pictures, channels, height / 2, width / 2, planar);
                    float[] x = OpsScene.Random(large.Values, 1), d = OpsScene.Random(small.Values, 2);
                    FeatureSpan output = scene.Features(small, type, before: 2, behind: 3), dInput = scene.Features(large, type, behind: 1);
                    var dropout = new DropoutLayer(key, Layer, rate);
                    scene.Ops.Pooling.Forward(scene.Features(x, large, type, before: 1), output, dropout);
                    scene.Ops.Pooling.Gradient(scene.Features(d, small, type), dInput, dropout);
                    float[] pooled = scene.Get(output), spread = scene.Get(dInput);
                    for (int n = 0; n < pictures; n++)
                        for (int c = 0; c < channels; c++)
                            for (int p = 0; p < small.Pixels; p++)
                            {
                                int y = p / small.Width, column = p % small.Width;
                                float[] four = new float[4];
                                for (int k = 0; k < 4; k++)
                                {
                                    int at = (2 * y + k / 2) * width + 2 * column + k % 2;
                                    float factor = Factor(rate, n, ((2 * y + k / 2) * channels + c) * width + 2 * column + k % 2);
                                    four[k] = OpsScene.Stored(x[large.At(n, c, at)], type) * factor;
                                    float back = OpsScene.Stored(d[small.At(n, c, p)], type) * 0.25f * factor;
                                    Assert.Equal(OpsScene.Stored(back, type), spread[large.At(n, c, at)]);
                                }
                                Assert.Equal(OpsScene.Stored((four[0] + four[1] + (four[2] + four[3])) * 0.25f, type), pooled[small.At(n, c, p)]);
                            }
                }
    }

    // A float sum of 1/32 (planar) or 1/8 of the pixels, of values up to 1 or, activated, up to 3; the rest is doubles.
    [SkippableTheory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(2, 5, 3, 5)]
    [InlineData(3, 40, 16, 16)]
    public void GlobalAveragesAreWithinTheirTerms(int pictures, int channels, int height, int width)
    {
        using var scene = new OpsScene();
        foreach (bool planar in (bool[])[false, true])
            foreach (StorageType type in Enum.GetValues<StorageType>())
            {
                var shape = new FeatureShape(pictures, channels, height, width, planar);
                float[] x = OpsScene.Random(shape.Values, 1), scale = OpsScene.Random(channels, 2), shift = OpsScene.Random(channels, 3), d = OpsScene.Random(pictures * channels, 4);
                FeatureSpan input = scene.Features(x, shape, type, before: 3), dInput = scene.Features(shape, type);
                DeviceSpan<float> features = scene.Room<float>(pictures * channels), activated = scene.Room<float>(pictures * channels);
                scene.Ops.Pooling.Average(input, null, features);
                scene.Ops.Pooling.Average(input, BatchNorm.Folded(scene.Put(scale), scene.Put(shift)), activated);
                scene.Ops.Pooling.AverageGradient(scene.Put(d), dInput);
                float[] plain = scene.Get(features), after = scene.Get(activated), spread = scene.Get(dInput);
                double tolerance = (shape.Pixels / 8 + 6) * 3 * Math.ScaleB(1, -24);
                for (int i = 0; i < pictures * channels; i++)
                {
                    double sum = 0, active = 0;
                    for (int p = 0; p < shape.Pixels; p++)
                    {
                        float value = OpsScene.Stored(x[i * shape.Pixels + p], type);
                        sum += value;
                        active += Math.Max(0, MathF.FusedMultiplyAdd(value, scale[i % channels], shift[i % channels]));
                        Assert.Equal(OpsScene.Stored(d[i] / shape.Pixels, type), spread[i * shape.Pixels + p]);
                    }
                    Assert.Equal(sum / shape.Pixels, plain[i], tolerance);
                    Assert.Equal(active / shape.Pixels, after[i], tolerance);
                }
            }
    }

    static float Factor(double rate, int picture, int element) => rate == 0 ? 1 : new DropoutMask(rate, Seed, Step, Layer, picture).Factor(element);
}
