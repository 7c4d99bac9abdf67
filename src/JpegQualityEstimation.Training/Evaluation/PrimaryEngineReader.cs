using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Evaluation;

// PrimaryEngineReader: the steps that a network with 15 softmax blocks reads: the most probable of each block (section 3.1 of
// the paper), scaled as its file says.

sealed class PrimaryEngineReader(IPrimaryEngine engine, PrimaryCalibration calibration) : IPrimaryWindowReader
{
    float[] outputs = [];

    public bool GivesPhase => engine.GivesPhase;

    public void Read(ReadOnlySpan<byte> windows, int n, ReadOnlySpan<ushort> secondZigZag, Span<int> steps, Span<float> phase)
    {
        if (outputs.Length < n * PrimaryBlocks.Outputs)
            outputs = new float[n * PrimaryBlocks.Outputs];
        engine.RunWindows(windows, n, secondZigZag, outputs.AsSpan(0, n * PrimaryBlocks.Outputs), phase);
        PrimaryScaling scaling = calibration.For(secondZigZag);
        Span<byte> decoded = stackalloc byte[PrimaryBlocks.Count];
        for (int i = 0; i < n; i++)
        {
            Span<float> window = outputs.AsSpan(i * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs);
            // Logits say the same where nothing is scaled.
            if (!scaling.IsNone && PrimaryPosterior.Probabilities(window))
                scaling.ScaleSteps(window);
            PrimaryBlocks.Decode(window, decoded);
            for (int k = 0; k < decoded.Length; k++)
                steps[i * decoded.Length + k] = decoded[k];
        }
    }

    public void Dispose() => engine.Dispose();
}
