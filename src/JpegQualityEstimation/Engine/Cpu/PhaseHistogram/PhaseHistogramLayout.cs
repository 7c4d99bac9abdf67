using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseHistogramLayout: the flat parameters (PhaseHistogramArchitecture) with the columns of every tensor padded with
// zeros to a multiple of 16, which is what the products want; the gradient is accumulated in the same layout.
sealed class PhaseHistogramLayout
{
    // By the tensor's index: they are looked up in the midst of small products.
    readonly int[] offsets;

    public PhaseHistogramLayout(PhaseHistogramArchitecture architecture)
    {
        Architecture = architecture;
        offsets = new int[architecture.Tensors.Count];
        foreach (PhaseHistogramTensor tensor in architecture.Tensors)
        {
            offsets[tensor.Index] = Length;
            Length += tensor.Rows * Padded(tensor.Columns);
        }
    }

    public PhaseHistogramArchitecture Architecture { get; }

    public int Length { get; }

    public static int Padded(int columns) => (columns + 15) & ~15;

    public int this[PhaseHistogramTensor tensor] => offsets[tensor.Index];

    public void Lay(ReadOnlySpan<float> parameters, Span<float> laid)
    {
        foreach (PhaseHistogramTensor tensor in Architecture.Tensors)
        {
            int columns = tensor.Columns, padded = Padded(columns);
            ReadOnlySpan<float> from = parameters.Slice(tensor.Offset, tensor.Length);
            Span<float> to = laid.Slice(this[tensor], tensor.Rows * padded);
            if (columns == padded)
            {
                from.CopyTo(to);
                continue;
            }
            for (int r = 0; r < tensor.Rows; r++)
                from.Slice(r * columns, columns).CopyTo(to[(r * padded)..]);
        }
    }

    public void Unlay(ReadOnlySpan<float> laid, Span<float> parameters)
    {
        foreach (PhaseHistogramTensor tensor in Architecture.Tensors)
        {
            int columns = tensor.Columns, padded = Padded(columns);
            if (columns == padded)
            {
                laid.Slice(this[tensor], tensor.Length).CopyTo(parameters[tensor.Offset..]);
                continue;
            }
            for (int r = 0; r < tensor.Rows; r++)
                laid.Slice(this[tensor] + r * padded, columns).CopyTo(parameters[(tensor.Offset + r * columns)..]);
        }
    }
}
