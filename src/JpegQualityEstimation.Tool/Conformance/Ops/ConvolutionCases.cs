using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Tool.Conformance.Ops;

// Our own dilated 3x3 convolutions of the quality network on whole numbers that every storage keeps: equal to the definition.
static class ConvolutionCases
{
    const int Wide = 64;

    public static IEnumerable<OpCase> All(TrialScale scale)
    {
        (int n, int w, int h) = scale.Pick((1, 19, 17), (2, 57, 43), (16, 256, 256));
        foreach (ComputePrecision precision in Enum.GetValues<ComputePrecision>())
        {
            yield return new($"convolution 3 -> 64, {precision}", $"[{n},{h},{w},4]", scene => Forward(scene, precision, 3, n, w, h, 1));
            foreach (int dilation in scale == TrialScale.Timing ? [1, 4] : (int[])[2, 4])
                yield return new($"convolution 64 -> 64, dilation {dilation}, {precision}", $"[{n},{h},{w},64]", scene => Forward(scene, precision, Wide, n, w, h, dilation));
            yield return new($"convolution 64 -> 2, {precision}", $"[{n},{h},{w},64]", scene => Pair(scene, precision, n, w, h));
            yield return new($"convolution input gradient, {precision}", $"[{n},{h},{w},64]", scene => InputGradient(scene, precision, n, w, h, 3));
            // Nothing is trained in halves: their slopes are too small for them.
            if (precision == ComputePrecision.Float16)
                continue;
            yield return new($"convolution weight gradient, {precision}", $"[{n},{h},{w},64]", scene => WeightGradient(scene, precision, n, w, h, 2));
        }
    }

    static OpTrial Forward(DeviceScene scene, ComputePrecision precision, int channels, int count, int width, int height, int dilation)
    {
        var kernels = new Conv3x3Kernels(scene.Runtime, precision);
        int padded = channels == 3 ? 4 : Wide;
        long pixels = (long)count * width * height;
        float[] x = StoredNumbers.Sparse(pixels * padded, 1), w = StoredNumbers.Whole(Wide * channels * 9, 2), b = StoredNumbers.Whole(Wide, 3, 3);
        if (channels == 3)
            for (long i = 3; i < x.Length; i += 4)
                x[i] = 0;
        StorageType type = Type(kernels);
        DeviceValues input = scene.Put(x, type), filters = Lay(scene, kernels, type, w, Wide, channels, transposed: false), output = Room(scene, pixels * Wide, type);
        DeviceSpan<float> bias = scene.Put(b);
        ConvolutionPlanes planes = ConvolutionPlanes.Whole(count, width, height);
        return new(() => kernels.Forward(scene.Stream, padded, input.As<byte>(), filters.As<byte>(), bias, output.As<byte>(), default, planes, dilation), comparison =>
        {
            float[] actual = scene.Get(output);
            float[] padding = padded == channels ? w : Pad(w, channels);
            Convolution3x3.Forward(x, padded, padding, b, Wide, count, width, height, dilation, krsc: false,
                (at, sum) => comparison.Near("outputs", Math.Max(0, sum), actual[at], 0));
        })
        {
            Operations = 2.0 * pixels * Wide * channels * 9, Bytes = (double)pixels * (padded + Wide) * type.Bytes(),
            Precision = precision, TensorCores = kernels.UsesTensorCores,
        };
    }

    static OpTrial Pair(DeviceScene scene, ComputePrecision precision, int count, int width, int height)
    {
        var kernels = new Conv3x3Kernels(scene.Runtime, precision);
        long pixels = (long)count * width * height;
        float[] x = StoredNumbers.Sparse(pixels * Wide, 1), w = StoredNumbers.Whole(2 * Wide * 9, 2), b = [3, -5];
        StorageType type = Type(kernels);
        DeviceValues input = scene.Put(x, type), filters = Lay(scene, kernels, type, w, 2, Wide, transposed: false);
        DeviceSpan<float> bias = scene.Put(b), maps = scene.Room<float>(2 * pixels);
        ConvolutionPlanes planes = ConvolutionPlanes.Whole(count, width, height);
        return new(() => kernels.Pair(scene.Stream, input.As<byte>(), filters.As<byte>(), bias, maps, default, planes, 1, 1, pixels), comparison =>
        {
            float[] actual = scene.Get(maps);
            Convolution3x3.Forward(x, Wide, w, b, 2, count, width, height, 1, krsc: false,
                (at, sum) => comparison.Near("maps", sum, actual[at % 2 * pixels + at / 2], 0));
        })
        {
            Operations = 2.0 * pixels * 2 * Wide * 9, Bytes = (double)pixels * (Wide * type.Bytes() + 8),
            Precision = precision, TensorCores = kernels.UsesTensorCores,
        };
    }

