using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

// Batch norm and ReLU as DenseNet40Gradient computes them: what is elementwise has the same bits; sums over n, y, x are
// floats of at most 32 terms a thread, then doubles.
public sealed class BatchNormOpsTests
{
    const double Epsilon = DenseNet40Gradient.Epsilon;
    const double Momentum = DenseNet40Gradient.Momentum;
    const int Terms = 32;
    const ulong Seed = 5;
    const ulong Step = 77;
    const int Layer = 17;

    static readonly double Unit = Math.ScaleB(1, -24);

    public static TheoryData<int, int, int, int, bool> Shapes() => new()
    {
        { 1, 1, 1, 2, false }, { 2, 3, 5, 7, false }, { 3, 12, 16, 16, false }, { 2, 40, 8, 8, false },
        { 1, 1, 1, 2, true }, { 2, 3, 5, 7, true }, { 3, 12, 16, 16, true }, { 1, 2, 48, 50, true },
    };

    [SkippableTheory]
    [MemberData(nameof(Shapes))]
    public void StatisticsAreWithinTheirTerms(int pictures, int channels, int height, int width, bool planar)
    {
        using var scene = new OpsScene();
        DeviceSpan<ulong> key = scene.Put<ulong>([DropoutOps.StepKey(Seed, Step)]);
        var shape = new FeatureShape(pictures, channels, height, width, planar);
        float[] x = OpsScene.Random(shape.Values, 1), before = OpsScene.Random(2 * channels, 2);
        for (int i = 0; i < x.Length; i++)
            x[i] += i / shape.Pixels % channels;
        foreach (StorageType type in Enum.GetValues<StorageType>())
            foreach (double rate in (double[])[0, 0.2])
            {
                FeatureSpan features = scene.Features(x, shape, type, before: 8, behind: 4);
                DeviceSpan<float> mean = scene.Room<float>(channels), inverse = scene.Room<float>(channels), running = scene.Put(before);
                var to = new BatchStatistics(mean, inverse, running.Slice(0, channels), running.Slice(channels));
                scene.Ops.BatchNorm.Statistics(features, to, Epsilon, Momentum, new DropoutLayer(key, Layer, rate));
                float[] values = scene.Get(features), means = scene.Get(mean), inverses = scene.Get(inverse), moved = scene.Get(running);
                int total = pictures * shape.Pixels;
                for (int c = 0; c < channels; c++)
                {
                    double sum = 0, squares = 0, largest = 0;
                    for (int i = 0; i < total; i++)
                    {
                        int n = i / shape.Pixels, p = i % shape.Pixels, at = shape.At(n, c, p);
                        float factor = rate == 0 ? 1 : new DropoutMask(rate, Seed, Step, Layer, n).Factor((p / width * channels + c) * width + p % width);
                        Assert.Equal(OpsScene.Stored(OpsScene.Stored(x[at], type) * factor, type), values[at]);
                        sum += values[at];
                        largest = Math.Max(largest, Math.Abs(values[at]));
                    }
                    double middle = sum / total;
                    for (int i = 0; i < total; i++)
                        squares += Math.Pow(values[shape.At(i / shape.Pixels, c, i % shape.Pixels)] - middle, 2);
                    double deviation = 1 / Math.Sqrt(squares / total + Epsilon);
                    Assert.Equal(middle, means[c], (Terms + 2) * Unit * largest);
                    Assert.Equal(deviation, inverses[c], (Terms + 4) * Unit * deviation);
                    Assert.Equal(before[c] + Momentum * (middle - before[c]), moved[c], (Terms + 4) * Unit * (largest + 1));
                    double unbiased = squares / (total - 1);
                    Assert.Equal(before[channels + c] + Momentum * (unbiased - before[channels + c]), moved[channels + c], (Terms + 6) * Unit * (unbiased + 1));
                }
            }
    }

