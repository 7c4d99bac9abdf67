using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// DenseNet40FoldedNorms: every batch norm with its running statistics as one multiply-add a value, on a device; what
// DenseNet40FoldedWeights computes on the processor, the same bits.
//   scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale
sealed class DenseNet40FoldedNorms : IDisposable
{
    const int Layers = DenseNet40Architecture.Layers;
    readonly int[,] at = new int[DenseNet40Architecture.Blocks, Layers + 1];
    readonly int count;
    readonly DeviceBuffer<float> values;

    public DenseNet40FoldedNorms(CudaStream stream, DenseNet40Architecture architecture, ReadOnlySpan<float> parameters)
    {
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
            for (int l = 0; l <= Layers; l++)
            {
                at[b, l] = count;
                count += DenseNet40Architecture.LayerInputs(b, l);
            }
        float[] folded = new float[2 * count];
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
            for (int l = 0; l <= Layers; l++)
                for (int c = 0; c < DenseNet40Architecture.LayerInputs(b, l); c++)
                {
                    double factor = parameters[architecture.Gamma(b, l) + c] / Math.Sqrt(parameters[architecture.Variance(b) + c] + DenseNet40Gradient.Epsilon);
                    folded[at[b, l] + c] = (float)factor;
                    folded[count + at[b, l] + c] = (float)(parameters[architecture.Beta(b, l) + c] - parameters[architecture.Mean(b) + c] * factor);
                }
        values = stream.Rent<float>(folded.Length);
        stream.Upload<float>(folded, values);
    }

    public ulong Scale(int block, int layer) => values.Span.Address + (ulong)at[block, layer] * sizeof(float);

    public ulong Shift(int block, int layer) => values.Span.Address + (ulong)(count + at[block, layer]) * sizeof(float);

    public void Dispose() => values.Dispose();
}
