using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed class DctFirstBlockTests : IDisposable
{
    const int Side = 64;
    const string Recipe = """{"batchSize":2,"input":"luma","firstBlock":"dct","dropout":0,"optimizer":"muon","learningRate":0.01,"steps":2,"validationShare":0}""";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // The filters of a row multiplied are the cosine, up to size and sign.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Four_factors_make_a_cosine(int frequency)
    {
        double[] product = [1];
        foreach (double[] factor in DctFirstBlock.Factorize(frequency))
            product = [.. Enumerable.Range(0, product.Length + 2).Select(n => Enumerable.Range(0, 3).Where(t => n - t >= 0 && n - t < product.Length).Sum(t => factor[t] * product[n - t]))];
        Assert.Equal(9, product.Length);
        Assert.Equal(0, product[0]);
        double size = Enumerable.Range(0, 8).Sum(at => product[at + 1] * DctFirstBlock.Cosine(frequency, at));
        for (int at = 0; at < 8; at++)
            Assert.Equal(size * DctFirstBlock.Cosine(frequency, at), product[at + 1], 1e-12);
    }

    [Theory]
    [InlineData(PrimaryInput.Luma)]
    [InlineData(PrimaryInput.Rgb)]
    public void The_block_holds_the_coefficients_and_the_gates(PrimaryInput input)
    {
        DoubleJpegGenerator generator = Generator(out PrimaryRecipe recipe);
        DctGates gates = DctGates.Fit(generator, recipe.FirstQuality, 1, 1, windows: 64, steps: 30);
        var architecture = new DenseNet40Architecture(input, 226);
        float[] parameters = DenseNet40Network.CreateInitialized(1, input).Parameters;
        DctFirstBlock.Lay(parameters, architecture, gates);
        byte[] rgb = Noise(3), luma = new byte[Side * Side];
        double[][] state = FirstBlock(parameters, architecture, rgb);
        for (int i = 0; i < luma.Length; i++)
            luma[i] = (byte)YccConversion.Luminance(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
        double[] coefficients = new double[DctFirstBlock.Coefficients];
        double most = 0;
        int opened = 0;
        for (int y = 4; y < 59; y += 3)
            for (int x = 4; x < 59; x += 3)
            {
                DctGates.Transform(luma, y - DctFirstBlock.Before, x - DctFirstBlock.Before, coefficients);
                for (int k = 0; k < coefficients.Length; k++)
                    Assert.Equal(Math.Abs(coefficients[k]), 8 * state[72 + k][y * Side + x], input == PrimaryInput.Luma ? 0.002 : 3);
                if (input == PrimaryInput.Rgb)
                    continue;
                for (int j = 0; j < DctGates.Count; j++)
                {
                    double above = gates.LogOdds(j, coefficients) - gates.Thresholds[j];
                    Assert.Equal(above, Read(parameters, architecture, 12, 156 + j, state[156 + j][y * Side + x]), 0.01);
                    most = Math.Max(most, Math.Abs(above));
                    opened += above > 0 ? 1 : 0;
                }
            }
        Assert.True(input == PrimaryInput.Rgb || most > 0.5 && opened > 0, $"{most}, {opened}");
    }

    // Blocks of a first compression that the fit has not seen are told from others, and strong ones from weak ones.
    [Fact]
    public void Gates_open_for_blocks_of_the_first_compression()
    {
        DoubleJpegGenerator generator = Generator(out PrimaryRecipe recipe);
        DctGates gates = DctGates.Fit(generator, recipe.FirstQuality, 1, 2, windows: 512, steps: 150);
        var batch = new PrimaryBatch(1);
        double[] coefficients = new double[DctFirstBlock.Coefficients], luma = new double[2];
        double right = 0, wrong = 0;
        int windows = 0;
        for (int step = 10_000; step < 10_200; step++)
        {
            WindowHistory history = generator.FillWindow(step, 0, batch);
            if (history.First!.Luminance.NearestStandardLuminance().QualityFactor > 70)
                continue;
            byte[] pixels = [.. Enumerable.Range(0, Side * Side).Select(i => (byte)YccConversion.Luminance(batch.Windows[3 * i], batch.Windows[3 * i + 1], batch.Windows[3 * i + 2]))];
            for (int y = 0; y < 57; y++)
                for (int x = 0; x < 57; x++)
                {
                    DctGates.Transform(pixels, y, x, coefficients);
                    double odds = Enumerable.Range(0, 4).Max(j => gates.LogOdds(j, coefficients));
                    bool first = (y - history.Phase / 8) % 8 == 0 && (x - history.Phase % 8) % 8 == 0;
                    if (first)
                        right += odds;
                    else
                        wrong += odds / 63;
                }
            windows++;
        }
        Assert.True(windows > 20 && right > wrong + 0.3 * windows * 49, $"{windows} windows: {right / windows / 50} and {wrong / windows / 50}");
    }

    [Fact]
    public void The_same_seed_makes_the_same_gates_whatever_the_threads()
    {
        DctGates one = DctGates.Fit(Generator(out PrimaryRecipe recipe), recipe.FirstQuality, 5, 1, windows: 64, steps: 5);
        DctGates many = DctGates.Fit(Generator(out _), recipe.FirstQuality, 5, 3, windows: 64, steps: 5);
        Assert.Equal(one.Offsets, many.Offsets);
        Assert.Equal(one.Thresholds, many.Thresholds);
    }

    // Gradient, statistics and parameters of what is laid out stay; the others learn as they do where the same block is not held.
    [Fact]
    public void A_fixed_first_block_does_not_move()
    {
        var architecture = new DenseNet40Architecture(PrimaryInput.Luma, 226);
        float[] parameters = DenseNet40Network.CreateInitialized(1, PrimaryInput.Luma).Parameters;
        DctFirstBlock.Lay(parameters, architecture, DctGates.Fit(Generator(out PrimaryRecipe recipe), recipe.FirstQuality, 1, 1, windows: 64, steps: 5));
        float[] before = [.. parameters], gradient = new float[architecture.Count];
        var batch = new PrimaryBatch(2);
        Generator(out _).Fill(0, batch);
        var step = new DenseNet40Gradient(architecture, 2) { Dropout = 0, FixedFirstBlock = true };
        step.Run(parameters, batch.Windows, batch.Steps, recipe.CreateLoss(), 0, gradient, new float[2 * 226]);
        int transition = architecture.Gamma(0, DenseNet40Architecture.Layers), statistics = architecture.Mean(1);
        Assert.All(gradient[..transition], g => Assert.Equal(0, g));
        Assert.Contains(gradient[transition..architecture.Gamma(1, 0)], g => g != 0);
        Assert.Contains(gradient[architecture.Gamma(1, 0)..architecture.TrainableCount], g => g != 0);
        Assert.Equal(before[..statistics], parameters[..statistics]);
        Assert.NotEqual(before[statistics..], parameters[statistics..]);
        step.MoveStatistics(parameters, batch.Windows, 1);
        Assert.Equal(before[..statistics], parameters[..statistics]);
    }

    static double Read(float[] parameters, DenseNet40Architecture architecture, int layer, int channel, double value) =>
        parameters[architecture.Gamma(0, layer) + channel] * (value - parameters[architecture.Mean(0) + channel]) / Math.Sqrt(parameters[architecture.Variance(0) + channel] + DenseNet40Gradient.Epsilon)
            + parameters[architecture.Beta(0, layer) + channel];

    // Direct, in double precision: [168][64 64].
    static double[][] FirstBlock(float[] parameters, DenseNet40Architecture architecture, byte[] rgb)
    {
        var state = new List<double[]>();
        double[][] input = architecture.Input == PrimaryInput.Luma
            ? [[.. Enumerable.Range(0, Side * Side).Select(i => YccConversion.Luminance(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) / 255.0)]]
            : [.. Enumerable.Range(0, 3).Select(c => Enumerable.Range(0, Side * Side).Select(i => rgb[3 * i + c] / 255.0).ToArray())];
        state.AddRange(Convolve(input, parameters.AsSpan(0), DenseNet40Architecture.FirstFilters));
        for (int l = 0; l < DenseNet40Architecture.Layers; l++)
        {
            int layer = l;
            double[][] read = [.. state.Select((plane, c) => plane.Select(v => Math.Max(0, Read(parameters, architecture, layer, c, v))).ToArray())];
            state.AddRange(Convolve(read, parameters.AsSpan(architecture.Weight(0, l)), DenseNet40Architecture.Growth));
        }
        return [.. state];
    }

    static double[][] Convolve(double[][] input, ReadOnlySpan<float> filters, int outputs)
    {
        double[][] result = new double[outputs][];
        for (int k = 0; k < outputs; k++)
        {
            result[k] = new double[Side * Side];
            for (int c = 0; c < input.Length; c++)
                for (int t = 0; t < 9; t++)
                {
                    double w = filters[(k * input.Length + c) * 9 + t];
                    for (int y = Math.Max(0, 1 - t / 3); w != 0 && y < Math.Min(Side, Side + 1 - t / 3); y++)
                        for (int x = Math.Max(0, 1 - t % 3); x < Math.Min(Side, Side + 1 - t % 3); x++)
                            result[k][y * Side + x] += w * input[c][(y + t / 3 - 1) * Side + x + t % 3 - 1];
                }
        }
        return result;
    }

    DoubleJpegGenerator Generator(out PrimaryRecipe recipe)
    {
        recipe = PrimaryRecipe.Parse(Recipe, "dct.json");
        return new DoubleJpegGenerator(recipe, TrainingScene.Pictures(folder, (200, 180)), 7);
    }

    static byte[] Noise(int seed)
    {
        byte[] rgb = new byte[3 * Side * Side];
        new Random(seed).NextBytes(rgb);
        for (int i = 0; i < rgb.Length; i++)
            rgb[i] = (byte)(i / 3 % Side * 2 + rgb[i] / (i / 3 / Side < 32 ? 3 : 30));
        return rgb;
    }
}
