using System.Buffers;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

// PrimaryMapRows: one thread's way through rows of windows: engine outputs -> probabilities and grid shifts -> planes, which scale
// them. Where somebody receives the rows, what the network says itself is kept beside it.
sealed class PrimaryMapRows(
    bool givesPhase, bool isReceived, IPrimaryMapSource source, WindowGrid grid, WindowEvidence evidence, PrimaryMapPlanes planes) : IDisposable
{
    readonly bool keepsRaw = isReceived && !planes.Scaling.IsNone;
    readonly float[] probabilities = ArrayPool<float>.Shared.Rent(grid.Columns * PrimaryBlocks.Outputs);
    readonly float[] phase = ArrayPool<float>.Shared.Rent(givesPhase ? grid.Columns * 64 : 0);
    readonly float[] shifts = ArrayPool<float>.Shared.Rent(givesPhase ? grid.Columns * 64 : 0);
    readonly float[] rawProbabilities = ArrayPool<float>.Shared.Rent(isReceived && !planes.Scaling.IsNone ? grid.Columns * PrimaryBlocks.Outputs : 0);
    readonly float[] rawShifts = ArrayPool<float>.Shared.Rent(isReceived && !planes.Scaling.IsNone && givesPhase ? grid.Columns * 64 : 0);

    Span<float> Probabilities => probabilities.AsSpan(0, grid.Columns * PrimaryBlocks.Outputs);

    Span<float> Shifts => shifts.AsSpan(0, givesPhase ? grid.Columns * 64 : 0);

    public PrimaryMapRow Current(int y) => keepsRaw
        ? new(y, Probabilities, Shifts, rawProbabilities.AsSpan(0, Probabilities.Length), rawShifts.AsSpan(0, Shifts.Length))
        : new(y, Probabilities, Shifts, Probabilities, Shifts);

    /// <summary>Fills the planes of row y and pools its windows.</summary>
    public void Fill(int y, PrimaryPool pool)
    {
        Span<float> phases = phase.AsSpan(0, givesPhase ? grid.Columns * 64 : 0);
        source.FillRow(y, 0, grid.Columns, Probabilities, phases);
        for (int x = 0; x < grid.Columns; x++)
        {
            Span<float> window = Probabilities.Slice(x * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs);
            Span<float> shift = givesPhase ? Shifts.Slice(64 * x, 64) : default;
            bool finite = PrimaryPosterior.Probabilities(window);
            if (givesPhase)
                PrimaryPosterior.ShiftsOf(phases.Slice(64 * x, 64), shift);
            if (keepsRaw)
            {
                window.CopyTo(rawProbabilities.AsSpan(x * PrimaryBlocks.Outputs));
                shift.CopyTo(rawShifts.AsSpan(x * shift.Length));
            }
            planes.Put(y * grid.Columns + x, finite && evidence.Determines(grid.Top(y), grid.Left(x)), window, shift, pool);
        }
    }

    public void Dispose()
    {
        foreach (float[] rented in new[] { probabilities, phase, shifts, rawProbabilities, rawShifts })
            ArrayPool<float>.Shared.Return(rented);
    }
}
