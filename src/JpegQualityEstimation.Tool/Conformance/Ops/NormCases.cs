using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu.DenseNet;

namespace JpegQualityEstimation.Tool.Conformance.Ops;

// Batch norm, ReLU and dropout. What is elementwise has the processor's bits; sums over n, y, x are floats of at most 32 terms
// a thread, then doubles.
static class NormCases
{
    const int Terms = 32, Layer = 17;
    const ulong Seed = 5, Step = 77;
    const double Rate = 0.2;

    static readonly double Unit = Math.ScaleB(1, -24);

    public static IEnumerable<OpCase> All(TrialScale scale)
    {
        (int n, int c, int h, int w) = scale.Pick((2, 24, 6, 10), (8, 168, 32, 32), (64, 168, 64, 64));
        string size = $"[{n},{c},{h},{w}]";
        foreach (FeatureKind kind in FeatureKind.All(scale))
        {
            FeatureLayout layout = kind.Layout(n, c, h, w);
            yield return new($"batch norm statistics, {kind.Name}", size, scene => Statistics(scene, layout, kind));
            yield return new($"batch norm and ReLU, {kind.Name}", size, scene => Activate(scene, layout, kind));
            yield return new($"batch norm gradient, {kind.Name}", size, scene => Gradient(scene, layout, kind));
            yield return new($"batch norm input gradient, dropout, {kind.Name}", size, scene => InputGradient(scene, layout, kind));
        }
    }

    static OpTrial Statistics(DeviceScene scene, FeatureLayout layout, FeatureKind kind)
    {
        int channels = layout.Channels;
        float[] x = StoredNumbers.Even(layout.Values, 1, 1, kind.Type), before = StoredNumbers.Even(2 * channels, 2);
        FeatureSpan features = scene.Features(x, layout, kind.Type);
        DeviceSpan<float> mean = scene.Room<float>(channels), inverse = scene.Room<float>(channels), running = scene.Put(before);
        var to = new BatchStatistics(mean, inverse, running.Slice(0, channels), running.Slice(channels));
        return new(() => scene.Ops.BatchNorm.Statistics(features, to, DenseNet40Gradient.Epsilon, DenseNet40Gradient.Momentum), Compare)
        {
            Bytes = (double)layout.Values * kind.Bytes,
        };

        void Compare(Comparison comparison)
        {
            float[] means = scene.Get(mean), inverses = scene.Get(inverse), moved = scene.Get(running);
            long total = layout.Values / channels;
            for (int c = 0; c < channels; c++)
            {
                double sum = 0, squares = 0, largest = 0;
                foreach (long at in Places(layout, c))
                {
                    sum += x[at];
                    largest = Math.Max(largest, Math.Abs(x[at]));
                }
                double middle = sum / total;
                foreach (long at in Places(layout, c))
                    squares += (x[at] - middle) * (x[at] - middle);
                double deviation = 1 / Math.Sqrt(squares / total + DenseNet40Gradient.Epsilon), unbiased = squares / (total - 1);
                double share = DenseNet40Gradient.Momentum, variance = before[channels + c];
                comparison.Near("mean", middle, means[c], (Terms + 2) * Unit * largest);
                comparison.Near("inverse deviation", deviation, inverses[c], (Terms + 4) * Unit * deviation);
                comparison.Near("running mean", before[c] + share * (middle - before[c]), moved[c], (Terms + 4) * Unit * (largest + 1));
                comparison.Near("running variance", variance + share * (unbiased - variance), moved[channels + c], (Terms + 6) * Unit * (unbiased + 1));
            }
        }
    }

    static OpTrial Activate(DeviceScene scene, FeatureLayout layout, FeatureKind kind)
    {
        float[] x = StoredNumbers.Even(layout.Values, 1, 1, kind.Type);
        Norm norm = Norm.Create(layout.Channels);
        FeatureSpan input = scene.Features(x, layout, kind.Type), output = scene.Features(layout, kind.Type);
        BatchNorm put = norm.Put(scene);
        return new(() => scene.Ops.BatchNorm.Activate(input, put, output), comparison =>
        {
            float[] actual = scene.Get(output);
            for (int c = 0; c < layout.Channels; c++)
                foreach (long at in Places(layout, c))
                    comparison.Near("activations", StoredNumbers.Round(Math.Max(0, norm.Apply(x[at], c)), kind.Type), actual[at], 0);
        })
        { Bytes = 2.0 * layout.Values * kind.Bytes };
    }

