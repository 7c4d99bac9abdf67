using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Tool.Conformance.Ops;

// Block softmax and the losses of both networks against the processor's. Both sides compute in doubles: floats differ by one
// rounding, doubles by some units of what was added up.
static class LossCases
{
    const int Outputs = PrimaryBlocks.Outputs;

    // Roundings of doubles on the way to one number; distances of steps are at most 23.
    const int Terms = 64;
    const double MostDistance = 23;

    static readonly double Single = Math.ScaleB(1, -23);
    static readonly double Double = Math.ScaleB(1, -52);

    public static IEnumerable<OpCase> All(TrialScale scale)
    {
        int count = scale.Pick(9, 1000, 65536);
        yield return new("block softmax, forward", $"[{count},226]", scene => Softmax(scene, count));
        yield return new("block softmax, backward", $"[{count},226]", scene => SoftmaxGradient(scene, count));
        foreach (var (name, terms, loss) in Losses(scale))
            yield return new($"loss of primary quantization, {name}", $"[{count},{(terms.Regression ? 15 : 226)}]", scene => Primary(scene, terms, loss, count));
        (int pictures, int side) = scale.Pick((2, 7), (16, 48), (512, 48));
        foreach (FeatureKind kind in FeatureKind.All(scale).Where(kind => !kind.Planar))
            yield return new($"mean squared error, {kind.Name}", $"[{pictures},4,{side},{side}]", scene => SquaredError(scene, kind, pictures, side));
    }

    static IEnumerable<(string Name, BlockLossTerms Terms, IBlockLoss Loss)> Losses(TrialScale scale)
    {
        yield return ("combined", new(0.8, 1 - 0.8, 1, 0, false), PrimaryLoss.Combined(0.8));
        if (scale == TrialScale.Timing)
            yield break;
        yield return ("cross-entropy", new(1, 0, 1, 0, false), PrimaryLoss.CrossEntropy());
        yield return ("combined, squared distance", new(0.8, 1 - 0.8, 2, 0, false), PrimaryLoss.Combined(0.8, 2));
        yield return ("smooth", new(1, 0, 1, 0.5, false), PrimaryLoss.Smooth(0.5));
        yield return ("regression", new(0, 0, 1, 0, true), new RegressionLoss());
    }

    static OpTrial Softmax(DeviceScene scene, int count)
    {
        float[] logits = Logits(count, 1);
        DeviceSpan<float> z = scene.Put(logits), f = scene.Room<float>(logits.Length);
        return new(() => scene.Ops.Softmax.Forward(z, f, count), comparison =>
        {
            float[] actual = scene.Get(f), expected = new float[Outputs];
            for (int n = 0; n < count; n++)
            {
                BlockSoftmax.Forward(logits.AsSpan(n * Outputs, Outputs), expected);
                for (int i = 0; i < Outputs; i++)
                    comparison.Near("probabilities", expected[i], actual[n * Outputs + i], Single * expected[i] + float.Epsilon);
            }
        })
        { Bytes = 8.0 * logits.Length };
    }

    static OpTrial SoftmaxGradient(DeviceScene scene, int count)
    {
        float[] probabilities = Logits(count, 2), given = StoredNumbers.Even(probabilities.Length, 3);
        for (int n = 0; n < count; n++)
            BlockSoftmax.Forward(probabilities.AsSpan(n * Outputs, Outputs).ToArray(), probabilities.AsSpan(n * Outputs, Outputs));
        DeviceSpan<float> f = scene.Put(probabilities), dF = scene.Put(given), dZ = scene.Room<float>(given.Length);
        return new(() => scene.Ops.Softmax.Backward(f, dF, dZ, count), comparison =>
        {
            float[] actual = scene.Get(dZ), expected = new float[Outputs];
            for (int n = 0; n < count; n++)
            {
                BlockSoftmax.Backward(probabilities.AsSpan(n * Outputs, Outputs), given.AsSpan(n * Outputs, Outputs), expected);
                for (int i = 0; i < Outputs; i++)
                    comparison.Near("gradient", expected[i], actual[n * Outputs + i], Single * Math.Abs(expected[i]) + Terms * Double + float.Epsilon);
            }
        })
        { Bytes = 12.0 * given.Length };
    }

