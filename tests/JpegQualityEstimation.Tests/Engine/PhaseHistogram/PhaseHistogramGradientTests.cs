using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.PhaseHistogram;

public sealed class PhaseHistogramGradientTests
{
    const float AttentionWeight = 0.3f;

    public static TheoryData<string> Sets => [.. CpuKernelSets.Available.Select(set => set.ToString())];

    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 2)]
    [InlineData(null, 1)]
    public void ForwardIsTheDefinitionInDouble(bool? tinyWithSecond, int count)
    {
        var batch = new PhaseHistogramCase(Shape(tinyWithSecond), count, 3);
        float[] logits = new float[count * PrimaryBlocks.Outputs];
        float[] alpha = new float[count * 64];
        PhaseHistogramLoss loss = batch.Run(batch.Step(), AttentionWeight, null, logits, alpha);
        var reference = new PhaseHistogramReference(batch.Options);
        double[] exact = Array.ConvertAll(batch.Parameters, p => (double)p);
        double unit = Rounding(batch.Options);
        for (int n = 0; n < count; n++)
        {
            (double[] expected, double[] posterior) = reference.Forward(exact, batch.EvidenceOf(n), batch.OverallOf(n), batch.Second.AsSpan(64 * n, 64));
            double tolerance = unit * expected.Max(Math.Abs);
            for (int j = 0; j < expected.Length; j++)
                Assert.Equal(expected[j], logits[n * PrimaryBlocks.Outputs + j], tolerance);
            for (int p = 0; p < 64; p++)
                Assert.Equal(posterior[p], alpha[n * 64 + p], unit);
        }
        (double block, double attention) = reference.Loss(exact, batch);
        Assert.Equal(block, loss.Block, unit * block);
        Assert.Equal(attention, loss.Attention, unit * (attention + 1));
    }

    [Theory]
    [InlineData(true, 3, 4)]
    [InlineData(false, 2, 3)]
    [InlineData(null, 1, 1)]
    public void GradientIsTheSlopeOfTheLossInDouble(bool? tinyWithSecond, int count, int samples)
    {
        var batch = new PhaseHistogramCase(Shape(tinyWithSecond), count, 7);
        float[] gradient = new float[batch.Parameters.Length];
        batch.Run(batch.Step(), AttentionWeight, gradient);
        var reference = new PhaseHistogramReference(batch.Options);
        double[] exact = Array.ConvertAll(batch.Parameters, p => (double)p);
        var random = new Random(1);
        foreach (PhaseHistogramTensor tensor in new PhaseHistogramArchitecture(batch.Options).Tensors)
        {
            double largest = 0;
            foreach (float g in gradient.AsSpan(tensor.Offset, tensor.Length))
                largest = Math.Max(largest, Math.Abs(g));
            for (int s = 0; s < samples; s++)
            {
                int i = tensor.Offset + (s == 1 ? 0 : s == 2 ? tensor.Length - 1 : random.Next(tensor.Length));
                const double Step = 1e-6;
                double keep = exact[i];
                exact[i] = keep + Step;
                double up = Total(reference.Loss(exact, batch));
                exact[i] = keep - Step;
                double down = Total(reference.Loss(exact, batch));
                exact[i] = keep;
                double slope = (up - down) / (2 * Step);
                // The differences are exact to 1e-16 of a loss of some tens over the step.
                double tolerance = Rounding(batch.Options) * largest + 1e-14 / Step;
                Assert.True(Math.Abs(slope - gradient[i]) <= tolerance, $"{tensor.Name}[{i - tensor.Offset}]: slope {slope}, gradient {gradient[i]}, largest {largest}");
            }
        }

        static double Total((double Block, double Attention) loss) => loss.Block + AttentionWeight * loss.Attention;
    }

    // Chunks of 19: one group ends short, and what is kept of windows is added twice.
    [Fact]
    public void GradientIsTheMeanOfItsWindows()
    {
        const int Count = 8 * 19 - 5;
        var batch = new PhaseHistogramCase(PhaseHistogramCase.Tiny, Count, 10);
        PhaseHistogramGradient step = batch.Step();
        float[] gradient = new float[batch.Parameters.Length], one = new float[gradient.Length];
        batch.Run(step, AttentionWeight, gradient);
        double[] sum = new double[gradient.Length], magnitude = new double[gradient.Length];
        for (int n = 0; n < Count; n++)
        {
            step.RunEvidence(batch.Parameters, batch.EvidenceOf(n), batch.OverallOf(n), batch.Steps.AsSpan(15 * n, 15), batch.Second.AsSpan(64 * n, 64),
                batch.Phases.AsSpan(n, 1), new CrossEntropyLoss(), AttentionWeight, one);
            for (int i = 0; i < one.Length; i++)
            {
                sum[i] += one[i];
                magnitude[i] += Math.Abs(one[i]);
            }
        }
        foreach (PhaseHistogramTensor tensor in new PhaseHistogramArchitecture(batch.Options).Tensors)
        {
            double tolerance = Rounding(batch.Options) * magnitude.AsSpan(tensor.Offset, tensor.Length).ToArray().Max() / Count;
            for (int i = tensor.Offset; i < tensor.Offset + tensor.Length; i++)
                Assert.Equal(sum[i] / Count, gradient[i], tolerance);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void ThreadCountChangesNoBit(int threads)
    {
        var batch = new PhaseHistogramCase(PhaseHistogramCase.Tiny, 37, 5);
        float[] one = new float[batch.Parameters.Length], many = new float[batch.Parameters.Length];
        PhaseHistogramLoss first = batch.Run(batch.Step(1), AttentionWeight, one);
        PhaseHistogramLoss second = batch.Run(batch.Step(threads), AttentionWeight, many);
        Assert.Equal(first, second);
        Assert.Equal(one, many);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void VectorWidthChangesNoBit(string set)
    {
        var batch = new PhaseHistogramCase(PhaseHistogramCase.Tiny, 7, 6);
        float[] scalar = new float[batch.Parameters.Length], wide = new float[batch.Parameters.Length];
        PhaseHistogramLoss first = batch.Run(batch.Step(1, CpuKernelSet.Scalar), AttentionWeight, scalar);
        PhaseHistogramLoss second = batch.Run(batch.Step(1, Enum.Parse<CpuKernelSet>(set)), AttentionWeight, wide);
        Assert.Equal(first, second);
        Assert.Equal(scalar, wide);
    }

    [Fact]
    public void RunsRepeatWhateverRanBefore()
    {
        var batch = new PhaseHistogramCase(PhaseHistogramCase.Tiny, 9, 8);
        PhaseHistogramGradient step = batch.Step(2);
        float[] one = new float[batch.Parameters.Length], again = new float[batch.Parameters.Length];
        batch.Run(step, AttentionWeight, one);
        new PhaseHistogramCase(PhaseHistogramCase.Tiny, 41, 9).Run(step, 1, again);
        batch.Run(step, AttentionWeight, again);
        Assert.Equal(one, again);
    }

    [Theory]
    [InlineData("parameters")]
    [InlineData("evidence")]
    [InlineData("overall")]
    [InlineData("steps")]
    [InlineData("second")]
    [InlineData("gradient")]
    [InlineData("logits")]
    [InlineData("posterior")]
    public void WrongLengthsAreRefusedByName(string which)
    {
        var batch = new PhaseHistogramCase(PhaseHistogramCase.Tiny, 2, 1);
        int More(string name) => name == which ? 1 : 0;
        var error = Assert.Throws<ArgumentException>(() => batch.Step().RunEvidence(
            new float[batch.Parameters.Length + More("parameters")], new float[batch.Evidence.Length + More("evidence")],
            new float[batch.Overall.Length + More("overall")], new byte[2 * 15 + More("steps")], new ushort[2 * 64 + More("second")], new byte[2],
            new CrossEntropyLoss(), 0, new float[batch.Parameters.Length + More("gradient")],
            new float[2 * PrimaryBlocks.Outputs + More("logits")], new float[2 * 64 + More("posterior")]));
        Assert.Equal(which, error.ParamName);
    }

    [Fact]
    public void APhaseOutsideTheGridIsRefused()
    {
        var batch = new PhaseHistogramCase(PhaseHistogramCase.Tiny, 2, 1);
        batch.Phases[1] = 64;
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Run(batch.Step(), 0, null));
    }

    static PhaseHistogramOptions Shape(bool? tinyWithSecond) =>
        tinyWithSecond is bool second ? PhaseHistogramCase.Tiny with { SecondTable = second } : new PhaseHistogramOptions { SecondTable = true };

    // Roundings on the longest way from an input to the loss and back, each at most half a unit of the last place of
    // a float, taken to the largest value there is.
    public static double Rounding(PhaseHistogramOptions o) =>
        2 * (2 * o.Features + o.Coefficients * o.Hidden + o.PhaseWidth + o.PooledWidth + 64 + o.TrunkInputs + o.Trunk + o.CoefficientWidth) * Math.Pow(2, -24);
}
