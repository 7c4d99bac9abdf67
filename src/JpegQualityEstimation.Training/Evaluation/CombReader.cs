using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// CombReader: the closed-form likelihood as a baseline beside networks. It chooses among the standard tables of quality
// 55..98 and takes the steps of the most probable; it leaves out the second grid's own phase, so it is blind to aligned
// compressions and to a missing one.

sealed class CombReader : IPrimaryWindowReader
{
    public const string Name = "closed-form";

    static readonly QuantTable[] Candidates = [.. Enumerable.Range(55, 98 - 55 + 1).Select(QuantTable.StandardLuminance)];

    readonly Dictionary<QuantTable, CombLikelihood> likelihoods = [];
    readonly float[] luma = new float[PrimaryWindows.Side * PrimaryWindows.Side];

    public bool GivesPhase => true;

    public void Read(ReadOnlySpan<byte> windows, int n, ReadOnlySpan<ushort> secondZigZag, Span<int> steps, Span<float> phase)
    {
        QuantTable second = QuantTable.FromZigZag(secondZigZag);
        if (!likelihoods.TryGetValue(second, out CombLikelihood? likelihood))
            likelihoods[second] = likelihood = new CombLikelihood(Candidates, second, PrimaryWindows.Side);
        phase.Clear();
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<byte> window = windows.Slice(i * PrimaryWindows.WindowBytes, PrimaryWindows.WindowBytes);
            LumaRows.Convert(new PixelView(window, PrimaryWindows.Side, PrimaryWindows.Side, PixelFormat.Rgb24), luma, PrimaryWindows.Side);
            CombEstimate estimate = likelihood.Estimate(luma, PrimaryWindows.Side);
            for (int k = 0; k < PrimarySums.Steps; k++)
                steps[i * PrimarySums.Steps + k] = likelihood.Steps(estimate.Table)[k];
            phase[i * 64 + estimate.Phase] = 1;
        }
    }

    public void Dispose()
    {
    }
}