    static OpTrial Primary(DeviceScene scene, BlockLossTerms terms, IBlockLoss loss, int count)
    {
        int width = terms.Regression ? PrimaryBlocks.Count : Outputs;
        float[] outputs = terms.Regression ? [.. StoredNumbers.Even(count * width, 4, 12).Select(value => value + 9)] : Logits(count, 4);
        byte[] steps = Steps(count);
        DeviceSpan<float> given = scene.Put(outputs), gradient = scene.Room<float>(outputs.Length);
        DeviceSpan<byte> truth = scene.Put<byte>(steps);
        DeviceSpan<double> values = scene.Room<double>(PrimaryLossOps.Values), each = scene.Room<double>(count);
        return new(() => scene.Ops.PrimaryLoss.Run(terms, given, truth, gradient, values, each, count), Compare) { Bytes = 8.0 * outputs.Length + steps.Length };

        void Compare(Comparison comparison)
        {
            float[] actual = scene.Get(gradient), expected = new float[width];
            double[] own = scene.Get(each), mean = scene.Get(values);
            double total = 0;
            for (int n = 0; n < count; n++)
            {
                double one = loss.Apply(outputs.AsSpan(n * width, width), steps.AsSpan(n * 15, 15), expected);
                total += one;
                comparison.Near("loss of a window", one, own[n], Terms * Double * (Math.Abs(one) + 15 * MostDistance * MostDistance));
                for (int i = 0; i < width; i++)
                {
                    double slope = expected[i] / (float)count;
                    comparison.Near("gradient", slope, actual[n * width + i], 2 * Single * Math.Abs(slope) + Terms * Double * MostDistance * MostDistance / count);
                }
            }
            comparison.Near("mean loss", total / count, mean[0], Terms * Double * (Math.Abs(total / count) + 15 * MostDistance * MostDistance));
            (double accuracy, double squaredError) = PrimaryScores.Of(outputs, steps);
            comparison.Near("right steps", accuracy, mean[1], 0);
            comparison.Near("squared error", squaredError, mean[2], 0);
        }
    }

    static OpTrial SquaredError(DeviceScene scene, FeatureKind kind, int pictures, int side)
    {
        const double QualityWeight = 1.5, FlagWeight = 0.25;
        FeatureLayout layout = kind.Layout(pictures, 4, side, side);
        int pixels = pictures * side * side;
        float[] output = StoredNumbers.Even(layout.Values, 5, 1, kind.Type), wanted = StoredNumbers.Even(2L * pixels, 6);
        FeatureSpan outputs = scene.Features(output, layout, kind.Type), gradient = scene.Features(layout, kind.Type);
        DeviceSpan<float> targets = scene.Put(wanted);
        DeviceSpan<double> values = scene.Room<double>(SquaredErrorOps.Values);
        return new(() => scene.Ops.SquaredError.Apply(outputs, targets, QualityWeight, FlagWeight, gradient, values), Compare)
        {
            Bytes = pixels * (2.0 * 4 * kind.Bytes + 8),
        };

        void Compare(Comparison comparison)
        {
            float[] d = scene.Get(gradient), scales = [(float)(2 * QualityWeight / pixels), (float)(2 * FlagWeight / pixels)];
            double[] losses = scene.Get(values);
            for (int k = 0; k < 2; k++)
            {
                double sum = 0;
                for (int i = 0; i < pixels; i++)
                {
                    float error = output[4 * i + k] - wanted[2 * i + k];
                    sum += (double)error * error;
                    comparison.Near("gradient", StoredNumbers.Round(error * scales[k], kind.Type), d[4 * i + k], 0);
                }
                comparison.Near("loss", sum / pixels, losses[k], sum * Double);
            }
        }
    }

    // Some windows are sure of themselves, some have large outputs.
    static float[] Logits(int count, int seed)
    {
        float[] logits = StoredNumbers.Even((long)count * Outputs, seed, 6);
        for (int i = 0; i < logits.Length; i += 97)
            logits[i] += i % 2 == 0 ? 40 : -1000;
        return logits;
    }

    static byte[] Steps(int count)
    {
        var random = new Random(count);
        byte[] steps = new byte[count * PrimaryBlocks.Count];
        for (int i = 0; i < steps.Length; i++)
            steps[i] = (byte)random.Next(1, PrimaryBlocks.Sizes[i % PrimaryBlocks.Count] + 1);
        return steps;
    }
}
