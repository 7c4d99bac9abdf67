using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu.DenseNet;

namespace JpegQualityEstimation.Tool.Conformance.Ops;

// Bias, pooling and dropout over feature maps: equal to their definitions, sums of whole numbers included; global averages
// within their terms.
static class FeatureCases
{
    const int Layer = 7;
    const ulong Seed = 99, Step = 12;
    const double Rate = 0.2;

    public static IEnumerable<OpCase> All(TrialScale scale)
    {
        (int n, int c, int h, int w) = scale.Pick((2, 24, 6, 10), (8, 168, 32, 32), (64, 168, 64, 64));
        string size = $"[{n},{c},{h},{w}]";
        foreach (FeatureKind kind in FeatureKind.All(scale))
        {
            FeatureLayout layout = kind.Layout(n, c, h, w);
            yield return new($"bias and ReLU, {kind.Name}", size, scene => Bias(scene, layout, kind));
            yield return new($"bias gradient, {kind.Name}", size, scene => BiasGradient(scene, layout, kind));
            yield return new($"dropout, {kind.Name}", size, scene => Dropout(scene, layout, kind));
            yield return new($"average pooling, dropout, {kind.Name}", size, scene => Pool(scene, layout, kind));
            yield return new($"average pooling gradient, {kind.Name}", size, scene => PoolGradient(scene, layout, kind));
            yield return new($"global average, {kind.Name}", size, scene => Average(scene, layout, kind));
        }
    }

    static OpTrial Bias(DeviceScene scene, FeatureLayout layout, FeatureKind kind)
    {
        float[] x = StoredNumbers.Whole(layout.Values, 1, 3), b = StoredNumbers.Whole(layout.Channels, 2, 3);
        FeatureSpan input = scene.Features(x, layout, kind.Type), output = scene.Features(layout, kind.Type);
        DeviceSpan<float> bias = scene.Put(b);
        return new(() => scene.Ops.Bias.Forward(input, bias, rectify: true, output), comparison =>
        {
            float[] actual = scene.Get(output);
            Each(layout, (n, c, p, at) => comparison.Near("values", Math.Max(0, x[at] + b[c]), actual[at], 0));
        })
        { Bytes = 2.0 * layout.Values * kind.Bytes };
    }

    static OpTrial BiasGradient(DeviceScene scene, FeatureLayout layout, FeatureKind kind)
    {
        float[] d = StoredNumbers.Whole(layout.Values, 3), open = StoredNumbers.Whole(layout.Values, 4);
        FeatureSpan dOut = scene.Features(d, layout, kind.Type), gate = scene.Features(open, layout, kind.Type), dX = scene.Features(layout, kind.Type);
        DeviceSpan<float> dBias = scene.Room<float>(layout.Channels);
        return new(() => scene.Ops.Bias.Gradient(dOut, gate, dX, dBias), comparison =>
        {
            float[] actual = scene.Get(dX), sums = scene.Get(dBias);
            double[] expected = new double[layout.Channels];
            Each(layout, (n, c, p, at) =>
            {
                float passed = open[at] > 0 ? d[at] : 0;
                expected[c] += passed;
                comparison.Near("gradient", passed, actual[at], 0);
            });
            for (int c = 0; c < expected.Length; c++)
                comparison.Near("gradient of the bias", expected[c], sums[c], 0);
        })
        { Bytes = 3.0 * layout.Values * kind.Bytes };
    }

    static OpTrial Dropout(DeviceScene scene, FeatureLayout layout, FeatureKind kind)
    {
        float[] x = StoredNumbers.Even(layout.Values, 1, 1, kind.Type);
        FeatureSpan features = scene.Features(x, layout, kind.Type);
        DropoutLayer dropout = Put(scene);
        return new(() => scene.Ops.Dropout.Apply(features, dropout), comparison =>
        {
            float[] actual = scene.Get(features);
            Each(layout, (n, c, p, at) => comparison.Near("values", StoredNumbers.Round(x[at] * Factor(layout, n, c, p), kind.Type), actual[at], 0));
        })
        { Bytes = 2.0 * layout.Values * kind.Bytes };
    }

