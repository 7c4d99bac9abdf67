using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.DenseNet;

/// <summary>Maps that share what windows have in common against the windows one by one: the same to rounding, and the same bits in any order.</summary>
public sealed unsafe class DenseNet40MapTests
{
    [Theory]
    [InlineData(PrimaryInput.Rgb, PixelFormat.Bgra32, 64 + 8 * 2 + 5, 64 + 8 * 3 + 2, 3, 1)]
    [InlineData(PrimaryInput.Luma, PixelFormat.Gray8, 64 + 8 * 17 + 1, 64 + 8, 0, 0)]
    // Four strips beside each other; five rows, two bands.
    [InlineData(PrimaryInput.Luma, PixelFormat.Rgb24, 64 + 8 * 48, 64 + 8 * 4, 0, 0)]
    public void WindowsAreThoseOfInference(PrimaryInput input, PixelFormat format, int width, int height, int originRow, int originColumn)
    {
        var c = new DenseNet40GoldenCase(input);
        // Statistics of data, so that the network does not saturate.
        new DenseNet40Gradient(c.Architecture, 2).Run(c.Parameters, c.Windows, c.Steps, new BlockCrossEntropy(), 0, new float[c.Architecture.TrainableCount], new float[5 * 226]);
        var picture = new ImageBuffer(width, height, format);
        new Random(4).NextBytes(picture.Pixels);
        using var engine = new DenseNet40Engine(new DenseNet40Network(c.Architecture, c.Parameters, "golden", new Dictionary<string, string>()));
        WindowGrid grid = WindowGrid.Over(width, height, 8, originRow, originColumn);
        fixed (byte* pixels = picture.Pixels)
        {
            var pinned = new PinnedPixels(pixels, picture.Pixels.Length, width, height, picture.View.Stride, format);
            using IPrimaryMapSource shared = engine.Open(pinned, new ushort[64], grid);
            using var alone = new WindowByWindowSource(engine, pinned, new ushort[64], grid);
            Assert.IsType<DenseNet40MapSource>(shared);
            float[] row = new float[grid.Columns * 226];
            float[] firstRow = new float[grid.Columns * 226];
            float[] window = new float[226];
            for (int y = 0; y < grid.Rows; y++)
            {
                shared.FillRow(y, 0, grid.Columns, row, []);
                if (y == 0)
                    row.CopyTo(firstRow, 0);
                for (int x = 0; x < grid.Columns; x += grid.Columns > 3 ? 15 : 1)
                {
                    alone.FillRow(y, x, 1, window, []);
                    double tolerance = DenseNet40InferenceTests.Rounding(window);
                    for (int i = 0; i < 226; i++)
                        Assert.InRange(row[x * 226 + i] - window[i], -tolerance, tolerance);
                }
            }
            // Out of order, and a part of a row.
            float[] part = new float[226];
            shared.FillRow(0, 1, 1, part, []);
            Assert.Equal(firstRow[226..452], part);
        }
    }

    // Windows at the corners of two rows that share a band.
    [Fact]
    public void WindowsAreThoseOfInferenceInEveryKernelSet()
    {
        var c = new DenseNet40GoldenCase(PrimaryInput.Luma);
        new DenseNet40Gradient(c.Architecture, 2).Run(c.Parameters, c.Windows, c.Steps, new BlockCrossEntropy(), 0, new float[c.Architecture.TrainableCount], new float[5 * 226]);
        var network = new DenseNet40Network(c.Architecture, c.Parameters, "golden", new Dictionary<string, string>());
        const int Side = 64 + 8;
        var picture = new ImageBuffer(Side, Side, PixelFormat.Rgb24);
        new Random(5).NextBytes(picture.Pixels);
        WindowGrid grid = WindowGrid.Over(Side, Side, 8, 0, 0);
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            fixed (byte* pixels = picture.Pixels)
            {
                var pinned = new PinnedPixels(pixels, picture.Pixels.Length, Side, Side, picture.View.Stride, PixelFormat.Rgb24);
                using var engine = new DenseNet40Engine(new DenseNet40Inference(network, 1, set));
                using IPrimaryMapSource shared = engine.Open(pinned, new ushort[64], grid);
                using var alone = new WindowByWindowSource(engine, pinned, new ushort[64], grid);
                float[] row = new float[2 * 226];
                float[] windows = new float[2 * 226];
                for (int y = 0; y < 2; y++)
                {
                    shared.FillRow(y, 0, 2, row, []);
                    alone.FillRow(y, 0, 2, windows, []);
                    double tolerance = DenseNet40InferenceTests.Rounding(windows);
                    for (int i = 0; i < row.Length; i++)
                        Assert.InRange(row[i] - windows[i], -tolerance, tolerance);
                }
            }
    }

    // Twelve rows are three bands.
    [Fact]
    public void NeitherThreadsNorWhatWasAskedBeforeChangeABit()
    {
        DenseNet40Network weights = DenseNet40Network.CreateInitialized(3, PrimaryInput.Luma);
        var network = new PrimaryNetwork("untrained", "densenet40", weights.Metadata, () => new DenseNet40Engine(weights), weights);
        ImageBuffer picture = TestScenes.Waves(64 + 8, 64 + 8 * 11, 2);
        float[]? first = null;
        foreach (int threads in new[] { 1, 3 })
        {
            using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new() { Network = network, Threads = threads, Device = ComputeDevice.Cpu });
            for (int call = 0; call < 2; call++)
            {
                float[] all = estimator.EstimateMap(picture.View, QuantTable.StandardLuminance(90)).StepConfidence.ToArray();
                Assert.Equal(first ??= all, all);
            }
        }
    }

    [Fact]
    public void RegressedStepsBecomeTheMostProbable()
    {
        DenseNet40Network network = DenseNet40Network.CreateInitialized(3, PrimaryInput.Luma, 15);
        using var engine = new DenseNet40Engine(network);
        float[] steps = [.. Enumerable.Range(0, 15).Select(i => i * 0.6f + 1)];
        float[] logits = new float[226];
        DenseNet40Engine.ToLogits(PrimaryBlocks.Count, steps, 1, logits);
        byte[] decoded = new byte[15];
        PrimaryBlocks.Decode(logits, decoded);
        Assert.Equal(steps.Select(step => (byte)MathF.Round(step)), decoded);
    }

    [Fact]
    public void AWeightFileSaysWhatItIs()
    {
        using var stream = new MemoryStream();
        DenseNet40Network.CreateInitialized(3, PrimaryInput.Luma).Save(stream);
        stream.Position = 0;
        PrimaryNetwork network = PrimaryNetwork.Load(stream, "a.safetensors");
        Assert.Equal("tondi2021-densenet40", network.Architecture);
        using IPrimaryEngine engine = network.OpenEngine();
        Assert.False(engine.GivesPhase);
    }
}