    static OpTrial InputGradient(DeviceScene scene, ComputePrecision precision, int count, int width, int height, int dilation)
    {
        var kernels = new Conv3x3Kernels(scene.Runtime, precision);
        long pixels = (long)count * width * height;
        float[] d = StoredNumbers.Sparse(pixels * Wide, 1), w = StoredNumbers.Whole(Wide * Wide * 9, 2), open = StoredNumbers.Whole(pixels * Wide, 3);
        StorageType type = Type(kernels);
        DeviceValues dOut = scene.Put(d, type), filters = Lay(scene, kernels, type, w, Wide, Wide, transposed: true), gate = scene.Put(open, type), dIn = Room(scene, pixels * Wide, type);
        ConvolutionPlanes planes = ConvolutionPlanes.Whole(count, width, height);
        return new(() => kernels.InputGradient(scene.Stream, Wide, dOut.As<byte>(), filters.As<byte>(), gate.As<byte>(), dIn.As<byte>(), planes, dilation), comparison =>
        {
            float[] actual = scene.Get(dIn), krsc = new float[w.Length];
            for (int k = 0; k < Wide; k++)
                for (int c = 0; c < Wide; c++)
                    for (int tap = 0; tap < 9; tap++)
                        krsc[(k * 9 + tap) * Wide + c] = w[(k * Wide + c) * 9 + tap];
            Convolution3x3.Forward(d, Wide, Convolution3x3.Turn(krsc), null, Wide, count, width, height, dilation, krsc: true,
                (at, sum) => comparison.Near("gradient", open[at] > 0 ? sum : 0, actual[at], 0));
        })
        {
            Operations = 2.0 * pixels * Wide * Wide * 9, Bytes = (double)pixels * 3 * Wide * type.Bytes(),
            Precision = precision, TensorCores = kernels.UsesTensorCores,
        };
    }

    static OpTrial WeightGradient(DeviceScene scene, ComputePrecision precision, int count, int width, int height, int dilation)
    {
        var kernels = new Conv3x3Kernels(scene.Runtime, precision);
        long pixels = (long)count * width * height;
        const int Length = 9 * Wide * Wide;
        float[] x = StoredNumbers.Sparse(pixels * Wide, 1), d = StoredNumbers.Whole(pixels * Wide, 2);
        StorageType type = Type(kernels);
        DeviceValues input = scene.Put(x, type), dOut = scene.Put(d, type);
        ConvolutionPlanes planes = ConvolutionPlanes.Whole(count, width, height);
        GradientChunks chunks = GradientChunks.Of(planes.Pixels, Length);
        DeviceSpan<float> parts = scene.Room<float>(chunks.Count * chunks.Stride), gradient = scene.Room<float>(Length);
        DeviceSpan<int> places = scene.Put<int>([.. Enumerable.Range(0, Length)]);
        return new(Launch, Compare)
        {
            Operations = 2.0 * pixels * Length, Bytes = (double)pixels * 2 * Wide * type.Bytes(), Precision = precision,
        };

        void Launch()
        {
            kernels.WeightGradient(scene.Stream, Wide, input.As<byte>(), dOut.As<byte>(), parts, planes, dilation, chunks);
            Conv3x3Kernels.Sum(scene.Stream, parts, places, gradient, chunks);
        }

        void Compare(Comparison comparison)
        {
            float[] actual = scene.Get(gradient), expected = Convolution3x3.WeightGradient(x, d, count, width, height, dilation);
            for (int k = 0; k < Wide; k++)
                for (int at = 0; at < 9 * Wide; at++)
                    comparison.Near("gradient", expected[k * 9 * Wide + at], actual[at * Wide + k], 0);
        }
    }

    static StorageType Type(Conv3x3Kernels kernels) => kernels.Storage.Suffix switch
    {
        "f16" => StorageType.Float16,
        "bf16" => StorageType.BFloat16,
        _ => StorageType.Float32,
    };

    static DeviceValues Room(DeviceScene scene, long count, StorageType type) => DeviceValues.Of(scene.Room<byte>(count * type.Bytes()), type);

    // Filters [k,c,3,3] as the kernels read them.
    static DeviceValues Lay(DeviceScene scene, Conv3x3Kernels kernels, StorageType type, float[] weights, int outputs, int inputs, bool transposed)
    {
        var bank = new Conv3x3Layout.Bank(0, outputs, inputs, transposed);
        int[] places = kernels.UsesTensorCores ? Conv3x3Layout.Tensor(bank, kernels.Storage.Bytes) : Conv3x3Layout.Simple(bank);
        return scene.Put([.. places.Select(place => place < 0 ? 0 : weights[place])], type);
    }

    // [64,3,3,3] with a fourth channel of zeros.
    static float[] Pad(float[] weights, int channels)
    {
        float[] padded = new float[Wide * 4 * 9];
        for (int k = 0; k < Wide; k++)
            weights.AsSpan(k * channels * 9, channels * 9).CopyTo(padded.AsSpan(k * 4 * 9));
        return padded;
    }
}