    static OpTrial Pool(DeviceScene scene, FeatureLayout layout, FeatureKind kind)
    {
        float[] x = StoredNumbers.Even(layout.Values, 1, 1, kind.Type);
        FeatureLayout small = Half(layout, kind);
        FeatureSpan input = scene.Features(x, layout, kind.Type), output = scene.Features(small, kind.Type);
        DropoutLayer dropout = Put(scene);
        return new(() => scene.Ops.Pooling.Forward(input, output, dropout), comparison =>
        {
            float[] actual = scene.Get(output);
            Each(small, (n, c, p, at) =>
            {
                float mean = (One(0) + One(1) + (One(2) + One(3))) * 0.25f;
                comparison.Near("means", StoredNumbers.Round(mean, kind.Type), actual[at], 0);

                float One(int k)
                {
                    int pixel = Under(small, p, k);
                    return x[FeatureKind.At(layout, n, c, pixel)] * Factor(layout, n, c, pixel);
                }
            });
        })
        { Bytes = 1.25 * layout.Values * kind.Bytes };
    }

    static OpTrial PoolGradient(DeviceScene scene, FeatureLayout layout, FeatureKind kind)
    {
        FeatureLayout small = Half(layout, kind);
        float[] d = StoredNumbers.Even(small.Values, 2, 1, kind.Type);
        FeatureSpan dOut = scene.Features(d, small, kind.Type), dIn = scene.Features(layout, kind.Type);
        DropoutLayer dropout = Put(scene);
        return new(() => scene.Ops.Pooling.Gradient(dOut, dIn, dropout), comparison =>
        {
            float[] actual = scene.Get(dIn);
            Each(small, (n, c, p, at) =>
            {
                for (int k = 0; k < 4; k++)
                {
                    int pixel = Under(small, p, k);
                    float expected = StoredNumbers.Round(d[at] * 0.25f * Factor(layout, n, c, pixel), kind.Type);
                    comparison.Near("gradient", expected, actual[FeatureKind.At(layout, n, c, pixel)], 0);
                }
            });
        })
        { Bytes = 1.25 * layout.Values * kind.Bytes };
    }

    static OpTrial Average(DeviceScene scene, FeatureLayout layout, FeatureKind kind)
    {
        float[] x = StoredNumbers.Even(layout.Values, 1, 1, kind.Type), scale = StoredNumbers.Even(layout.Channels, 2), shift = StoredNumbers.Even(layout.Channels, 3);
        FeatureSpan input = scene.Features(x, layout, kind.Type);
        DeviceSpan<float> features = scene.Room<float>((long)layout.Pictures * layout.Channels);
        BatchNorm norm = BatchNorm.Folded(scene.Put(scale), scene.Put(shift));
        return new(() => scene.Ops.Pooling.Average(input, norm, features), comparison =>
        {
            float[] actual = scene.Get(features);
            double[] sums = new double[actual.Length];
            Each(layout, (n, c, p, at) => sums[n * layout.Channels + c] += Math.Max(0, MathF.FusedMultiplyAdd(x[at], scale[c], shift[c])));
            // Float sums of at most an eighth of the pixels a thread, of values up to 2, then doubles.
            double bound = (layout.Pixels / 8 + 6) * 2 * Math.ScaleB(1, -24);
            for (int i = 0; i < sums.Length; i++)
                comparison.Near("averages", sums[i] / layout.Pixels, actual[i], bound);
        })
        { Bytes = (double)layout.Values * kind.Bytes };
    }

    static DropoutLayer Put(DeviceScene scene) => new(scene.Put<ulong>([DropoutOps.StepKey(Seed, Step)]), Layer, Rate);

    static float Factor(in FeatureLayout layout, int picture, int channel, int pixel) =>
        new DropoutMask(Rate, Seed, Step, Layer, picture).Factor((pixel / layout.Width * layout.Channels + channel) * layout.Width + pixel % layout.Width);

    static FeatureLayout Half(in FeatureLayout layout, FeatureKind kind) => kind.Layout(layout.Pictures, layout.Channels, layout.Height / 2, layout.Width / 2);

    // The pixel of the large map at place k of the four under a pixel of the small one.
    static int Under(in FeatureLayout small, int pixel, int k) =>
        (2 * (pixel / small.Width) + k / 2) * 2 * small.Width + 2 * (pixel % small.Width) + k % 2;

    static void Each(FeatureLayout layout, Action<int, int, int, long> visit)
    {
        for (int n = 0; n < layout.Pictures; n++)
            for (int c = 0; c < layout.Channels; c++)
                for (int p = 0; p < layout.Pixels; p++)
                    visit(n, c, p, FeatureKind.At(layout, n, c, p));
    }
}
