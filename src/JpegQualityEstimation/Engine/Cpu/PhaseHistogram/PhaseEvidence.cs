namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseEvidence: one window of luma to the evidence of its 64 grid phases. DCT at every position, per phase and
// coefficient the histogram of magnitudes and the comb responses, each against all phases together.
//   evidence [coefficient, phase, feature]   overall [coefficient, feature]   (PhaseFeatures says what they hold)
// Not thread-safe: one object a thread. Equal bits in every vector width.

/// <summary>Evidence of single windows; nothing is allocated after construction.</summary>
/// <param name="options">What is measured.</param>
/// <param name="width">Columns of a window, at least 15.</param>
/// <param name="height">Rows of a window, at least 15.</param>
/// <param name="set">Vector width; the process's choice when absent.</param>
sealed class PhaseEvidence(PhaseEvidenceOptions options, int width = 64, int height = 64, CpuKernelSet? set = null)
{
    readonly PhaseBand band = new(options, width, height, width, set ?? CpuKernelSets.Chosen);

    public PhaseEvidenceOptions Options => options;

    /// <summary>Measures one window.</summary>
    /// <param name="luma">Samples of 0..255, the window's first row first.</param>
    /// <param name="stride">Samples from one row to the next.</param>
    /// <param name="evidence">[coefficient, phase, feature], <see cref="PhaseEvidenceOptions.EvidenceLength"/> floats.</param>
    /// <param name="overall">[coefficient, feature], <see cref="PhaseEvidenceOptions.OverallLength"/> floats.</param>
    /// <param name="gridX">Column of the window's first sample in the grid that phases are counted from.</param>
    /// <param name="gridY">Row of it.</param>
    public void Compute(ReadOnlySpan<float> luma, int stride, Span<float> evidence, Span<float> overall, int gridX = 0, int gridY = 0)
    {
        for (int y = 0; y < height; y++)
            band.Row(y, luma.Slice(y * stride, width));
        band.Windows(1, width, gridX, gridY, evidence, overall);
    }
}
