using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Tests.Maps;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class AlignedBaselineTests
{
    const int Largest = 16, Simulated = 256;

    [Fact]
    public void Galvan_finds_most_first_steps_above_the_second() => AssertMostFound(GalvanStep, 0.6);

    [Fact]
    public void Bianchi_and_Piva_find_most_first_steps_above_the_second() => AssertMostFound(BianchiPivaStep, 0.6);

    [Fact]
    public void Nothing_but_zeros_reads_as_1()
    {
        Assert.Equal(1, GalvanSelection.Step(new int[64], new int[Largest * 49], 49, 3));
        Assert.Equal(1, BianchiPivaLikelihood.Step(new int[64], new int[49], 3, Largest));
    }

    [Fact]
    public void The_residual_rules_steps_out()
    {
        // Multiples of 6 after a step of 2 are levels 0, 3, 6, 9: no multiples of 4 or 5; the simulations tell nothing.
        int[] levels = [.. Enumerable.Range(0, 64).Select(b => 3 * (b % 4))];
        int[] none = new int[6 * 49];
        Assert.Contains(GalvanSelection.Step(levels, none, 49, 2), new[] { 1, 2, 3, 6 });
    }

    [Fact]
    public void Levels_are_those_of_the_compressed_blocks()
    {
        byte[] pixels = new byte[PrimaryWindows.WindowBytes];
        pixels.AsSpan().Fill(128 + 6);
        var window = new AlignedWindow();
        window.Load(pixels);
        int[] levels = new int[AlignedWindow.Blocks];
        window.Twice(0, 16, levels);
        Assert.All(levels, level => Assert.Equal(3, level));
        window.Recompress(32);
        window.Simulated(0, 1, levels);
        Assert.All(levels[..AlignedWindow.CroppedBlocks], level => Assert.Equal(64, level));
        window.Once(5, 1, levels);
        Assert.All(levels[..AlignedWindow.CroppedBlocks], level => Assert.Equal(0, level));
    }

    [Theory]
    [InlineData("galvan2014")]
    [InlineData("bianchi-piva2012")]
    public void Windows_of_an_aligned_double_compression_are_read(string name)
    {
        ImageBuffer picture = TestScenes.Waves(128, 128, 3);
        ushort[] first = QuantTable.StandardLuminance(75).ZigZagOrder(), second = QuantTable.StandardLuminance(92).ZigZagOrder();
        ImageBuffer twice = JpegRoundTrip.Apply(
            JpegRoundTrip.Apply(picture.View, JpegCompression.FromQuality(75)).View, JpegCompression.FromQuality(92));
        byte[] windows = new byte[4 * PrimaryWindows.WindowBytes];
        for (int i = 0; i < 4; i++)
            for (int y = 0; y < 64; y++)
                twice.Pixels.AsSpan((i / 2 * 64 + y) * twice.Stride + i % 2 * 192, 192).CopyTo(windows.AsSpan((i * 64 + y) * 192));
        int[] steps = new int[4 * 15], again = new int[15];
        using IPrimaryWindowReader reader = EvaluatedPrimaryModel.Formulas.Single(formula => formula.Name == name).Create();
        reader.Read(windows, 4, second, steps, default);
        reader.Read(windows.AsSpan(3 * PrimaryWindows.WindowBytes), 1, second, again, default);
        Assert.Equal(steps[45..], again);
        Assert.All(steps, step => Assert.InRange(step, 1, 24));
        double found = Enumerable.Range(0, steps.Length).Average(i => steps[i] == first[i % 15] ? 1.0 : 0);
        Assert.True(found > 0.5, $"{name} found {found:P0} of the steps");
    }

    static void AssertMostFound(Func<Random, int, int, int> estimate, double share)
    {
        int found = 0, all = 0;
        for (int second = 2; second <= 6; second++)
            for (int first = second + 1; first <= Largest; first++)
            {
                found += estimate(new Random(all), first, second) == first ? 1 : 0;
                all++;
            }
        Assert.True(found > share * all, $"{found} of {all} steps found");
    }

    static int GalvanStep(Random random, int first, int second)
    {
        int[] simulated = [.. Enumerable.Range(1, Largest).SelectMany(q1 => Twice(random, Simulated, q1, second))];
        return GalvanSelection.Step(Twice(random, AlignedWindow.Blocks, first, second), simulated, Simulated, second);
    }

    static int BianchiPivaStep(Random random, int first, int second) =>
        BianchiPivaLikelihood.Step(
            Twice(random, AlignedWindow.Blocks, first, second), Twice(random, Simulated, 1, second), second, Largest);

    // Laplacian values of deviation 35, quantized, moved by rounding to samples, quantized again.
    static int[] Twice(Random random, int n, int first, int second)
    {
        var levels = new int[n];
        for (int i = 0; i < n; i++)
        {
            double value = 25 * Math.Log(1 - random.NextDouble()) * (random.Next(2) * 2 - 1);
            double rounding = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()) / 12) * Math.Cos(2 * Math.PI * random.NextDouble());
            levels[i] = (int)Math.Round((Math.Round(value / first) * first + rounding) / second);
        }
        return levels;
    }
}
