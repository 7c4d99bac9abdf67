using JpegQualityEstimation.Cuda.Networks;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Tool.Conformance;

// The networks of a device against the processor's, in every precision, within the bounds that the backend states; maps too,
// whose windows share what they have in common.
static class NetworkCases
{
    // The only difference of the phase-histogram network is the attention's exponential: two units in the last place either side.
    static readonly double WeightError = Math.ScaleB(1, -21);

    static readonly ushort[] Second = QuantTable.StandardLuminance(85).ZigZagOrder();

    delegate void Outputs(Span<float> logits, Span<float> phase);

    public static IEnumerable<ConformanceCase> All(IDeviceBackend backend, int device, TrialScale scale)
    {
        foreach (ComputePrecision precision in Enum.GetValues<ComputePrecision>())
        {
            (int width, int height) = scale.Pick((45, 38), (1003, 771), (1003, 771));
            yield return new($"quality network, {precision}", $"{width}x{height}", run => Quality(run, backend, device, precision, width, height))
            {
                Slow = precision != ComputePrecision.Float32,
            };
        }
        foreach (ComputePrecision precision in Enum.GetValues<ComputePrecision>())
        {
            int count = scale.Pick(1, 200, 200);
            yield return new($"DenseNet-40, {precision}", $"[{count},64,64,3]", run => DenseNet(run, backend, device, precision, PrimaryInput.Rgb, 226, count))
            {
                Slow = precision != ComputePrecision.Float32,
            };
            if (scale == TrialScale.Quick && precision != ComputePrecision.Float32)
                continue;
            (int columns, int rows) = scale.Pick((2, 2), (40, 12), (40, 12));
            yield return new($"DenseNet-40, map at stride 8, {precision}", $"{columns}x{rows} windows", run => DenseNetMap(run, backend, device, precision, columns, rows));
        }
        int patches = scale.Pick(1, 100, 100);
        yield return new("DenseNet-40 for luma, regression", $"[{patches},64,64,3]",
            run => DenseNet(run, backend, device, ComputePrecision.Float32, PrimaryInput.Luma, PrimaryBlocks.Count, patches));
        int windows = scale.Pick(2, 300, 300);
        foreach (ComputePrecision precision in (ComputePrecision[])[ComputePrecision.Float32, ComputePrecision.TensorFloat32])
            yield return new($"phase-histogram network, {precision}", $"[{windows},64,64,3]", run => PhaseHistogram(run, backend, device, precision, windows));
        (int across, int down) = scale.Pick((4, 2), (60, 20), (60, 20));
        yield return new("phase-histogram network, map at stride 8", $"{across}x{down} windows", run => PhaseHistogramMap(run, backend, device, across, down));
    }

    static void Quality(ConformanceRun run, IDeviceBackend backend, int device, ComputePrecision precision, int width, int height)
    {
        ImageBuffer picture = TrialNetworks.Picture(width, height);
        using IQualityEngine engine = backend.OpenQuality(device, TrialNetworks.Quality, precision);
        using var processor = new QualityInference(TrialNetworks.Quality, Environment.ProcessorCount, algorithm: ConvolutionAlgorithm.Direct);
        float[][] actual = Run(engine), expected = Run(processor);
        foreach (float[] map in actual)
            run.Scene.See<float>(map);
        double largest = expected.Max(map => map.Max(Math.Abs));
        run.Comparison.Near("degradation", expected[0], actual[0], QualityBounds.Of(precision) * largest);
        run.Comparison.Near("flag", expected[1], actual[1], QualityBounds.Of(precision) * largest);

        float[][] Run(IQualityEngine one)
        {
            float[][] maps = [new float[width * height], new float[width * height]];
            one.Run(picture.View, maps[0], maps[1], null, default);
            return maps;
        }
    }

    static void DenseNet(ConformanceRun run, IDeviceBackend backend, int device, ComputePrecision precision, PrimaryInput input, int outputs, int count)
    {
        DenseNet40Network network = TrialNetworks.DenseNet(input, outputs);
        byte[] windows = TrialNetworks.Windows(count);
        using IPrimaryEngine engine = backend.OpenPrimary(device, TrialNetworks.AsPrimary(network), precision);
        using var processor = new DenseNet40Engine(network);
        float[] expected = new float[count * PrimaryBlocks.Outputs], actual = new float[expected.Length];
        processor.RunWindows(windows, count, Second, expected, default);
        engine.RunWindows(windows, count, Second, actual, default);
        run.Scene.See<float>(actual);
        run.Comparison.Near("logits", expected, actual, PrecisionBounds.DenseNet40(precision, Scale(expected)));
    }

