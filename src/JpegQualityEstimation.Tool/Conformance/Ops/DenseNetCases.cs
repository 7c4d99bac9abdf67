using JpegQualityEstimation.Cuda.Networks.DenseNet;
using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Tool.Conformance.Ops;

// The kernels of DenseNet-40 on canvases of small whole numbers: sums are exact in every order, what is stored is rounded once.
static class DenseNetCases
{
    public static IEnumerable<OpCase> All(TrialScale scale)
    {
        (int n, int side, int channels) = scale.Pick((1, 18, 36), (2, 64, 156), (128, 64, 156));
        foreach (ComputePrecision precision in Enum.GetValues<ComputePrecision>())
        {
            yield return new($"DenseNet layer, {precision}", $"[{n},{side},{side},{channels}] -> 12", scene => Layer(scene, precision, n, side, channels));
            (int from, int to) = scale.Pick((24, 60), (168, 168), (168, 168));
            yield return new($"DenseNet transition, {precision}", $"[{n},{side},{side},{from}] -> {to}", scene => Transition(scene, precision, n, side, from, to));
        }
        int heads = scale.Pick(2, 64, 512);
        yield return new("DenseNet head", $"[{heads},16,16,456] -> 226", scene => Head(scene, scale == TrialScale.Quick ? 1 : heads, scale == TrialScale.Quick ? 4 : 16));
    }

    static OpTrial Layer(DeviceScene scene, ComputePrecision precision, int count, int side, int channels)
    {
        int pitch = (channels + 12 + 7) / 8 * 8;
        var kernels = new DenseNet40Kernels(scene.Runtime, precision);
        StorageType type = StorageTypes.Of(precision);
        // A tenth of the weights, so that halves keep the sums.
        float[] values = StoredNumbers.Sparse((long)count * side * side * pitch, 1), scale = StoredNumbers.Whole(pitch, 2), shift = StoredNumbers.Whole(pitch, 3);
        float[] weights = [.. StoredNumbers.Whole(12L * pitch * 9, 4).Select((weight, i) => i % 10 == 0 ? weight : 0)];
        DeviceValues canvas = scene.Put(values, type);
        DeviceSpan<float> numbers = scene.Put([.. weights, .. scale, .. shift]);
        DeviceSpan<int> table = scene.Put<int>([0, 12, pitch, 0, channels, 0]);
        DeviceSpan<byte> packed = scene.Room<byte>(kernels.LayerBytes(channels));
        kernels.PackLayers(scene.Stream, kernels.LayerUsesTensorCores(channels), numbers.Address, table.Address, 1, packed.Address);
        ulong scaleAt = numbers.Slice(weights.Length).Address, shiftAt = numbers.Slice(weights.Length + pitch).Address;
        DenseCanvas given = DenseCanvas.Of(canvas.Address, pitch, side, side, count);
        return new(() => kernels.Layer(scene.Stream, given, 0, channels, channels, false, packed.Address, scaleAt, shiftAt, DropoutKey.None), Compare)
        {
            Operations = 2.0 * 9 * 12 * channels * count * side * side, Bytes = (double)count * side * side * (channels + 12) * type.Bytes(),
            Precision = precision, TensorCores = kernels.LayerUsesTensorCores(channels),
        };

        void Compare(Comparison comparison)
        {
            float[] actual = scene.Get(canvas), activated = new float[values.Length], filter = new float[12 * 9 * channels];
            for (int i = 0; i < values.Length; i++)
                activated[i] = Math.Max(0, values[i] * scale[i % pitch] + shift[i % pitch]);
            for (int k = 0; k < 12; k++)
                for (int c = 0; c < channels; c++)
                    for (int tap = 0; tap < 9; tap++)
                        filter[(k * channels + c) * 9 + tap] = weights[(k * pitch + c) * 9 + tap];
            float[] seen = new float[count * side * side * channels];
            for (int pixel = 0; pixel < count * side * side; pixel++)
                activated.AsSpan(pixel * pitch, channels).CopyTo(seen.AsSpan(pixel * channels));
            Convolution3x3.Forward(seen, channels, filter, null, 12, count, side, side, 1, krsc: false,
                (at, sum) => comparison.Near("outputs", StoredNumbers.Round(sum, type), actual[at / 12 * pitch + channels + at % 12], 0));
            for (int i = 0; i < actual.Length; i++)
                if (i % pitch < channels || i % pitch >= channels + 12)
                    comparison.Near("channels beside them", values[i], actual[i], 0);
        }
    }

