using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Tool.Conformance.Ops;

// cuDNN's convolutions as the plans call them, with the strides of a concatenation buffer: whole numbers whose sums every
// storage keeps, so that every order of terms is exact.
static class CudnnCases
{
    public static IEnumerable<OpCase> All(TrialScale scale)
    {
        (int n, int h, int w) = scale.Pick((1, 9, 11), (2, 40, 56), (16, 256, 256));
        string size = $"[{n},{h},{w},64] -> 64";
        foreach (ComputePrecision precision in Enum.GetValues<ComputePrecision>())
            foreach (int dilation in scale == TrialScale.Timing ? [1, 4] : (int[])[1, 3])
            {
                var geometry = new ConvolutionGeometry(n, h, w, 64, 64) { Dilation = dilation, Precision = precision, InputPitch = 64, OutputPitch = 64 };
                string name = $"dilation {dilation}, {precision}";
                yield return new($"cuDNN convolution, bias, ReLU, {name}", size, scene => Forward(scene, geometry));
                if (dilation != 1)
                    continue;
                yield return new($"cuDNN input gradient, {name}", size, scene => InputGradient(scene, geometry));
                yield return new($"cuDNN weight gradient, {name}", size, scene => WeightGradient(scene, geometry));
            }
    }

    static OpTrial Forward(DeviceScene scene, ConvolutionGeometry g)
    {
        ConvolutionPlan plan = Plan(scene, g, ConvolutionPass.Forward);
        StorageType type = StorageTypes.Of(g.Precision);
        float[] x = StoredNumbers.Sparse(Pixels(g) * 64, 1), w = StoredNumbers.Whole(g.FilterLength, 2), b = StoredNumbers.Whole(64, 3, 3);
        DeviceValues input = scene.Put(x, type), filter = scene.Put(w, type), bias = scene.Put(b, type), output = Room(scene, Pixels(g) * 64, type);
        return Trial(g, Calls.Of(type, () => plan.ForwardBiasRelu(input.As<float>(), filter.As<float>(), bias.As<float>(), output.As<float>()),
            () => plan.ForwardBiasRelu(input.As<Half>(), filter.As<Half>(), bias.As<Half>(), output.As<Half>()),
            () => plan.ForwardBiasRelu(input.As<BFloat16>(), filter.As<BFloat16>(), bias.As<BFloat16>(), output.As<BFloat16>())), comparison =>
        {
            float[] actual = scene.Get(output);
            Convolution3x3.Forward(x, 64, w, b, 64, g.Count, g.Width, g.Height, g.Dilation, krsc: true,
                (at, sum) => comparison.Near("outputs", Math.Max(0, sum), actual[at], 0));
        });
    }

    static OpTrial InputGradient(DeviceScene scene, ConvolutionGeometry g)
    {
        ConvolutionPlan plan = Plan(scene, g, ConvolutionPass.InputGradient);
        StorageType type = StorageTypes.Of(g.Precision);
        float[] dy = StoredNumbers.Sparse(Pixels(g) * 64, 1), w = StoredNumbers.Whole(g.FilterLength, 2);
        DeviceValues given = scene.Put(dy, type), filter = scene.Put(w, type), dx = Room(scene, Pixels(g) * 64, type);
        return Trial(g, Calls.Of(type, () => plan.InputGradient(given.As<float>(), filter.As<float>(), dx.As<float>()),
            () => plan.InputGradient(given.As<Half>(), filter.As<Half>(), dx.As<Half>()),
            () => plan.InputGradient(given.As<BFloat16>(), filter.As<BFloat16>(), dx.As<BFloat16>())), comparison =>
        {
            float[] actual = scene.Get(dx);
            Convolution3x3.Forward(dy, 64, Convolution3x3.Turn(w), null, 64, g.Count, g.Width, g.Height, g.Dilation, krsc: true,
                (at, sum) => comparison.Near("gradient", sum, actual[at], 0));
        });
    }

    static OpTrial WeightGradient(DeviceScene scene, ConvolutionGeometry g)
    {
        ConvolutionPlan plan = Plan(scene, g, ConvolutionPass.WeightGradient);
        StorageType type = StorageTypes.Of(g.Precision);
        float[] x = Thin(Pixels(g) * 64, 1), dy = Thin(Pixels(g) * 64, 2);
        DeviceValues input = scene.Put(x, type), given = scene.Put(dy, type), dw = Room(scene, g.FilterLength, type);
        return Trial(g, Calls.Of(type, () => plan.WeightGradient(input.As<float>(), given.As<float>(), dw.As<float>()),
            () => plan.WeightGradient(input.As<Half>(), given.As<Half>(), dw.As<Half>()),
            () => plan.WeightGradient(input.As<BFloat16>(), given.As<BFloat16>(), dw.As<BFloat16>())), comparison =>
        {
            float[] actual = scene.Get(dw);
            float[] expected = Convolution3x3.WeightGradient(x, dy, g.Count, g.Width, g.Height, g.Dilation);
            for (int i = 0; i < expected.Length; i++)
                comparison.Near("gradient", StoredNumbers.Round(expected[i], type), actual[i], 0);
        });
    }

    static OpTrial Trial(in ConvolutionGeometry g, Action launch, Action<Comparison> compare) => new(launch, compare)
    {
        Operations = 2.0 * Pixels(g) * g.FilterLength, Bytes = (double)g.ElementBytes * (Pixels(g) * 128 + g.FilterLength),
        Precision = g.Precision, TensorCores = g.Precision != ComputePrecision.Float32,
    };

    static ConvolutionPlan Plan(DeviceScene scene, in ConvolutionGeometry geometry, ConvolutionPass pass)
    {
        ConvolutionPlan plan = scene.Cudnn.Convolution(geometry);
        return plan.Supports(pass) ? plan : throw new NotSupportedException($"cuDNN has no deterministic algorithm for the pass {pass}; our own kernel serves");
    }

    static DeviceValues Room(DeviceScene scene, long count, StorageType type) => DeviceValues.Of(scene.Room<byte>(count * type.Bytes()), type);

    static long Pixels(in ConvolutionGeometry g) => (long)g.Count * g.Height * g.Width;

    // One value in 64 is not zero, so that sums over all pixels stay whole numbers that halves keep.
    static float[] Thin(long count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        foreach (ref float value in values.AsSpan())
            value = random.Next(64) == 0 ? random.Next(-1, 2) : 0;
        return values;
    }
}

/// <summary>One of three calls, by storage.</summary>
static class Calls
{
    public static Action Of(StorageType type, Action single, Action half, Action bfloat) => type switch
    {
        StorageType.Float16 => half,
        StorageType.BFloat16 => bfloat,
        _ => single,
    };

    public static DeviceSpan<T> As<T>(this in DeviceValues values)
        where T : unmanaged => new(values.Address, values.Length);
}
