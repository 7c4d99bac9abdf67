using JpegQualityEstimation.Cuda.Networks;
using JpegQualityEstimation.Cuda.Networks.PhaseHistogram;
using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Cuda.Tests.Jpeg;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Networks;

/// <summary>The phase-histogram network on the device against the processor's.</summary>
public sealed class CudaPhaseHistogramTests
{
    static readonly PhaseHistogramOptions Small = new()
    {
        Coefficients = 16, Bins = 12, BinWidth = 1, Periods = 9, Hidden = 16, PhaseWidth = 32, PooledWidth = 16, Heads = 3, CoefficientWidth = 16, Trunk = 48, SecondTable = true,
    };

    static readonly PhaseHistogramOptions Blind = Small with { Coefficients = 15, Bins = 8, Periods = 0, Heads = 1, SecondTable = false };

    // The shape of the bundled model.
    static readonly PhaseHistogramOptions Universal = new() { Coefficients = 48, Bins = 32, SecondTable = true };

    [SkippableTheory]
    [InlineData(24, 48, 0.75f, 24)]
    [InlineData(15, 4, 1f, 0)]
    [InlineData(64, 8, 2f, 40)]
    public void EvidenceIsEqual(int coefficients, int bins, float binWidth, int periods)
    {
        TestDevice.Require();
        var options = new PhaseEvidenceOptions { Coefficients = coefficients, Bins = bins, BinWidth = binWidth, Periods = periods };
        ImageBuffer picture = TestPicture.Create(64 + 2 * 3, 66, PixelFormat.Rgb24, 5);
        using CudaRuntime runtime = CudaRuntime.Open(0);
        using CudaStream stream = runtime.CreateStream();
        using var ops = new CudaPhaseEvidenceOps(stream, options);
        const int Windows = 3, Step = 3, GridX = 5, GridY = 6;
        using DeviceBuffer<byte> pixels = stream.Rent<byte>(picture.Pixels.Length);
        using DeviceBuffer<float> luma = stream.Rent<float>(picture.Width * picture.Height);
        using DeviceBuffer<float> evidence = stream.Rent<float>(Windows * options.EvidenceLength), overall = stream.Rent<float>(Windows * options.OverallLength);
        stream.Upload<byte>(picture.Pixels, pixels);
        ops.Luma(pixels, picture.Stride, 3, 0, picture.Width, picture.Height, luma, picture.Width);
        ops.Measure(luma.Slice(picture.Width), Step, picture.Width, GridX, GridY, Step, Windows, evidence, overall);
        float[] actual = new float[evidence.Length], actualOverall = new float[overall.Length], samples = new float[luma.Length];
        stream.Download(evidence, actual);
        stream.Download(overall, actualOverall);
        stream.Download(luma, samples);
        float[] expectedLuma = new float[samples.Length], expected = new float[options.EvidenceLength], expectedOverall = new float[options.OverallLength];
        LumaRows.Convert(picture.View, expectedLuma, picture.Width);
        Assert.Equal(expectedLuma, samples);
        var cpu = new PhaseEvidence(options);
        int f = options.Features;
        for (int n = 0; n < Windows; n++)
        {
            cpu.Compute(expectedLuma.AsSpan(picture.Width + n * Step), picture.Width, expected, expectedOverall, GridX + n * Step, GridY);
            for (int k = 0; k < coefficients; k++)
            {
                Assert.Equal(expectedOverall.AsSpan(k * f, f).ToArray(), actualOverall.AsSpan((k * Windows + n) * f, f).ToArray());
                Assert.Equal(expected.AsSpan(k * 64 * f, 64 * f).ToArray(), actual.AsSpan((k * Windows + n) * 64 * f, 64 * f).ToArray());
            }
        }
    }