    static OpTrial Gradient(DeviceScene scene, FeatureLayout layout, FeatureKind kind)
    {
        int channels = layout.Channels;
        float[] x = StoredNumbers.Even(layout.Values, 1, 1, kind.Type), dOut = StoredNumbers.Even(layout.Values, 2, 1, kind.Type);
        Norm norm = Norm.Create(channels);
        BatchNorm put = norm.Put(scene);
        FeatureSpan input = scene.Features(x, layout, kind.Type), given = scene.Features(dOut, layout, kind.Type), g = scene.Features(layout, StorageType.Float32);
        DeviceSpan<float> dGamma = scene.Room<float>(channels), dBeta = scene.Room<float>(channels);
        var sums = new ReaderSums(scene.Room<double>(channels), scene.Room<double>(channels));
        return new(() => scene.Ops.BatchNorm.Gradient(given, input, put, g, dGamma, dBeta, sums, add: false), Compare)
        {
            Bytes = layout.Values * (2.0 * kind.Bytes + 4),
        };

        void Compare(Comparison comparison)
        {
            float[] gradient = scene.Get(g), gammas = scene.Get(dGamma), betas = scene.Get(dBeta);
            double[] means = scene.Get(sums.Means), products = scene.Get(sums.Products);
            long total = layout.Values / channels;
            for (int c = 0; c < channels; c++)
            {
                double sum = 0, product = 0, size = 0, productSize = 0;
                foreach (long at in Places(layout, c))
                {
                    float d = norm.Apply(x[at], c) > 0 ? dOut[at] : 0;
                    comparison.Near("gradient", d * norm.Gamma[c], gradient[at], 0);
                    double centred = (double)d * (x[at] - norm.Mean[c]);
                    sum += d;
                    product += centred;
                    size += Math.Abs(d);
                    productSize += Math.Abs(centred);
                }
                double inverse = norm.Inverse[c], gamma = norm.Gamma[c];
                (double sumError, double productError) = ((Terms + 1) * Unit * size, (Terms + 3) * Unit * productSize * inverse);
                comparison.Near("gradient of beta", sum, betas[c], sumError);
                comparison.Near("gradient of gamma", product * inverse, gammas[c], productError);
                comparison.Near("means", gamma * sum / total, means[c], sumError + Double);
                comparison.Near("products", gamma * product * inverse / total, products[c], productError + Double);
            }
        }
    }

    static OpTrial InputGradient(DeviceScene scene, FeatureLayout layout, FeatureKind kind)
    {
        int channels = layout.Channels;
        float[] x = StoredNumbers.Even(layout.Values, 1, 1, kind.Type), g = StoredNumbers.Even(layout.Values, 2);
        Norm norm = Norm.Create(channels);
        BatchNorm put = norm.Put(scene);
        double[] means = [.. StoredNumbers.Even(channels, 8).Select(value => (double)value)], products = [.. StoredNumbers.Even(channels, 9).Select(value => (double)value)];
        var sums = new ReaderSums(scene.Put<double>(means), scene.Put<double>(products));
        FeatureSpan input = scene.Features(x, layout, kind.Type), from = scene.Features(g, layout, StorageType.Float32), dX = scene.Features(layout, kind.Type);
        var dropout = new DropoutLayer(scene.Put<ulong>([DropoutOps.StepKey(Seed, Step)]), Layer, Rate);
        return new(() => scene.Ops.BatchNorm.InputGradient(from, input, put.Mean, put.InverseDeviation, sums, dX, dropout), Compare)
        {
            Bytes = layout.Values * (2.0 * kind.Bytes + 4),
        };

        void Compare(Comparison comparison)
        {
            float[] actual = scene.Get(dX);
            for (int n = 0; n < layout.Pictures; n++)
            {
                var mask = new DropoutMask(Rate, Seed, Step, Layer, n);
                for (int c = 0; c < channels; c++)
                {
                    double slope = -(double)norm.Inverse[c] * norm.Inverse[c] * products[c];
                    float factor = (float)slope, constant = (float)(-(double)norm.Inverse[c] * means[c] - slope * norm.Mean[c]);
                    for (int p = 0; p < layout.Pixels; p++)
                    {
                        long at = FeatureKind.At(layout, n, c, p);
                        float kept = mask.Factor((p / layout.Width * channels + c) * layout.Width + p % layout.Width);
                        float expected = MathF.FusedMultiplyAdd(g[at], norm.Inverse[c], MathF.FusedMultiplyAdd(x[at], factor, constant)) * kept;
                        comparison.Near("gradient", StoredNumbers.Round(expected, kind.Type), actual[at], 0);
                    }
                }
            }
        }
    }

    static readonly double Double = Math.ScaleB(1, -40);

    static IEnumerable<long> Places(FeatureLayout layout, int channel)
    {
        for (int n = 0; n < layout.Pictures; n++)
            for (int p = 0; p < layout.Pixels; p++)
                yield return FeatureKind.At(layout, n, channel, p);
    }

    sealed record Norm(float[] Gamma, float[] Beta, float[] Mean, float[] Inverse)
    {
        public static Norm Create(int channels) => new(StoredNumbers.Even(channels, 4), StoredNumbers.Even(channels, 5), StoredNumbers.Even(channels, 6, 0.5f),
            [.. StoredNumbers.Even(channels, 7).Select(value => 1.5f + value)]);

        public BatchNorm Put(DeviceScene scene) => new(scene.Put(Gamma), scene.Put(Beta), scene.Put(Mean), scene.Put(Inverse));

        public float Apply(float value, int channel)
        {
            float scale = Gamma[channel] * Inverse[channel];
            return MathF.FusedMultiplyAdd(value, scale, MathF.FusedMultiplyAdd(-Mean[channel], scale, Beta[channel]));
        }
    }
}