    static void DenseNetMap(ConformanceRun run, IDeviceBackend backend, int device, ComputePrecision precision, int columns, int rows)
    {
        DenseNet40Network network = TrialNetworks.DenseNet(PrimaryInput.Rgb, PrimaryBlocks.Outputs);
        using IPrimaryEngine engine = backend.OpenPrimary(device, TrialNetworks.AsPrimary(network), precision);
        using var processor = new DenseNet40Engine(network);
        Map(columns, rows, [processor, engine], (row, outputs) =>
        {
            run.Scene.See<float>(outputs[1].Logits);
            run.Comparison.Near($"logits of row {row}", outputs[0].Logits, outputs[1].Logits, PrecisionBounds.DenseNet40(precision, Scale(outputs[0].Logits)));
        });
    }

    static void PhaseHistogram(ConformanceRun run, IDeviceBackend backend, int device, ComputePrecision precision, int count)
    {
        byte[] windows = TrialNetworks.Windows(count);
        using IPrimaryEngine engine = backend.OpenPrimary(device, TrialNetworks.AsPrimary(TrialNetworks.PhaseHistogram), precision);
        using var processor = new PhaseHistogramEngine(TrialNetworks.PhaseHistogram);
        (float[] Logits, float[] Phase)[] outputs = [.. ((IPrimaryEngine[])[processor, engine]).Select(one =>
        {
            (float[] Logits, float[] Phase) own = (new float[count * PrimaryBlocks.Outputs], new float[64 * count]);
            one.RunWindows(windows, count, Second, own.Logits, own.Phase);
            return own;
        })];
        Compare(run, precision, outputs[0], outputs[1]);
    }

    static void PhaseHistogramMap(ConformanceRun run, IDeviceBackend backend, int device, int columns, int rows)
    {
        using IPrimaryEngine engine = backend.OpenPrimary(device, TrialNetworks.AsPrimary(TrialNetworks.PhaseHistogram), ComputePrecision.Float32);
        using var processor = new PhaseHistogramEngine(TrialNetworks.PhaseHistogram);
        Map(columns, rows, [processor, engine], (_, outputs) => Compare(run, ComputePrecision.Float32, outputs[0], outputs[1]));
    }

    static void Compare(ConformanceRun run, ComputePrecision precision, (float[] Logits, float[] Phase) expected, (float[] Logits, float[] Phase) actual)
    {
        run.Scene.See<float>(actual.Logits);
        run.Scene.See<float>(actual.Phase);
        double bound = PrecisionBounds.PhaseHistogram(precision, TrialNetworks.PhaseHistogram.Options, expected.Logits.Max(Math.Abs));
        for (int i = 0; i < expected.Phase.Length; i++)
            run.Comparison.Near("phases", expected.Phase[i], actual.Phase[i], expected.Phase[i] * (precision == ComputePrecision.Float32 ? WeightError : bound));
        run.Comparison.Near("logits", expected.Logits, actual.Logits, bound);
    }

    // The rows of a map of a picture that begins off the grid, by every engine.
    static unsafe void Map(int columns, int rows, IPrimaryEngine[] engines, Action<int, (float[] Logits, float[] Phase)[]> compare)
    {
        const int Stride = 8;
        int width = 64 + Stride * (columns - 1) + 4, height = 64 + Stride * (rows - 1) + 5;
        ImageBuffer picture = TrialNetworks.Picture(width, height);
        WindowGrid grid = WindowGrid.Over(width, height, Stride, 1, 2);
        fixed (byte* bytes = picture.Pixels)
        {
            var pinned = new PinnedPixels(bytes, picture.Pixels.Length, width, height, picture.Stride, picture.Format);
            IPrimaryMapSource[] sources = [.. engines.Select(engine => engine.Open(pinned, Second, grid))];
            for (int row = 0; row < grid.Rows; row++)
            {
                var outputs = new (float[] Logits, float[] Phase)[engines.Length];
                for (int i = 0; i < engines.Length; i++)
                {
                    outputs[i] = (new float[grid.Columns * PrimaryBlocks.Outputs], engines[i].GivesPhase ? new float[64 * grid.Columns] : []);
                    sources[i].FillRow(row, 0, grid.Columns, outputs[i].Logits, outputs[i].Phase);
                }
                compare(row, outputs);
            }
            foreach (IPrimaryMapSource source in sources)
                source.Dispose();
        }
    }

    static double Scale(float[] values) => Math.Sqrt(values.Average(value => (double)value * value));
}