    [SkippableTheory]
    [InlineData(8, 19, 5, 6)]
    [InlineData(16, 17, 0, 0)]
    [InlineData(24, 3, 1, 7)]
    [InlineData(56, 3, 2, 3)]
    [InlineData(64, 2, 4, 1)]
    public void EvidenceThatSlidesIsEqual(int step, int windows, int gridX, int gridY)
    {
        TestDevice.Require();
        var options = new PhaseEvidenceOptions { Coefficients = 24, Bins = 8, BinWidth = 1.5f, Periods = 35 };
        ImageBuffer picture = TestPicture.Create((windows - 1) * step + 64, 64, PixelFormat.Gray8, 3);
        using CudaRuntime runtime = CudaRuntime.Open(0);
        using CudaStream stream = runtime.CreateStream();
        using var ops = new CudaPhaseEvidenceOps(stream, options);
        float[] samples = [.. picture.Pixels.Select(value => (float)value)];
        using DeviceBuffer<float> luma = stream.Rent<float>(samples.Length);
        stream.Upload<float>(samples, luma);
        Assert.Equal(
            Run((e, o) => ops.Measure(luma, step, picture.Width, gridX, gridY, step, windows, e, o)),
            Run((e, o) => ops.MeasureRow(luma, picture.Width, gridX, gridY, step, windows, e, o)));

        float[] Run(Action<DeviceBuffer<float>, DeviceBuffer<float>> measure)
        {
            using DeviceBuffer<float> evidence = stream.Rent<float>((long)windows * options.EvidenceLength);
            using DeviceBuffer<float> overall = stream.Rent<float>((long)windows * options.OverallLength);
            measure(evidence, overall);
            float[] values = new float[evidence.Length + overall.Length];
            stream.Download(evidence, values.AsSpan(0, (int)evidence.Length));
            stream.Download(overall, values.AsSpan((int)evidence.Length));
            return values;
        }
    }

    [SkippableTheory]
    [InlineData("small", 18)]
    [InlineData("blind", 3)]
    [InlineData("universal", 2)]
    public void WindowsAreEqualToARounding(string shape, int count)
    {
        TestDevice.Require();
        PhaseHistogramNetwork network = PhaseHistogramNetwork.CreateInitialized(3, Shape(shape));
        ushort[] second = QuantTable.StandardLuminance(85).ZigZagOrder();
        byte[] windows = [.. Enumerable.Range(0, count).SelectMany(n => TestPicture.Create(64, 64, PixelFormat.Rgb24, n).Pixels)];
        using var cpu = new PhaseHistogramEngine(network);
        using var gpu = new CudaPhaseHistogramEngine(CudaRuntime.Open(0), network);
        Equal(network.Options, count,
            (logits, phase) => cpu.RunWindows(windows, count, second, logits, phase),
            (logits, phase) => gpu.RunWindows(windows, count, second, logits, phase));
    }

    [SkippableTheory]
    [InlineData(PixelFormat.Rgb24, 8)]
    [InlineData(PixelFormat.Bgra32, 5)]
    [InlineData(PixelFormat.Gray8, 16)]
    public unsafe void MapsAreEqualToARounding(PixelFormat format, int stride)
    {
        TestDevice.Require();
        PhaseHistogramNetwork network = PhaseHistogramNetwork.CreateInitialized(4, Small);
        ushort[] second = QuantTable.StandardLuminance(75).ZigZagOrder();
        ImageBuffer picture = TestPicture.Create(173, 83, format, 2);
        WindowGrid grid = WindowGrid.Over(picture.Width, picture.Height, stride, 2, 3);
        using var cpu = new PhaseHistogramEngine(network);
        using var gpu = new CudaPhaseHistogramEngine(CudaRuntime.Open(0), network);
        fixed (byte* bytes = picture.Pixels)
        {
            var pinned = new PinnedPixels(bytes, picture.Pixels.Length, picture.Width, picture.Height, picture.Stride, format);
            using IPrimaryMapSource expected = cpu.Open(pinned, second, grid), actual = gpu.Open(pinned, second, grid);
            int y = grid.Rows - 1;
            Equal(network.Options, grid.Columns - 1,
                (logits, phase) => expected.FillRow(y, 1, grid.Columns - 1, logits, phase),
                (logits, phase) => actual.FillRow(y, 1, grid.Columns - 1, logits, phase));
        }
    }

