using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Evaluation;

// PrimaryEngineReader: the steps that a network with 15 softmax blocks reads: the largest of each block (section 3.1 of
// the paper).

sealed class PrimaryEngineReader(IPrimaryEngine engine) : IPrimaryWindowReader
{
    float[] logits = [];

    public bool GivesPhase => engine.GivesPhase;

    public void Read(ReadOnlySpan<byte> windows, int n, ReadOnlySpan<ushort> secondZigZag, Span<int> steps, Span<float> phase)
    {
        if (logits.Length < n * PrimaryBlocks.Outputs)
            logits = new float[n * PrimaryBlocks.Outputs];
        engine.RunWindows(windows, n, secondZigZag, logits.AsSpan(0, n * PrimaryBlocks.Outputs), phase);
        Span<byte> decoded = stackalloc byte[PrimaryBlocks.Count];
        for (int i = 0; i < n; i++)
        {
            PrimaryBlocks.Decode(logits.AsSpan(i * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs), decoded);
            for (int k = 0; k < decoded.Length; k++)
                steps[i * decoded.Length + k] = decoded[k];
        }
    }

    public void Dispose() => engine.Dispose();
}