    static OpTrial Transition(DeviceScene scene, ComputePrecision precision, int count, int side, int channels, int outputs)
    {
        int pitch = (channels + 7) / 8 * 8, to = (outputs + 7) / 8 * 8, small = side / 2;
        var kernels = new DenseNet40Kernels(scene.Runtime, precision);
        StorageType type = StorageTypes.Of(precision);
        float[] values = StoredNumbers.Sparse((long)count * side * side * pitch, 1);
        // Means of four are exact where values are multiples of four.
        float[] scale = [.. StoredNumbers.Whole(channels, 2).Select(value => 4 * value)], shift = new float[channels];
        float[] weights = [.. StoredNumbers.Whole((long)channels * outputs, 3).Select((weight, i) => i % 7 == 0 ? weight : 0)];
        DeviceValues source = scene.Put(values, type), target = DeviceValues.Of(scene.Room<byte>((long)count * small * small * to * type.Bytes()), type);
        DeviceSpan<float> numbers = scene.Put([.. weights, .. scale, .. shift]);
        DeviceSpan<int> table = scene.Put<int>([0, outputs, channels, 0, channels, 0]);
        DeviceSpan<byte> packed = scene.Room<byte>(kernels.PointwiseBytes(channels, outputs)), means = scene.Room<byte>(4L * count * small * small * channels);
        kernels.PackMatrices(scene.Stream, kernels.UsesTensorCores, numbers.Address, table.Address, 1, packed.Address);
        ulong scaleAt = numbers.Slice(weights.Length).Address, shiftAt = numbers.Slice(weights.Length + channels).Address;
        DenseCanvas from = DenseCanvas.Of(source.Address, pitch, side, side, count), under = DenseCanvas.Of(target.Address, to, small, small, count);
        return new(Launch, Compare)
        {
            Operations = 2.0 * channels * outputs * count * small * small, Bytes = (double)type.Bytes() * count * small * small * (4 * channels + outputs),
            Precision = precision, TensorCores = kernels.UsesTensorCores,
        };

        void Launch()
        {
            kernels.Pool(scene.Stream, from, 0, channels, scaleAt, shiftAt, means.Address, under);
            kernels.Pointwise(scene.Stream, means.Address, channels, packed.Address, outputs, under);
        }

        void Compare(Comparison comparison)
        {
            float[] actual = scene.Get(target), mean = new float[channels];
            for (int pixel = 0; pixel < count * small * small; pixel++)
            {
                int n = pixel / (small * small), y = pixel / small % small, x = pixel % small;
                for (int c = 0; c < channels; c++)
                {
                    mean[c] = 0;
                    for (int k = 0; k < 4; k++)
                        mean[c] += Math.Max(0, values[((n * side + 2 * y + k / 2) * side + 2 * x + k % 2) * pitch + c] * scale[c] + shift[c]) / 4;
                }
                for (int o = 0; o < outputs; o++)
                {
                    float sum = 0;
                    for (int c = 0; c < channels; c++)
                        sum += mean[c] * weights[o * channels + c];
                    comparison.Near("outputs", StoredNumbers.Round(sum, type), actual[pixel * to + o], 0);
                }
            }
        }
    }

    static OpTrial Head(DeviceScene scene, int count, int side)
    {
        const int Features = 456, Outputs = 226;
        var kernels = new DenseNet40Kernels(scene.Runtime, ComputePrecision.Float32);
        float[] values = StoredNumbers.Sparse((long)count * side * side * Features, 1);
        // Means over a power of two of pixels are exact.
        float[] scale = [.. StoredNumbers.Whole(Features, 2).Select(value => value * side)], shift = new float[Features];
        float[] weights = StoredNumbers.Whole(Features * Outputs, 3), bias = StoredNumbers.Whole(Outputs, 4);
        DeviceSpan<float> canvas = scene.Put(values), numbers = scene.Put([.. scale, .. shift, .. weights, .. bias]);
        DeviceSpan<float> features = scene.Room<float>((long)count * Features), outputs = scene.Room<float>((long)count * Outputs);
        DenseCanvas given = DenseCanvas.Of(canvas.Address, Features, side, side, count);
        ulong shiftAt = numbers.Slice(Features).Address, weightsAt = numbers.Slice(2 * Features).Address, biasAt = numbers.Slice(2 * Features + weights.Length).Address;
        return new(() => kernels.Head(scene.Stream, given, numbers.Address, shiftAt, weightsAt, biasAt, Outputs, features.Address, outputs.Address), Compare)
        {
            Operations = 2.0 * count * Features * Outputs, Bytes = 4.0 * values.Length,
        };

        void Compare(Comparison comparison)
        {
            float[] actual = scene.Get(outputs);
            for (int n = 0; n < count; n++)
            {
                double[] mean = new double[Features];
                for (int i = 0; i < side * side * Features; i++)
                    mean[i % Features] += Math.Max(0, values[n * side * side * Features + i] * scale[i % Features]) / (side * side);
                for (int o = 0; o < Outputs; o++)
                {
                    double sum = bias[o];
                    for (int c = 0; c < Features; c++)
                        sum += mean[c] * weights[c * Outputs + o];
                    comparison.Near("outputs", sum, actual[n * Outputs + o], 0);
                }
            }
        }
    }
}
