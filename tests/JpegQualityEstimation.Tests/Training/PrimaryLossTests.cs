using System.Text.Json;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

/// <summary>The losses against PyTorch (make_primary_loss_golden.py) and against finite differences.</summary>
public sealed class PrimaryLossTests
{
    static readonly JsonElement Golden = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "primary_loss.json"))).RootElement;

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, 15)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Losses_and_gradients_follow_PyTorch(int index)
    {
        JsonElement golden = Golden[index];
        IBlockLoss loss = Create(
            golden.GetProperty("name").GetString()!, golden.GetProperty("c").GetDouble(), golden.GetProperty("power").GetInt32(), golden.GetProperty("tau").GetDouble());
        float[] logits = [.. golden.GetProperty("logits").EnumerateArray().Select(value => value.GetSingle())];
        byte[] steps = [.. golden.GetProperty("steps").EnumerateArray().Select(value => value.GetByte())];
        var gradient = new float[logits.Length];
        double value = loss.Apply(logits, steps, gradient);
        double expected = golden.GetProperty("loss").GetDouble();
        // Both in double: some hundreds of roundings of terms up to about the loss.
        Assert.Equal(expected, value, 1e-12 * Math.Max(1, expected));
        for (int i = 0; i < gradient.Length; i++)
        {
            double slope = golden.GetProperty("gradient")[i].GetDouble();
            // One rounding to float here, nine digits there.
            Assert.Equal(slope, gradient[i], Math.Abs(slope) * 1.3e-7 + 1e-12 * Math.Max(1, expected));
        }
    }

    [Theory]
    [InlineData("crossEntropy", 1, 1, 0)]
    [InlineData("combined", 0.8, 1, 0)]
    [InlineData("combined", 0.8, 2, 0)]
    [InlineData("combined", 0, 1, 0)]
    [InlineData("smooth", 1, 1, 0.5)]
    [InlineData("regression", 1, 1, 0)]
    public void Gradients_are_finite_differences(string name, double c, int power, double tau)
    {
        IBlockLoss loss = Create(name, c, power, tau);
        int width = name == "regression" ? PrimaryBlocks.Count : PrimaryBlocks.Outputs;
        var random = new Random(7);
        float[] logits = [.. Enumerable.Range(0, width).Select(_ => 2 * (float)random.NextDouble() - 1)];
        byte[] steps = Steps(random);
        var gradient = new float[width];
        var unused = new float[width];
        loss.Apply(logits, steps, gradient);
        for (int i = 0; i < width; i++)
        {
            // A power of two, so that the logits move by exactly as much; the error is h^2 times a third derivative.
            const float H = 1f / 1024;
            float[] up = (float[])logits.Clone(), down = (float[])logits.Clone();
            (up[i], down[i]) = (MathF.Round(logits[i] / H) * H + H, MathF.Round(logits[i] / H) * H - H);
            float[] middle = (float[])logits.Clone();
            middle[i] = MathF.Round(logits[i] / H) * H;
            loss.Apply(middle, steps, gradient);
            double slope = (loss.Apply(up, steps, unused) - loss.Apply(down, steps, unused)) / (2 * H);
            // |d3 loss| <= 2 * largest distance for a softmax term: 24^power.
            double bound = H * H * Math.Pow(24, power) + 1.3e-7 * Math.Abs(slope) + 1e-10;
            Assert.Equal(slope, gradient[i], bound);
        }
    }

    [Fact]
    public void A_block_softmax_sums_to_one_and_goes_back()
    {
        var random = new Random(3);
        float[] logits = [.. Enumerable.Range(0, PrimaryBlocks.Outputs).Select(i => (float)(random.NextDouble() * 200 - 100))];
        (logits[0], logits[1]) = (float.MaxValue, -float.MaxValue);
        var f = new float[PrimaryBlocks.Outputs];
        BlockSoftmax.Forward(logits, f);
        Assert.Equal((1f, 0f), (f[0], f[1]));
        for (int i = 0; i < PrimaryBlocks.Count; i++)
            Assert.Equal(1, f.AsSpan(PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]).ToArray().Sum(v => (double)v), 24 * 6e-8);

        // The chain of softmax and its gradient is the combined loss of c = 0.
        byte[] steps = Steps(random);
        float[] gentle = [.. logits.Select(z => Math.Clamp(z / 50, -2, 2))];
        var expected = new float[PrimaryBlocks.Outputs];
        PrimaryLoss.Combined(0).Apply(gentle, steps, expected);
        BlockSoftmax.Forward(gentle, f);
        float[] d = [.. Enumerable.Range(0, PrimaryBlocks.Count).SelectMany(
            i => Enumerable.Range(1, PrimaryBlocks.Sizes[i]).Select(j => (float)Math.Abs(j - steps[i])))];
        var slope = new float[PrimaryBlocks.Outputs];
        BlockSoftmax.Backward(f, d, slope);
        for (int i = 0; i < slope.Length; i++)
            Assert.Equal(expected[i], slope[i], 24 * 3 * 1.2e-7);
    }

    [Fact]
    public void Extreme_logits_give_finite_losses()
    {
        var logits = new float[PrimaryBlocks.Outputs];
        Array.Fill(logits, -1e30f);
        for (int i = 0; i < PrimaryBlocks.Count; i++)
            logits[PrimaryBlocks.Offsets[i]] = 1e30f;
        byte[] steps = [.. Enumerable.Repeat((byte)1, PrimaryBlocks.Count)];
        var gradient = new float[PrimaryBlocks.Outputs];
        Assert.Equal(0, PrimaryLoss.Combined(0.8).Apply(logits, steps, gradient));
        Assert.All(gradient, g => Assert.Equal(0, g));
        steps[0] = 2;
        Assert.True(double.IsFinite(PrimaryLoss.CrossEntropy().Apply(logits, steps, gradient)));
    }

    [Fact]
    public void Wrong_sizes_and_steps_are_refused()
    {
        var logits = new float[PrimaryBlocks.Outputs];
        var gradient = new float[PrimaryBlocks.Outputs];
        byte[] steps = [.. Enumerable.Repeat((byte)1, PrimaryBlocks.Count)];
        PrimaryLoss loss = PrimaryLoss.CrossEntropy();
        Assert.Throws<ArgumentException>(() => loss.Apply(logits.AsSpan(1), steps, gradient));
        Assert.Throws<ArgumentException>(() => loss.Apply(logits, steps.AsSpan(1), gradient));
        Assert.Throws<ArgumentException>(() => loss.Apply(logits, steps, gradient.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => new RegressionLoss().Apply(logits, steps, gradient));
        foreach (byte step in new byte[] { 0, 12 })
        {
            steps[1] = step;
            Assert.Throws<ArgumentOutOfRangeException>(() => loss.Apply(logits, steps, gradient));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => PrimaryLoss.Combined(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PrimaryLoss.Combined(0.5, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => PrimaryLoss.Smooth(0));
    }

    static IBlockLoss Create(string name, double c, int power, double tau) => name switch
    {
        "crossEntropy" => PrimaryLoss.CrossEntropy(),
        "combined" => PrimaryLoss.Combined(c, power),
        "smooth" => PrimaryLoss.Smooth(tau),
        _ => new RegressionLoss(),
    };

    static byte[] Steps(Random random)
    {
        var steps = new byte[PrimaryBlocks.Count];
        for (int i = 0; i < steps.Length; i++)
            steps[i] = (byte)random.Next(1, PrimaryBlocks.Sizes[i] + 1);
        return steps;
    }
}
