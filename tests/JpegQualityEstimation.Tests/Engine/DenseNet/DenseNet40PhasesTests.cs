using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Networks;
using Xunit;
using Xunit.Abstractions;

namespace JpegQualityEstimation.Tests.Engine.DenseNet;

/// <summary>The training step that learns grid phases beside the steps.</summary>
public sealed class DenseNet40PhasesTests(ITestOutputHelper log)
{
    const int Windows = 2;
    const double Weight = 8;
    const double Length = 1.0 / 128;

    readonly DenseNet40GoldenCase golden = new(PrimaryInput.Luma);
    readonly DenseNet40Architecture architecture = new(PrimaryInput.Luma, PrimaryBlocks.Outputs, phases: true);

    // As DenseNet40SlopeTests, whose errors these are: rows of the head's weights are 1 long, so its outputs err as little as its inputs,
    // and a place's gradient is at most the root of 2 times the factor, twice a place, over 512. Without dropout: all that it drops is the same
    // number, which where a gate is near goes through it at once.
    [Theory]
    [InlineData("phase.")]
    [InlineData("block3.layer")]
    [InlineData("head.")]
    public void GradientIsTheSlopeOfBothLosses(string tensors)
    {
        var step = new DenseNet40Gradient(architecture, 2) { Dropout = 0, PhaseWeight = Weight };
        float[] parameters = Parameters(), gradient = new float[architecture.Count], logits = new float[Windows * architecture.Outputs];
        Loss(parameters, gradient);
        double size = Math.Sqrt(logits.Average(value => (double)value * value));
        double steepest = Math.Sqrt(2 * PrimaryBlocks.Count / (double)Windows);
        double noise = DenseNet40GradientTests.ForwardTolerance * (size * steepest + Weight * Math.Sqrt(2.0 * Windows / (2 * GridPhaseHead.Places))) / Length;
        float[] direction = new float[gradient.Length];
        foreach (TensorPlace place in DenseNet40Network.Places(architecture))
            if (place.Name.StartsWith(tensors, StringComparison.Ordinal))
                gradient.AsSpan(place.Offset, place.Length).CopyTo(direction.AsSpan(place.Offset));
        double norm = Math.Sqrt(direction.Sum(g => (double)g * g));
        double slope = Slope(Length), bend = Math.Abs(Slope(2 * Length) - slope) / (Math.Sqrt(2) - 1);
        log.WriteLine($"{tensors}: gradient {norm}, slope {slope}, noise {noise}, bend {bend}");
        Assert.Equal(norm, slope, noise + bend + norm * DenseNet40GradientTests.BackwardTolerance);
        Assert.True(noise + bend < norm / 10, $"{tensors}: {noise} + {bend} of {norm}");

        double Slope(double length) => (Loss(Moved(length / norm), new float[gradient.Length]) - Loss(Moved(-length / norm), new float[gradient.Length])) / (2 * length);

        float[] Moved(double by) => [.. parameters.Zip(direction, (p, d) => (float)(p + by * d))];

        double Loss(float[] values, float[] gradient)
        {
            DenseNet40Loss loss = Run(step, (float[])values.Clone(), gradient, logits);
            return loss.Block + Weight * loss.Phase;
        }
    }

    // Nor does it in what else there is: places' gradients that are all alike are the average's.
    [Fact]
    public void AWeightOfNothingChangesNothing()
    {
        float[] with = new float[architecture.Count], without = new float[golden.Architecture.Count], logits = new float[Windows * architecture.Outputs];
        float[] parameters = Parameters();
        double loss = Run(new DenseNet40Gradient(architecture, 2), parameters, with, logits).Block;
        double plain = new DenseNet40Gradient(golden.Architecture, 1).Run(golden.Parameters, golden.Windows.AsSpan(0, Windows * 64 * 64 * 3), golden.Steps.AsSpan(0, Windows * 15),
            new BlockCrossEntropy(), 1, without, logits).Block;
        int own = golden.Architecture.TrainableCount;
        Assert.Equal(plain, loss);
        Assert.Equal(without[..own], with[..own]);
        Assert.All(with[own..], value => Assert.Equal(0, value));
        Assert.Equal(golden.Parameters[own..], parameters[architecture.TrainableCount..]);
    }

    [Fact]
    public void ThreadsDoNotChangeABit()
    {
        (DenseNet40Loss Loss, float[] Gradient)[] runs = [.. new[] { 1, 3 }.Select(threads =>
        {
            float[] gradient = new float[architecture.Count], posterior = new float[5 * 64];
            DenseNet40Loss loss = new DenseNet40Gradient(architecture, threads) { PhaseWeight = Weight }.Run(
                Parameters(), golden.Windows, golden.Steps, new BlockCrossEntropy(), 1, gradient, new float[5 * architecture.Outputs], [0, 63, 255, 8, 1], posterior);
            return (loss, gradient);
        })];
        Assert.Equal(runs[0].Loss, runs[1].Loss);
        Assert.Equal(runs[0].Gradient, runs[1].Gradient);
    }

    // Measured as the network answers, phases have a loss too, and nothing moves.
    [Fact]
    public void PhasesAreMeasuredWithoutAGradient()
    {
        float[] parameters = Parameters(), before = (float[])parameters.Clone();
        DenseNet40Loss loss = Run(new DenseNet40Gradient(architecture, 1) { PhaseWeight = Weight }, parameters, null, new float[Windows * architecture.Outputs]);
        Assert.True(loss.Phase > 0);
        Assert.Equal(before, parameters);
    }

    [Fact]
    public void NamesWhatHasTheWrongLength()
    {
        var step = new DenseNet40Gradient(architecture, 1);
        float[] logits = new float[architecture.Outputs];
        byte[] window = new byte[64 * 64 * 3], steps = new byte[15];
        Assert.Contains("phases", Assert.Throws<ArgumentException>(() => step.Run(Parameters(), window, steps, new BlockCrossEntropy(), 0, null, logits)).Message);
        Assert.Contains("posterior", Assert.Throws<ArgumentException>(() => step.Run(Parameters(), window, steps, new BlockCrossEntropy(), 0, null, logits, [1])).Message);
    }

    DenseNet40Loss Run(DenseNet40Gradient step, float[] parameters, float[]? gradient, float[] logits) => step.Run(parameters, golden.Windows.AsSpan(0, Windows * 64 * 64 * 3),
        golden.Steps.AsSpan(0, Windows * 15), new BlockCrossEntropy(), 1, gradient, logits, [13, 50], new float[Windows * 64]);

    // The golden case's, and a head whose rows are 1 long.
    float[] Parameters()
    {
        float[] parameters = architecture.FromModel(golden.Parameters);
        for (int i = 0; i < 16 * 456; i++)
            parameters[architecture.PhaseWeight + i] = (float)((i * 2654435761L >> 13 & 1) == 0 ? 1 / Math.Sqrt(456) : -1 / Math.Sqrt(456));
        return parameters;
    }
}
