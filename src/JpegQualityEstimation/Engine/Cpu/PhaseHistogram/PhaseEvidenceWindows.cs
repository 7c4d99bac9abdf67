using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseEvidenceWindows: a few square windows that have nothing to do with each other, side by side in one band: each is the
// band's next window, a window's width further on, and shares no position with the one before. Equal to PhaseEvidence of
// each to the bit. Not thread-safe: one object a thread.
sealed unsafe class PhaseEvidenceWindows : IPhaseEvidenceSource
{
    // The windows lie far from one another, and nobody has looked at them since they were made.
    const int RowsAhead = 6;

    readonly PhaseEvidenceOptions options;
    readonly PhaseBand band;
    readonly float[] luma;
    readonly int side;

    /// <param name="options">What is measured.</param>
    /// <param name="side">Of a window: at least 15, a multiple of 8.</param>
    /// <param name="capacity">Most windows.</param>
    /// <param name="set">Vector width.</param>
    public PhaseEvidenceWindows(PhaseEvidenceOptions options, int side, int capacity, CpuKernelSet set)
    {
        (this.options, this.side) = (options, side);
        band = new PhaseBand(options, side, side, capacity * side, set);
        luma = new float[capacity * side];
    }

    /// <summary>Transforms RGB windows [count, side, side, 3].</summary>
    public void Load(ReadOnlySpan<byte> windows, int count)
    {
        int bytes = 3 * side * side;
        for (int y = 0; y < side; y++)
        {
            for (int n = 0; n < count; n++)
            {
                if (y + RowsAhead < side)
                    MemoryAhead.Ask(windows.Slice(n * bytes + 3 * (y + RowsAhead) * side, 3 * side));
                var window = new PixelView(windows.Slice(n * bytes, bytes), side, side, PixelFormat.Rgb24);
                LumaRows.Row(window, y, 0, luma.AsSpan(n * side, side));
            }
            band.Row(y, luma.AsSpan(0, count * side));
        }
    }

    public void Coefficient(int k, int first, int count, float* evidence, float* overall) =>
        band.Coefficient(k, first, count, side, 0, 0, evidence, PhaseEvidenceOptions.Phases * options.Features, overall);

    public void Expect(int k, MemoryAhead ahead) => band.Expect(k, ahead);
}
