using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

// Mean squared errors of the two maps, as QualityTrainingStep computes them.
public sealed class SquaredErrorOpsTests
{
    [SkippableTheory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 5, 7)]
    [InlineData(2, 48, 48)]
    public void LossesAndGradientsFollowTheirFormula(int pictures, int height, int width)
    {
        using var scene = new OpsScene();
        const double QualityWeight = 1.5, FlagWeight = 0.25;
        foreach ((int channels, bool planar) in ((int, bool)[])[(2, false), (4, false), .. pictures == 1 ? [(2, true)] : Array.Empty<(int, bool)>()])
            foreach (StorageType type in Enum.GetValues<StorageType>())
            {
                var shape = new FeatureShape(pictures, channels, height, width, planar);
                int pixels = pictures * shape.Pixels;
                float[] output = OpsScene.Random(shape.Values, 1), targets = OpsScene.Random(2 * pixels, 2);
                FeatureSpan outputs = scene.Features(output, shape, type), gradient = scene.Features(shape, type);
                DeviceSpan<double> values = scene.Room<double>(SquaredErrorOps.Values);
                DeviceSpan<float> wanted = scene.Put(targets);
                scene.Ops.SquaredError.Apply(outputs, wanted, QualityWeight, FlagWeight, gradient, values);
                double[] losses = scene.Get(values);
                float[] d = scene.Get(gradient);
                float[] scales = [(float)(2 * QualityWeight / pixels), (float)(2 * FlagWeight / pixels)];
                for (int k = 0; k < channels; k++)
                {
                    double sum = 0;
                    for (int i = 0; i < pixels; i++)
                    {
                        int at = shape.At(i / shape.Pixels, k, i % shape.Pixels);
                        if (k >= 2)
                        {
                            Assert.Equal(0, d[at]);
                            continue;
                        }
                        float error = OpsScene.Stored(output[at], type) - targets[2 * i + k];
                        sum += (double)error * error;
                        Assert.Equal(OpsScene.Stored(error * scales[k], type), d[at]);
                    }
                    if (k < 2)
                        Assert.Equal(sum / pixels, losses[k], sum / pixels * pixels * Math.ScaleB(1, -52));
                }
                scene.Ops.SquaredError.Apply(outputs, wanted, 1, 1, null, values);
                Assert.Equal(losses, scene.Get(values));
            }
    }
}
