using JpegQualityEstimation.Cuda.Networks.DenseNet;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.DenseNet;

/// <summary>Grid phases of the last block: outputs and gradients exact on small numbers, losses the processor's to their rounding.</summary>
public sealed class DensePhaseKernelTests
{
    const int Features = DenseNet40Architecture.Features;
    const int Classes = GridPhaseHead.Classes;
    const int Places = GridPhaseHead.Places;

    [SkippableTheory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.BFloat16)]
    public void LossesAreTheProcessors(ComputePrecision precision)
    {
        TestDevice.Require();
        const double Factor = 0.75;
        byte[] phases = [8 * 3 + 5, 255, 63, 0];
        using var scene = new Scene(precision, phases.Length);
        // Sums of sixteenths are exact.
        float[] head = scene.Draw(DenseNet40DevicePhases.Parameters, 2, 1 / 16f);
        using DeviceBuffer<float> weights = scene.Upload(head), dOutputs = scene.Stream.Rent<float>(phases.Length * Places * Classes);
        using DeviceBuffer<byte> truth = scene.Upload(phases);
        using DeviceBuffer<double> losses = scene.Stream.Rent<double>(phases.Length), primary = scene.Upload([1.5, 0.25, 2.0]), values = scene.Stream.Rent<double>(5);
        using DeviceBuffer<int> found = scene.Stream.Rent<int>(phases.Length);

        float[] posterior = new float[64 * phases.Length];
        double[] expected = new double[phases.Length];
        float[][] expectedGradients = new float[phases.Length][];
        double largest = 0;
        uint[] rows = [.. Enumerable.Range(0, Places).Select(p => (uint)p / 16)], columns = [.. Enumerable.Range(0, Places).Select(p => (uint)p % 16)];
        for (int n = 0; n < phases.Length; n++)
        {
            float[] outputs = new float[Classes * Places];
            for (int p = 0; p < Places; p++)
                for (int k = 0; k < Classes; k++)
                {
                    float sum = head[Classes * Features + k];
                    for (int c = 0; c < Features; c++)
                        sum += head[k * Features + c] * scene.Activated(n, p, c);
                    outputs[k * Places + p] = sum;
                    largest = Math.Max(largest, Math.Abs(sum));
                }
            expected[n] = GridPhaseHead.Apply(outputs, phases[n], rows, columns, Factor, posterior.AsSpan(64 * n, 64));
            expectedGradients[n] = outputs;
        }
        int[] expectedFound = [.. phases.Select((phase, n) => phase > 63 ? -1 : Array.IndexOf(posterior, posterior.AsSpan(64 * n, 64).ToArray().Max(), 64 * n) - 64 * n == phase ? 1 : 0)];

        // With gradients and without them.
        foreach (ulong to in (ulong[])[dOutputs.Span.Address, 0])
        {
            scene.Training.PhaseLoss(scene.Canvas, scene.Norm, weights.Span.Address, truth.Span.Address, Factor, to, losses.Span.Address, found.Span.Address);
            scene.Training.PhaseValues(primary.Span.Address, losses.Span.Address, found.Span.Address, phases.Length, values.Span.Address);
            double[] actual = scene.Download(losses), all = scene.Download(values);
            // A logarithm of a sum of eight, below twice the largest output and log 8, rounded in eight additions and a few ulps of exp and log; then 512 of them are added.
            double bound = (2 * Places + 16) * Math.ScaleB(2 * largest + Math.Log(8), -53);
            for (int n = 0; n < phases.Length; n++)
                Assert.Equal(expected[n], actual[n], bound);
            Assert.Equal(0, actual[1]);
            Assert.Equal(expectedFound, scene.Download(found));
            Assert.Equal([1.5, 0.25, 2, expectedFound.Count(one => one == 1) / 3.0], [all[0], all[2], all[3], all[4]]);
            Assert.Equal(expected.Average(), all[1], bound);
        }
        float[] gradients = scene.Download(dOutputs);
        for (int n = 0; n < phases.Length; n++)
            for (int p = 0; p < Places; p++)
                for (int k = 0; k < Classes; k++)
                {
                    // Doubles that differ in their last bits may round to neighbouring floats.
                    float wanted = expectedGradients[n][k * Places + p];
                    Assert.Equal(wanted, gradients[(n * Places + p) * Classes + k], Math.ScaleB(Math.Abs(wanted), -23) + Math.ScaleB(Factor / (2 * Places), -48));
                }
    }

    // Of many windows a group takes more quarters than one, and not all as many.
    [SkippableTheory]
    [InlineData(ComputePrecision.Float32, 33)]
    [InlineData(ComputePrecision.BFloat16, 2)]
    public void GradientsEqualTheReference(ComputePrecision precision, int images)
    {
        TestDevice.Require();
        using var scene = new Scene(precision, images);
        float[] head = scene.Draw(DenseNet40DevicePhases.Parameters, 2, 1), slopes = scene.Draw(images * Places * Classes, 1, 1), averages = scene.Draw(images * Features, 3, Places);
        int parts = scene.Training.PhaseParts(images), count = images * Places * Features;
        using DeviceBuffer<float> weights = scene.Upload(head), dOutputs = scene.Upload(slopes), dFeatures = scene.Upload(averages);
        using DeviceBuffer<float> dHead = scene.Stream.Rent<float>(head.Length), gradients = scene.Stream.Rent<float>(count);
        using DeviceBuffer<float> partials = scene.Stream.Rent<float>((long)scene.Training.PhaseGroups(images) * head.Length), sums = scene.Stream.Rent<float>(2 * parts * Features);
        scene.Training.PhaseWeights(scene.Canvas, dOutputs.Span.Address, scene.Norm, partials.Span.Address, dHead.Span.Address);
        scene.Training.PhaseGradient(scene.Canvas, dFeatures.Span.Address, dOutputs.Span.Address, weights.Span.Address, scene.Norm, gradients.Span.Address, sums.Span.Address);

        float[] expectedHead = new float[head.Length], expected = new float[count];
        double[] d = new double[Features], product = new double[Features];
        for (int n = 0; n < images; n++)
            for (int p = 0; p < Places; p++)
            {
                ReadOnlySpan<float> slope = slopes.AsSpan((n * Places + p) * Classes, Classes);
                for (int k = 0; k < Classes; k++)
                    expectedHead[Classes * Features + k] += slope[k];
                for (int c = 0; c < Features; c++)
                {
                    float back = averages[n * Features + c] / Places, activated = scene.Activated(n, p, c);
                    for (int k = 0; k < Classes; k++)
                    {
                        expectedHead[k * Features + c] += slope[k] * activated;
                        back += slope[k] * head[k * Features + c];
                    }
                    back = activated > 0 ? back : 0;
                    expected[(n * Places + p) * Features + c] = back * scene.Gamma[c];
                    d[c] += back;
                    product[c] += back * (scene.Value(n, p, c) - scene.Mean[c]);
                }
            }
        Assert.Equal(expectedHead, scene.Download(dHead));
        Assert.Equal(expected, scene.Download(gradients));
        float[] partial = scene.Download(sums);
        for (int c = 0; c < Features; c++)
        {
            Assert.Equal(d[c], Enumerable.Range(0, parts).Sum(part => (double)partial[2 * part * Features + c]));
            Assert.Equal(product[c], Enumerable.Range(0, parts).Sum(part => (double)partial[(2 * part + 1) * Features + c]));
        }
    }

    // Last blocks of small whole numbers and a batch norm of such.
    sealed class Scene : IDisposable
    {
        readonly CudaRuntime runtime = CudaRuntime.Open(0);
        readonly Random random = new(4);
        readonly CanvasCase canvas;
        readonly DeviceBuffer<float> norm;
        readonly float[] scale, shift;

        public Scene(ComputePrecision precision, int images)
        {
            Stream = runtime.CreateStream();
            Training = new DenseNet40TrainingKernels(Stream, new DenseNet40Kernels(runtime, precision));
            canvas = new CanvasCase(Stream, precision, Features, 16, 16, images, 1);
            (scale, shift, Gamma, Mean) = (Draw(Features, 1, 1), Draw(Features, 1, 1), Draw(Features, 2, 1), Draw(Features, 2, 1));
            norm = Upload<float>([.. scale, .. shift, .. Gamma, .. Mean]);
        }

        public CudaStream Stream { get; }

        public DenseNet40TrainingKernels Training { get; }

        public DenseCanvas Canvas => canvas.Canvas;

        public NormAddresses Norm => new(Features, At(2), 0, At(3), 0, At(0), At(1));

        public float[] Gamma { get; }

        public float[] Mean { get; }

        public float Value(int image, int place, int c) => canvas.Values[(image * Places + place) * Features + c];

        public float Activated(int image, int place, int c) => Math.Max(0, Value(image, place, c) * scale[c] + shift[c]);

        public float[] Draw(int count, int most, float unit) => [.. Enumerable.Range(0, count).Select(_ => unit * random.Next(-most, most + 1))];

        public DeviceBuffer<T> Upload<T>(T[] values)
            where T : unmanaged
        {
            DeviceBuffer<T> buffer = Stream.Rent<T>(values.Length);
            Stream.Upload<T>(values, buffer);
            return buffer;
        }

        public T[] Download<T>(DeviceBuffer<T> buffer)
            where T : unmanaged
        {
            var values = new T[buffer.Span.Length];
            Stream.Download(buffer.Span, values);
            return values;
        }

        public void Dispose()
        {
            foreach (IDisposable part in (IDisposable[])[norm, canvas, Stream, runtime])
                part.Dispose();
        }

        ulong At(int vector) => norm.Span.Address + (ulong)(vector * Features * sizeof(float));
    }
}
