using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

// Block softmax and the losses against the processor's. Both compute in doubles, so floats differ by one rounding and by the
// doubles' own errors, which are `Terms` units of a double of what was added up.
public sealed class PrimaryLossOpsTests
{
    const int Outputs = PrimaryBlocks.Outputs;
    const int Terms = 64;

    static readonly double Single = Math.ScaleB(1, -23);
    static readonly double Double = Math.ScaleB(1, -52);

    [SkippableFact]
    public void SoftmaxIsTheProcessorsWithinARounding()
    {
        using var scene = new OpsScene();
        const int Count = 9;
        float[] logits = Logits(Count, 1), dF = OpsScene.Random(Count * Outputs, 2);
        DeviceSpan<float> f = scene.Put(logits), dZ = scene.Room<float>(Count * Outputs);
        scene.Ops.Softmax.Forward(f, f, Count);
        float[] actual = scene.Get(f);
        scene.Ops.Softmax.Backward(f, scene.Put(dF), dZ, Count);
        float[] gradients = scene.Get(dZ);
        for (int n = 0; n < Count; n++)
        {
            float[] expected = new float[Outputs], expectedGradient = new float[Outputs];
            BlockSoftmax.Forward(logits.AsSpan(n * Outputs, Outputs), expected);
            BlockSoftmax.Backward(actual.AsSpan(n * Outputs, Outputs), dF.AsSpan(n * Outputs, Outputs), expectedGradient);
            for (int i = 0; i < Outputs; i++)
            {
                Assert.Equal(expected[i], actual[n * Outputs + i], Single * expected[i] + float.Epsilon);
                // |df| and so their mean are at most 1.
                Assert.Equal(expectedGradient[i], gradients[n * Outputs + i], Single * Math.Abs(expectedGradient[i]) + Terms * Double + float.Epsilon);
            }
        }
    }

    public static TheoryData<string> Losses() => new(["crossEntropy", "combined1", "combined2", "onlyDistance", "smooth", "regression"]);

    [SkippableTheory]
    [MemberData(nameof(Losses))]
    public void LossesGradientsAndScoresAreTheProcessors(string name)
    {
        using var scene = new OpsScene();
        (BlockLossTerms terms, IBlockLoss loss) = Case(name);
        int width = terms.Regression ? PrimaryBlocks.Count : Outputs;
        foreach (int count in (int[])[1, 7, 300])
        {
            byte[] steps = Steps(count, count);
            float[] outputs = terms.Regression ? [.. OpsScene.Random(count * width, 3, 12).Select(value => value + 9)] : Logits(count, 3);
            if (terms.Regression)
                (outputs[0], outputs[1], outputs[2]) = (2.5f, -3, 70000);
            var (gradient, values, each) = Run(scene, terms, outputs, steps, count);

            double total = 0;
            for (int n = 0; n < count; n++)
            {
                float[] expected = new float[width];
                double own = loss.Apply(outputs.AsSpan(n * width, width), steps.AsSpan(n * 15, 15), expected);
                total += own;
                // Distances are at most 23 or its square; 15 blocks and 24 outputs are added up.
                double scale = Math.Abs(own) + 15 * 23 * 23;
                Assert.Equal(own, each[n], Terms * Double * scale);
                for (int i = 0; i < width; i++)
                {
                    double slope = expected[i] / (float)count;
                    Assert.Equal(slope, gradient[n * width + i], 2 * Single * Math.Abs(slope) + Terms * Double * 23 * 23 / count);
                }
            }
            Assert.Equal(total / count, values[0], Terms * Double * (Math.Abs(total / count) + 15 * 23 * 23));
            (double accuracy, double squaredError) = PrimaryScores.Of(outputs, steps);
            Assert.Equal(accuracy, values[1]);
            Assert.Equal(squaredError, values[2]);
        }
    }