    // Runs of values that differ in their means, far from zero: squares are moved from each run's centre, itself rounded.
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void DeviationsFarFromZeroAreNotLost(bool planar)
    {
        using var scene = new OpsScene();
        var shape = new FeatureShape(4, 2, 48, 48, planar);
        float[] x = OpsScene.Random(shape.Values, 31, 0.01f);
        for (int i = 0; i < x.Length; i++)
            x[i] += 1000 + i / (2 * shape.Pixels) % 4 * 0.02f;
        DeviceSpan<float> mean = scene.Room<float>(2), inverse = scene.Room<float>(2);
        scene.Ops.BatchNorm.Statistics(scene.Features(x, shape, StorageType.Float32), new BatchStatistics(mean, inverse, default, default), Epsilon, Momentum);
        float[] means = scene.Get(mean), inverses = scene.Get(inverse);
        int total = 4 * shape.Pixels;
        for (int c = 0; c < 2; c++)
        {
            double[] own = [.. Enumerable.Range(0, total).Select(i => (double)x[shape.At(i / shape.Pixels, c, i % shape.Pixels)])];
            double middle = own.Average(), deviation = 1 / Math.Sqrt(own.Sum(value => (value - middle) * (value - middle)) / total + Epsilon);
            Assert.Equal(middle, means[c], (Terms + 2) * Unit * 1001);
            Assert.Equal(deviation, inverses[c], (Terms + 4) * Unit * deviation);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Shapes))]
    public void ElementsHaveTheProcessorsBitsAndSumsAreWithinTheirTerms(int pictures, int channels, int height, int width, bool planar)
    {
        using var scene = new OpsScene();
        DeviceSpan<ulong> key = scene.Put<ulong>([DropoutOps.StepKey(Seed, Step)]);
        var shape = new FeatureShape(pictures, channels, height, width, planar);
        float[] x = OpsScene.Random(shape.Values, 1), dOut = OpsScene.Random(shape.Values, 2), g = OpsScene.Random(shape.Values, 3);
        float[] gamma = OpsScene.Random(channels, 4), beta = OpsScene.Random(channels, 5), mean = OpsScene.Random(channels, 6, 0.5f);
        float[] inverse = [.. OpsScene.Random(channels, 7).Select(value => 1.5f + value)], average = OpsScene.Random(pictures * channels, 8);
        double[] sums = [.. OpsScene.Random(2 * channels, 9).Select(value => (double)value)];
        var norm = new BatchNorm(scene.Put(gamma), scene.Put(beta), scene.Put(mean), scene.Put(inverse));
        foreach (StorageType type in Enum.GetValues<StorageType>())
            foreach (bool add in (bool[])[false, true])
                foreach (bool global in (bool[])[false, true])
                {
                    FeatureSpan input = scene.Features(x, shape, type, behind: 4), activated = scene.Features(shape, type), into = scene.Features(g, shape, StorageType.Float32, before: 4);
                    DeviceSpan<float> dGamma = scene.Room<float>(channels), dBeta = scene.Room<float>(channels);
                    DeviceSpan<double> readers = scene.Put<double>(sums);
                    var reader = new ReaderSums(readers.Slice(0, channels), readers.Slice(channels));
                    scene.Ops.BatchNorm.Activate(input, norm, activated);
                    if (global)
                        scene.Ops.BatchNorm.AverageGradient(scene.Put(average), input, norm, into, dGamma, dBeta, reader, add);
                    else
                        scene.Ops.BatchNorm.Gradient(scene.Features(dOut, shape, type, before: 1, behind: 2), input, norm, into, dGamma, dBeta, reader, add);
                    float[] gradients = scene.Get(into), active = scene.Get(activated), gammas = scene.Get(dGamma), betas = scene.Get(dBeta);
                    double[] added = scene.Get(readers);
                    FeatureSpan dX = scene.Features(shape, type, before: 8);
                    scene.Ops.BatchNorm.InputGradient(into, input, norm.Mean, norm.InverseDeviation, reader, dX, new DropoutLayer(key, Layer, 0.2));
                    float[] passed = scene.Get(dX);
                    int total = pictures * shape.Pixels;
                    for (int c = 0; c < channels; c++)
                    {
                        float a = gamma[c] * inverse[c], b = MathF.FusedMultiplyAdd(-mean[c], a, beta[c]);
                        double slope = -(double)inverse[c] * inverse[c] * added[channels + c];
                        float factor = (float)slope, constant = (float)(-(double)inverse[c] * added[c] - slope * mean[c]);
                        double sum = 0, product = 0, size = 0, productSize = 0;
                        for (int i = 0; i < total; i++)
                        {
                            int n = i / shape.Pixels, p = i % shape.Pixels, at = shape.At(n, c, p);
                            float value = OpsScene.Stored(x[at], type), y = MathF.FusedMultiplyAdd(value, a, b);
                            Assert.Equal(OpsScene.Stored(Math.Max(0, y), type), active[at]);
                            float d = global ? average[n * channels + c] / shape.Pixels : OpsScene.Stored(dOut[at], type);
                            d = y > 0 ? d : 0;
                            Assert.Equal(add ? MathF.FusedMultiplyAdd(d, gamma[c], g[at]) : d * gamma[c], gradients[at]);
                            sum += d;
                            product += (double)d * (value - mean[c]);
                            size += Math.Abs(d);
                            productSize += Math.Abs(d * (value - mean[c]));
                            float kept = new DropoutMask(0.2, Seed, Step, Layer, n).Factor((p / width * channels + c) * width + p % width);
                            float expected = MathF.FusedMultiplyAdd(gradients[at], inverse[c], MathF.FusedMultiplyAdd(value, factor, constant)) * kept;
                            Assert.Equal(OpsScene.Stored(expected, type), passed[at]);
                        }
                        (double sumError, double productError) = ((Terms + 1) * Unit * size, (Terms + 3) * Unit * productSize * inverse[c]);
                        Assert.Equal(sum, betas[c], sumError);
                        Assert.Equal(product * inverse[c], gammas[c], productError);
                        Assert.Equal((add ? sums[c] : 0) + gamma[c] * sum / total, added[c], sumError + 1e-12);
                        Assert.Equal((add ? sums[channels + c] : 0) + gamma[c] * product * inverse[c] / total, added[channels + c], productError + 1e-12);
                    }
                }
    }

    // Whole numbers, no statistics to round: sums are exact in every order, so layouts and storages agree.
    [SkippableFact]
    public void SumsOfWholeNumbersAreExact()
    {
        using var scene = new OpsScene();
        foreach (bool planar in (bool[])[false, true])
            foreach (StorageType type in Enum.GetValues<StorageType>())
            {
                var shape = new FeatureShape(2, 12, 48, 48, planar);
                float[] x = OpsScene.Integers(shape.Values, 1), d = OpsScene.Integers(shape.Values, 2);
                float[] ones = [.. Enumerable.Repeat(1f, 12)];
                DeviceSpan<float> dGamma = scene.Room<float>(12), dBeta = scene.Room<float>(12);
                var norm = new BatchNorm(scene.Put(ones), scene.Put(new float[12]), scene.Put(new float[12]), scene.Put(ones));
                var reader = new ReaderSums(scene.Room<double>(12), scene.Room<double>(12));
                scene.Ops.BatchNorm.Gradient(scene.Features(d, shape, type), scene.Features(x, shape, type), norm, scene.Features(shape, StorageType.Float32), dGamma, dBeta, reader, add: false);
                float[] gammas = scene.Get(dGamma), betas = scene.Get(dBeta);
                for (int c = 0; c < 12; c++)
                {
                    float sum = 0, product = 0;
                    for (int i = 0; i < 2 * shape.Pixels; i++)
                    {
                        int at = shape.At(i / shape.Pixels, c, i % shape.Pixels);
                        sum += x[at] > 0 ? d[at] : 0;
                        product += x[at] > 0 ? d[at] * x[at] : 0;
                    }
                    Assert.Equal(sum, betas[c]);
                    Assert.Equal(product, gammas[c]);
                }
            }
    }

    // Two readers of the same channels: dX against slopes of the loss sum_r sum w_r max(0, gamma_r xhat + beta_r), in double.
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheGradientIsTheSlopeOfTheLoss(bool planar)
    {
        using var scene = new OpsScene();
        var shape = new FeatureShape(2, 4, 3, 4, planar);
        const int Channels = 4;
        float[] x = OpsScene.Random(shape.Values, 21);
        float[][] gamma = [OpsScene.Random(Channels, 22), OpsScene.Random(Channels, 23)], beta = [OpsScene.Random(Channels, 24, 0.3f), OpsScene.Random(Channels, 25, 0.3f)],
            w = [OpsScene.Random(shape.Values, 26), OpsScene.Random(shape.Values, 27)];
        FeatureSpan input = scene.Features(x, shape, StorageType.Float32), g = scene.Features(shape, StorageType.Float32), dX = scene.Features(shape, StorageType.Float32);
        DeviceSpan<float> mean = scene.Room<float>(Channels), inverse = scene.Room<float>(Channels), dGamma = scene.Room<float>(2 * Channels), dBeta = scene.Room<float>(2 * Channels);
        var reader = new ReaderSums(scene.Room<double>(Channels), scene.Room<double>(Channels));
        scene.Ops.BatchNorm.Statistics(input, new BatchStatistics(mean, inverse, default, default), Epsilon, Momentum);
        for (int r = 1; r >= 0; r--)
            scene.Ops.BatchNorm.Gradient(scene.Features(w[r], shape, StorageType.Float32), input, new BatchNorm(scene.Put(gamma[r]), scene.Put(beta[r]), mean, inverse),
                g, dGamma.Slice(r * Channels, Channels), dBeta.Slice(r * Channels, Channels), reader, add: r == 0);
        scene.Ops.BatchNorm.InputGradient(g, input, mean, inverse, reader, dX);
        float[] gradient = scene.Get(dX), gammas = scene.Get(dGamma), betas = scene.Get(dBeta);

        const double Apart = 1e-6;
        double[] at = [.. x.Select(value => (double)value)];
        double[][] gammaAt = [.. gamma.Select(row => row.Select(value => (double)value).ToArray())], betaAt = [.. beta.Select(row => row.Select(value => (double)value).ToArray())];
        // Slopes in double are good to the square of the step and to rounding over it; the floats to some dozens of units.
        const double Tolerance = 2e-5;
        for (int i = 0; i < x.Length; i++)
            Assert.Equal(Slope(at, i), gradient[i], Tolerance);
        for (int r = 0; r < 2; r++)
            for (int c = 0; c < Channels; c++)
            {
                Assert.Equal(Slope(gammaAt[r], c), gammas[r * Channels + c], Tolerance);
                Assert.Equal(Slope(betaAt[r], c), betas[r * Channels + c], Tolerance);
            }

        double Slope(double[] values, int i)
        {
            double kept = values[i];
            values[i] = kept + Apart;
            double above = Loss();
            values[i] = kept - Apart;
            double below = Loss();
            values[i] = kept;
            return (above - below) / (2 * Apart);
        }

        double Loss()
        {
            double loss = 0;
            int total = shape.Pictures * shape.Pixels;
            for (int c = 0; c < Channels; c++)
            {
                double middle = 0, squares = 0;
                for (int i = 0; i < total; i++)
                    middle += at[shape.At(i / shape.Pixels, c, i % shape.Pixels)] / total;
                for (int i = 0; i < total; i++)
                    squares += Math.Pow(at[shape.At(i / shape.Pixels, c, i % shape.Pixels)] - middle, 2) / total;
                for (int i = 0; i < total; i++)
                    for (int r = 0; r < 2; r++)
                    {
                        int place = shape.At(i / shape.Pixels, c, i % shape.Pixels);
                        double y = gammaAt[r][c] * (at[place] - middle) / Math.Sqrt(squares + Epsilon) + betaAt[r][c];
                        loss += w[r][place] * Math.Max(0, y);
                    }
            }
            return loss;
        }
    }

    [SkippableFact]
    public void MismatchedSizesAreRefused()
    {
        using var scene = new OpsScene();
        FeatureSpan x = scene.Features(new FeatureShape(1, 4, 2, 2, false), StorageType.Float32), other = scene.Features(new FeatureShape(1, 4, 2, 3, false), StorageType.Float32),
            half = scene.Features(new FeatureShape(1, 4, 2, 2, false), StorageType.Float16);
        DeviceSpan<float> four = scene.Put(new float[4]), three = four.Slice(0, 3);
        Assert.Throws<ArgumentException>(() => scene.Ops.BatchNorm.Activate(x, BatchNorm.Folded(four, four), other));
        Assert.Throws<ArgumentException>(() => scene.Ops.BatchNorm.Activate(x, BatchNorm.Folded(four, four), half));
        Assert.Throws<ArgumentException>(() => scene.Ops.BatchNorm.Activate(x, BatchNorm.Folded(three, four), x));
        Assert.Throws<ArgumentException>(() => scene.Ops.BatchNorm.Statistics(x, new BatchStatistics(three, four, default, default), Epsilon, Momentum));
    }
}
