using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

public sealed class BiasOpsTests
{
    public static TheoryData<int, int, int, int, bool> Shapes() => new()
    {
        { 1, 1, 1, 1, false }, { 2, 3, 5, 7, false }, { 2, 64, 9, 8, false }, { 3, 40, 16, 16, false }, { 33, 15, 1, 1, false }, { 5, 226, 1, 1, false },
        { 2, 3, 5, 7, true }, { 2, 5, 8, 8, true }, { 1, 2, 50, 48, true },
    };

    // Whole numbers: every order of sums is exact in every storage.
    [SkippableTheory]
    [MemberData(nameof(Shapes))]
    public void ForwardAndGradientEqualTheirDefinition(int pictures, int channels, int height, int width, bool planar)
    {
        using var scene = new OpsScene();
        var shape = new FeatureShape(pictures, channels, height, width, planar);
        float[] x = OpsScene.Integers(shape.Values, 1), bias = OpsScene.Integers(channels, 2), d = OpsScene.Integers(shape.Values, 3);
        foreach (StorageType type in Enum.GetValues<StorageType>())
            foreach (int before in (int[])[0, 8, 3])
            {
                DeviceSpan<float> biases = scene.Put(bias), dBias = scene.Put(Enumerable.Repeat(5f, channels).ToArray());
                FeatureSpan input = scene.Features(x, shape, type, before, before), output = scene.Features(shape, type, before: before);
                scene.Ops.Bias.Forward(input, biases, rectify: false, output);
                float[] plain = scene.Get(output);
                scene.Ops.Bias.Forward(input, biases, rectify: true, input);
                float[] rectified = scene.Get(input);
                FeatureSpan dOut = scene.Features(d, shape, type, before);
                scene.Ops.Bias.Gradient(dOut, null, null, dBias, add: true);
                float[] open = scene.Get(dBias);
                Assert.Equal(d, scene.Get(dOut));
                scene.Ops.Bias.Gradient(dOut, input, dOut, dBias);
                float[] gated = scene.Get(dOut), sums = scene.Get(dBias);
                for (int c = 0; c < channels; c++)
                {
                    float all = 5, passed = 0;
                    for (int i = 0; i < pictures * shape.Pixels; i++)
                    {
                        int at = shape.At(i / shape.Pixels, c, i % shape.Pixels);
                        float sum = x[at] + bias[c];
                        Assert.Equal(sum, plain[at]);
                        Assert.Equal(Math.Max(0, sum), rectified[at]);
                        Assert.Equal(sum > 0 ? d[at] : 0, gated[at]);
                        all += d[at];
                        passed += sum > 0 ? d[at] : 0;
                    }
                    Assert.Equal(all, open[c]);
                    Assert.Equal(passed, sums[c]);
                }
            }
    }

    [SkippableFact]
    public void WhatIsNotANumberStays()
    {
        using var scene = new OpsScene();
        var shape = new FeatureShape(1, 4, 1, 1, false);
        FeatureSpan x = scene.Features([float.NaN, -1, 2, float.PositiveInfinity], shape, StorageType.Float32);
        scene.Ops.Bias.Forward(x, scene.Put(new float[4]), rectify: true, x);
        Assert.Equal([float.NaN, 0, 2, float.PositiveInfinity], scene.Get(x));
    }
}