    [SkippableTheory]
    [InlineData("small", 5)]
    [InlineData("universal", 2)]
    public void TensorCoresStayWithinTheirRounding(string shape, int count)
    {
        TestDevice.Require();
        PhaseHistogramNetwork network = PhaseHistogramNetwork.CreateInitialized(6, Shape(shape));
        ushort[] second = QuantTable.StandardLuminance(85).ZigZagOrder();
        byte[] windows = [.. Enumerable.Range(0, count).SelectMany(n => TestPicture.Create(64, 64, PixelFormat.Rgb24, n).Pixels)];
        float[] expected = new float[count * PrimaryBlocks.Outputs], actual = new float[expected.Length], again = new float[expected.Length];
        float[] expectedPhase = new float[64 * count], phase = new float[expectedPhase.Length];
        using var cpu = new PhaseHistogramEngine(network);
        using var gpu = CudaPhaseHistogramEngine.Open(0, network, ComputePrecision.TensorFloat32);
        cpu.RunWindows(windows, count, second, expected, expectedPhase);
        gpu.RunWindows(windows, count, second, actual, phase);
        gpu.RunWindows(windows, count, second, again, phase);
        Assert.Equal(actual, again);
        Assert.NotEqual(expected, actual);
        double bound = PrecisionBounds.PhaseHistogram(ComputePrecision.TensorFloat32, network.Options, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i], expected[i] - bound, expected[i] + bound);
        for (int i = 0; i < phase.Length; i++)
            Assert.InRange(phase[i], expectedPhase[i] * (1 - bound), expectedPhase[i] * (1 + bound));
    }

    [SkippableFact]
    public void TheBackendOpensItForEstimators()
    {
        TestDevice.Require();
        CudaBackend.Use();
        PhaseHistogramNetwork weights = PhaseHistogramNetwork.CreateInitialized(4, Small);
        using var file = new MemoryStream();
        weights.Save(file);
        file.Position = 0;
        var network = PrimaryNetwork.Load(file, "small");
        QuantTable second = QuantTable.StandardLuminance(80);
        byte[] windows = [.. Enumerable.Range(0, 5).SelectMany(n => TestPicture.Create(64, 64, PixelFormat.Rgb24, n).Pixels)];
        using IPrimaryQuantEstimator cpu = PrimaryQuantEstimator.Create(new() { Network = network, Device = ComputeDevice.Cpu });
        using IPrimaryQuantEstimator gpu = PrimaryQuantEstimator.Create(new() { Network = network, Device = ComputeDevice.Cuda(0) });
        Assert.Equal(ComputeDevice.Cuda(0), gpu.Device);
        Assert.Equal(
            cpu.EstimatePatches(windows, second).Select(estimate => estimate.Steps.ToArray()),
            gpu.EstimatePatches(windows, second).Select(estimate => estimate.Steps.ToArray()));
    }

    delegate void Engine(Span<float> logits, Span<float> phase);

    // Nothing but the exponential of the attention differs, by two units in the last place on either side: 2^-21 of each weight.
    // The pooled values are sums of positive terms, so theirs is the same share; through the layers behind it the errors of
    // many terms of either sign add up as their root.
    static void Equal(PhaseHistogramOptions options, int count, Engine cpu, Engine gpu)
    {
        float[] expected = new float[count * PrimaryBlocks.Outputs], actual = new float[expected.Length];
        float[] expectedPhase = new float[64 * count], actualPhase = new float[64 * count];
        cpu(expected, expectedPhase);
        gpu(actual, actualPhase);
        double weightError = Math.Pow(2, -21);
        double most = expected.Max(Math.Abs);
        for (int i = 0; i < expectedPhase.Length; i++)
            Assert.InRange(actualPhase[i], expectedPhase[i] * (1 - weightError), expectedPhase[i] * (1 + weightError));
        double bound = PrecisionBounds.PhaseHistogram(ComputePrecision.Float32, options, most);
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i], expected[i] - bound, expected[i] + bound);
    }

    static PhaseHistogramOptions Shape(string name) => name switch { "small" => Small, "blind" => Blind, _ => Universal };
}
