namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>Runs a network with 15 outputs: windows [n,64,64,3] RGB to outputs [n,15], overwritten.</summary>
delegate void RegressionRun(ReadOnlySpan<byte> windows, int n, Span<float> outputs);

// RegressionReader: the steps that a network with the head of Niu, Tondi, Zhao, Barni 2020 reads: its 15 outputs rounded.
// It gives neither probabilities nor a phase, and is made for one second table.

sealed class RegressionReader(RegressionRun run) : IPrimaryWindowReader
{
    float[] outputs = [];

    public bool GivesPhase => false;

    public void Read(ReadOnlySpan<byte> windows, int n, ReadOnlySpan<ushort> secondZigZag, Span<int> steps, Span<float> phase)
    {
        int count = n * PrimarySums.Steps;
        if (outputs.Length < count)
            outputs = new float[count];
        run(windows, n, outputs.AsSpan(0, count));
        for (int i = 0; i < count; i++)
            steps[i] = RegressionLoss.Step(outputs[i]);
    }

    public void Dispose()
    {
    }
}