    [SkippableFact]
    public void TheFirstOfEqualOutputsIsTheEstimate()
    {
        using var scene = new OpsScene();
        float[] outputs = new float[2 * Outputs];
        for (int i = 0; i < 15; i++)
            outputs[Outputs + PrimaryBlocks.Offsets[i] + 3] = outputs[Outputs + PrimaryBlocks.Offsets[i] + 5] = 2;
        byte[] steps = [.. Enumerable.Repeat((byte)1, 15), .. Enumerable.Repeat((byte)4, 15)];
        (_, double[] values, _) = Run(scene, new BlockLossTerms(1, 0, 1, 0, false), outputs, steps, 2);
        Assert.Equal(1, values[1]);
        Assert.Equal(0, values[2]);
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(255)]
    public void AStepOutsideOfItsBlockMakesTheLossNaN(byte step)
    {
        using var scene = new OpsScene();
        foreach (double tau in (double[])[0, 0.5])
        {
            byte[] steps = Steps(2, 5);
            steps[0] = step;
            (_, double[] values, double[] each) = Run(scene, new BlockLossTerms(1, 0, 1, tau, false), Logits(2, 6), steps, 2);
            Assert.True(double.IsNaN(values[0]) && double.IsNaN(each[0]) && double.IsFinite(each[1]));
        }
    }

    [SkippableFact]
    public void LossesRepeatAndNeedNoGradient()
    {
        using var scene = new OpsScene();
        const int Count = 40;
        var terms = new BlockLossTerms(0.8, 0.2, 1, 0, false);
        DeviceSpan<float> outputs = scene.Put(Logits(Count, 8));
        DeviceSpan<byte> steps = scene.Put<byte>(Steps(Count, 8));
        DeviceSpan<double> values = scene.Room<double>(PrimaryLossOps.Values);
        var seen = new HashSet<double>();
        for (int i = 0; i < 3; i++)
        {
            scene.Ops.PrimaryLoss.Run(terms, outputs, steps, i == 0 ? scene.Room<float>(Count * Outputs) : default, values, default, Count);
            seen.Add(scene.Get(values)[0]);
        }
        Assert.Single(seen);
    }

    static (float[] Gradient, double[] Values, double[] Each) Run(OpsScene scene, in BlockLossTerms terms, float[] outputs, byte[] steps, int count)
    {
        DeviceSpan<float> gradient = scene.Room<float>(outputs.Length);
        DeviceSpan<double> values = scene.Room<double>(PrimaryLossOps.Values), each = scene.Room<double>(count);
        scene.Ops.PrimaryLoss.Run(terms, scene.Put(outputs), scene.Put<byte>(steps), gradient, values, each, count);
        return (scene.Get(gradient), scene.Get(values), scene.Get(each));
    }

    static (BlockLossTerms Terms, IBlockLoss Loss) Case(string name) => name switch
    {
        "crossEntropy" => (new(1, 0, 1, 0, false), PrimaryLoss.CrossEntropy()),
        "combined1" => (new(0.8, 1 - 0.8, 1, 0, false), PrimaryLoss.Combined(0.8)),
        "combined2" => (new(0.8, 1 - 0.8, 2, 0, false), PrimaryLoss.Combined(0.8, 2)),
        "onlyDistance" => (new(0, 1, 1, 0, false), PrimaryLoss.Combined(0)),
        "smooth" => (new(1, 0, 1, 0.5, false), PrimaryLoss.Smooth(0.5)),
        _ => (new(0, 0, 1, 0, true), new RegressionLoss()),
    };

    // Some windows are sure of themselves, some have large outputs.
    static float[] Logits(int count, int seed)
    {
        float[] logits = OpsScene.Random(count * Outputs, seed, 6);
        for (int i = 0; i < logits.Length; i += 97)
            logits[i] += i % 2 == 0 ? 40 : -1000;
        return logits;
    }

    static byte[] Steps(int count, int seed)
    {
        var random = new Random(seed);
        byte[] steps = new byte[count * 15];
        for (int i = 0; i < steps.Length; i++)
            steps[i] = (byte)random.Next(1, PrimaryBlocks.Sizes[i % 15] + 1);
        return steps;
    }
}
