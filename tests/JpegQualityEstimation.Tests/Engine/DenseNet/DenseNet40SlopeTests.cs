using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Networks;
using Xunit;
using Xunit.Abstractions;

namespace JpegQualityEstimation.Tests.Engine.DenseNet;

/// <summary>The training step's gradient against slopes of its own loss, and the same step in every vector width.</summary>
public sealed class DenseNet40SlopeTests(ITestOutputHelper log)
{
    const int Windows = 2;
    const int Offset = 8;
    const double Length = 1.0 / 128;

    public static TheoryData<string> Sets => [.. CpuKernelSets.Available.Where(set => set != CpuKernelSet.Scalar).Select(set => set.ToString())];

    // The slope along the gradient of one kind of tensor is that gradient's norm. Three errors are allowed for: outputs
    // wrong by ForwardTolerance, and with them the loss, over the length of the step; gates that fall the other way by
    // rounding (BackwardTolerance); gates passed on the way, a share of them as large as the way, whose root the error
    // is: twice the way has 1.41 times the error, and the difference of the two slopes over 0.41 is that of the first.
    [Fact]
    public void GradientIsTheSlopeOfTheLoss()
    {
        var c = new DenseNet40GoldenCase(PrimaryInput.Rgb);
        var step = new DenseNet40Gradient(c.Architecture, 2) { Seed = 3 };
        float[] gradient = new float[c.Architecture.Count];
        float[] logits = new float[Windows * c.Architecture.Outputs];
        Loss(c.Parameters, gradient);
        double size = Math.Sqrt(logits.Average(value => (double)value * value));
        // Of a block's cross-entropy the gradient is softmax minus one-hot: at most the root of 2 long.
        double steepest = Math.Sqrt(2 * PrimaryBlocks.Count / (double)Windows);
        double noise = DenseNet40GradientTests.ForwardTolerance * size * steepest / Length;
        foreach (string tensors in new[] { ".gamma", ".beta", "layer", "transition", "first.weight", "head." })
        {
            float[] direction = new float[gradient.Length];
            foreach (TensorPlace place in DenseNet40Network.Places(c.Architecture))
                if (place.Name.Contains(tensors, StringComparison.Ordinal))
                    gradient.AsSpan(place.Offset, place.Length).CopyTo(direction.AsSpan(place.Offset));
            double norm = Math.Sqrt(direction.Sum(g => (double)g * g));
            double slope = Slope(direction, norm, Length);
            double bend = Math.Abs(Slope(direction, norm, 2 * Length) - slope) / (Math.Sqrt(2) - 1);
            log.WriteLine($"{tensors}: gradient {norm}, slope {slope}, noise {noise}, bend {bend}");
            Assert.Equal(norm, slope, noise + bend + norm * DenseNet40GradientTests.BackwardTolerance);
            // The errors must leave something to see.
            Assert.True(noise + bend < norm / 10, $"{tensors}: {noise} + {bend} of {norm}");
        }

        double Slope(float[] direction, double norm, double length) =>
            (Loss(Moved(direction, length / norm), new float[gradient.Length]) - Loss(Moved(direction, -length / norm), new float[gradient.Length])) / (2 * length);

        float[] Moved(float[] direction, double by) => [.. c.Parameters.Zip(direction, (p, d) => (float)(p + by * d))];

        double Loss(float[] parameters, float[] gradient) => step.Run(
            (float[])parameters.Clone(), c.Windows.AsSpan(0, Windows * 64 * 64 * 3), c.Steps.AsSpan(0, Windows * 15), new BlockCrossEntropy(), 1, gradient, logits).Block;
    }

    // Each width adds sums over pictures (statistics, weight gradients) in an order of its own; all else is equal. Gates
    // within rounding of 0 would fall either way, so every channel lies Offset deviations above or below it: roundings are
    // Offset + 1 times as large as those of plain deviations, and go there and back.
    [Theory]
    [MemberData(nameof(Sets))]
    public void VectorWidthsAgreeToRounding(string set)
    {
        (double loss, float[] gradient, float[] parameters, float[] logits) = Step(Enum.Parse<CpuKernelSet>(set));
        double tolerance = 2 * (Offset + 1) * DenseNet40GradientTests.ForwardTolerance;
        Assert.InRange(Distance(s_scalar.Value.Logits, logits), 0, tolerance);
        Assert.Equal(s_scalar.Value.Loss, loss, tolerance * loss);
        var architecture = new DenseNet40Architecture(PrimaryInput.Luma, PrimaryBlocks.Outputs);
        foreach (TensorPlace place in DenseNet40Network.Places(architecture))
        {
            bool trained = place.Offset < architecture.TrainableCount;
            double distance = trained
                ? Distance(s_scalar.Value.Gradient.AsSpan(place.Offset, place.Length), gradient.AsSpan(place.Offset, place.Length))
                : Distance(s_scalar.Value.Parameters.AsSpan(place.Offset, place.Length), parameters.AsSpan(place.Offset, place.Length));
            Assert.True(distance <= tolerance, $"{place.Name}: {distance}, not {tolerance}");
        }
    }

    // Length of the difference as a share of the first's.
    static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double difference = 0, length = 0;
        for (int i = 0; i < a.Length; i++)
        {
            difference += Math.Pow(a[i] - b[i], 2);
            length += Math.Pow(a[i], 2);
        }
        return difference == 0 ? 0 : Math.Sqrt(difference / length);
    }

    static readonly Lazy<(double Loss, float[] Gradient, float[] Parameters, float[] Logits)> s_scalar = new(() => Step(CpuKernelSet.Scalar));

    static (double Loss, float[] Gradient, float[] Parameters, float[] Logits) Step(CpuKernelSet set)
    {
        var c = new DenseNet40GoldenCase(PrimaryInput.Luma);
        foreach (TensorPlace place in DenseNet40Network.Places(c.Architecture))
            if (place.Name.EndsWith(".beta", StringComparison.Ordinal))
                for (int i = 0; i < place.Length; i++)
                    c.Parameters[place.Offset + i] = i % 3 == 0 ? -Offset : Offset;
        var step = new DenseNet40Gradient(c.Architecture, 2, set) { Seed = 3 };
        float[] gradient = new float[c.Architecture.TrainableCount];
        float[] logits = new float[Windows * c.Architecture.Outputs];
        byte[] windows = c.Windows[..(Windows * 64 * 64 * 3)];
        // Fixed gates let only the means of windows through, and of the batch's mean batch norm leaves nothing.
        foreach (ref byte value in windows.AsSpan(64 * 64 * 3))
            value /= 2;
        double loss = step.Run(c.Parameters, windows, c.Steps.AsSpan(0, Windows * 15), new BlockCrossEntropy(), 1, gradient, logits).Block;
        return (loss, gradient, c.Parameters, logits);
    }
}
