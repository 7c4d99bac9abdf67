using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.PhaseHistogram;

/// <summary>Against tests/golden/phase_histogram.safetensors: PyTorch in float64 (make_phase_histogram_golden.py).</summary>
public sealed class PhaseHistogramGoldenTests
{
    static readonly string GoldenPath = Path.Combine(AppContext.BaseDirectory, "golden", "phase_histogram.safetensors");

    [Fact]
    public void ForwardLossAndGradientFollowPyTorch()
    {
        PhaseHistogramNetwork network = PhaseHistogramNetwork.Load(GoldenPath);
        SafetensorsContent golden = Safetensors.Read(GoldenPath);
        byte[] phases = Array.ConvertAll(Values("golden.phases"), value => (byte)value);
        float[] gradient = new float[network.Parameters.Length];
        float[] logits = new float[phases.Length * PrimaryBlocks.Outputs];
        float[] alpha = new float[phases.Length * 64];
        PhaseHistogramLoss loss = new PhaseHistogramGradient(network.Options, 1).RunEvidence(
            network.Parameters, Values("golden.evidence"), Values("golden.overall"), Array.ConvertAll(Values("golden.steps"), value => (byte)value),
            Array.ConvertAll(Values("golden.second"), value => (ushort)value), phases, new CrossEntropyLoss(),
            float.Parse(network.Metadata["attentionWeight"], System.Globalization.CultureInfo.InvariantCulture), gradient, logits, alpha);
        double unit = PhaseHistogramGradientTests.Rounding(network.Options);
        AssertNear("logits", Values("golden.logits"), logits, unit);
        AssertNear("alpha", Values("golden.alpha"), alpha, unit);
        Assert.Equal(Values("golden.losses")[0], loss.Block, unit * loss.Block);
        Assert.Equal(Values("golden.losses")[1], loss.Attention, unit * (loss.Attention + 1));
        // What lies before the attention gets its gradient through the softmax's difference.
        double difference = unit * Math.Max(1, Values("golden.cancellation")[0]);
        int attentionBias = network.Architecture.AttentionBias.Offset;
        foreach (PhaseHistogramTensor tensor in network.Architecture.Tensors)
        {
            AssertNear(tensor.Name, Values("gradient." + tensor.Name), gradient.AsSpan(tensor.Offset, tensor.Length).ToArray(),
                tensor.Offset <= attentionBias ? difference : unit);
        }

        float[] Values(string name)
        {
            Assert.True(golden.TryGet(name, out Tensor? tensor), name);
            return tensor.Values;
        }

        void AssertNear(string name, float[] expected, float[] actual, double relative)
        {
            Assert.Equal(expected.Length, actual.Length);
            double tolerance = relative * expected.Max(Math.Abs);
            for (int i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"{name}[{i}]: {actual[i]}, PyTorch {expected[i]}, tolerance {tolerance}");
        }
    }
}
