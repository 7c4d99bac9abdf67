using JpegQualityEstimation.Cuda.Networks.PhaseHistogram;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Cuda.Tests.Jpeg;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Networks;

/// <summary>A training step of the phase-histogram network on the device against the processor's.</summary>
public sealed class CudaPhaseHistogramTrainingTests
{
    static readonly PhaseHistogramOptions Universal = new()
    {
        Coefficients = 17, Bins = 12, BinWidth = 1, Periods = 9, Hidden = 16, PhaseWidth = 32, PooledWidth = 16, Heads = 3, CoefficientWidth = 16, Trunk = 48,
        SecondTable = true,
    };

    const double PhaseWeight = 0.3;

    [SkippableTheory]
    [InlineData(true, 12)]
    [InlineData(true, 3)]
    [InlineData(false, 8)]
    public void GradientsAreTheProcessorsToRoundings(bool secondTable, int count)
    {
        TestDevice.Require();
        PhaseHistogramOptions options = secondTable ? Universal : Universal with { SecondTable = false, Coefficients = 15, Heads = 1, Periods = 0 };
        using CudaPhaseHistogramTraining training = Open(options, count);
        float[] parameters = PhaseHistogramNetwork.CreateInitialized(5, options).Parameters, zeros = new float[parameters.Length];
        training.Upload(parameters, zeros, zeros, parameters);
        DeviceBatch batch = Batch(count);
        training.Differentiate(batch);
        float[] actual = new float[parameters.Length], expected = new float[parameters.Length];
        double[] values = new double[CudaPhaseHistogramTraining.ValueCount];
        training.DownloadGradient(actual);
        training.DownloadValues(values);
        float[] logits = new float[count * PrimaryBlocks.Outputs], posterior = new float[64 * count];
        PhaseHistogramLoss loss = new PhaseHistogramGradient(options, 1).Run(
            parameters, batch.Pixels.Span, batch.Steps.Span, batch.Second.Span, batch.Phases.Span, PrimaryLoss.Combined(0.8), (float)PhaseWeight,
            expected, logits, posterior);

        (double accuracy, double squaredError) = PrimaryScores.Of(logits, batch.Steps.Span);
        Assert.Equal(loss.Block, values[0], loss.Block * 1e-6);
        Assert.Equal(loss.Attention, values[1], loss.Attention * 1e-6);
        Assert.Equal([accuracy, squaredError, PrimaryScores.PhaseFound(posterior, batch.Phases.Span)], values[2..]);
        foreach (PhaseHistogramTensor tensor in new PhaseHistogramArchitecture(options).Tensors)
        {
            // A sum of up to 64 n products of factors that are sums themselves, each rounded in another order: of random
            // roundings their root, of sizes up to the largest gradient.
            ReadOnlySpan<float> e = expected.AsSpan(tensor.Offset, tensor.Length), a = actual.AsSpan(tensor.Offset, tensor.Length);
            float most = 0, apart = 0;
            for (int i = 0; i < e.Length; i++)
            {
                most = Math.Max(most, Math.Abs(e[i]));
                apart = Math.Max(apart, Math.Abs(e[i] - a[i]));
            }
            double bound = Math.Pow(2, -23) * Math.Sqrt(64 * count + options.Coefficients * options.Hidden) * most;
            Assert.True(apart <= bound, $"{tensor.Name}: {apart} apart, largest {most}, bound {bound}");
        }
    }

    [SkippableFact]
    public void StepsRepeatAndFollowTheProcessors()
    {
        TestDevice.Require();
        const int Count = 8;
        var step = new OptimizerStep(0, 1e-3, false, 1, 0.95, 0.9, 0.999, 1e-8, 0, 0, 0.9);
        float[] start = PhaseHistogramNetwork.CreateInitialized(5, Universal).Parameters;
        float[][] once = Train(), again = Train();
        Assert.Equal(once[0], again[0]);
        Assert.Equal(once[3], again[3]);

        // A step of Adam is at most about its rate, whatever the size of a gradient.
        for (int i = 0; i < start.Length; i++)
            Assert.InRange(Math.Abs(once[0][i] - start[i]), 0, 3.1e-3);

        float[][] Train()
        {
            using CudaPhaseHistogramTraining training = Open(Universal, Count);
            float[] zeros = new float[start.Length];
            training.Upload(start, zeros, zeros, start);
            double[] values = new double[CudaPhaseHistogramTraining.ValueCount], before = new double[values.Length], after = new double[values.Length];
            DeviceBatch batch = Batch(Count);
            training.Measure(batch, before);
            training.Step(batch, step, values);
            Assert.Equal(before, values);
            training.Step(batch, step with { Step = 1 }, after);
            Assert.True(after[0] < values[0], $"the loss went from {values[0]} to {after[0]}");
            training.Step(batch, step with { Step = 2 }, values);
            Assert.True(values[0] < after[0], $"the loss went from {after[0]} to {values[0]}");
            float[][] state = [.. Enumerable.Range(0, 4).Select(_ => new float[start.Length])];
            training.Download(state[0], state[1], state[2], state[3]);
            return state;
        }
    }

    static CudaPhaseHistogramTraining Open(PhaseHistogramOptions options, int count) => new(
        CudaRuntime.Open(0), new PhaseHistogramTrainingShape(options, count, new BlockLossTerms(0.8, 0.2, 1, 0, false), PhaseWeight, [], ComputePrecision.Float32));

    static DeviceBatch Batch(int count)
    {
        var random = new Random(1);
        byte[] phases = new byte[count], steps = new byte[15 * count];
        for (int n = 0; n < count; n++)
        {
            phases[n] = n == 1 ? (byte)255 : (byte)random.Next(64);
            for (int c = 0; c < 15; c++)
                steps[15 * n + c] = (byte)(1 + random.Next(PrimaryBlocks.Sizes[c]));
        }
        return new DeviceBatch
        {
            Count = count, Pixels = (byte[])[.. Enumerable.Range(0, count).SelectMany(n => TestPicture.Create(64, 64, PixelFormat.Rgb24, n).Pixels)],
            Steps = steps, Phases = phases,
            Second = (ushort[])[.. Enumerable.Range(0, count).SelectMany(n => QuantTable.StandardLuminance(70 + n).ZigZagOrder())],
        };
    }
}
