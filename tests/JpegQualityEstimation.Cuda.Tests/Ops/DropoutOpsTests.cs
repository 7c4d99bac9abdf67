using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

// Dropout equals DropoutMask of the processor bit for bit, whatever the layout.
public sealed class DropoutOpsTests
{
    [SkippableTheory]
    [InlineData(0.2, 0UL, 0UL, 0)]
    [InlineData(0.2, 12345UL, 7UL, 5)]
    [InlineData(0.5, ulong.MaxValue, 4000000000UL, 38)]
    [InlineData(0.0, 1UL, 1UL, 1)]
    public void MasksAreTheProcessors(double rate, ulong seed, ulong step, int layer)
    {
        using var scene = new OpsScene();
        DeviceSpan<ulong> key = scene.Put<ulong>([DropoutOps.StepKey(seed, step)]);
        foreach (bool planar in (bool[])[false, true])
            foreach (StorageType type in Enum.GetValues<StorageType>())
            {
                var shape = new FeatureShape(3, 12, 5, 7, planar);
                float[] x = OpsScene.Random(shape.Values, 3);
                FeatureSpan features = scene.Features(x, shape, type, before: 3, behind: 1);
                scene.Ops.Dropout.Apply(features, new DropoutLayer(key, layer, rate));
                float[] values = scene.Get(features);
                for (int n = 0; n < shape.Pictures; n++)
                {
                    var mask = new DropoutMask(rate, seed, step, layer, n);
                    for (int c = 0; c < shape.Channels; c++)
                        for (int p = 0; p < shape.Pixels; p++)
                        {
                            float factor = mask.Factor((p / shape.Width * shape.Channels + c) * shape.Width + p % shape.Width);
                            float expected = OpsScene.Stored(OpsScene.Stored(x[shape.At(n, c, p)], type) * factor, type);
                            Assert.Equal(expected, values[shape.At(n, c, p)]);
                        }
                }
            }
    }
}
