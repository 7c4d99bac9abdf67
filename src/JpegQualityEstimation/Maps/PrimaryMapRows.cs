using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

// PrimaryMapRows: one thread's way through rows of windows: engine outputs -> probabilities and grid shifts -> planes.
sealed class PrimaryMapRows(bool givesPhase, IPrimaryMapSource source, WindowGrid grid, WindowEvidence evidence, PrimaryMapPlanes planes)
{
    readonly float[] probabilities = new float[grid.Columns * PrimaryBlocks.Outputs];
    readonly float[] phase = new float[givesPhase ? grid.Columns * 64 : 0];
    readonly float[] shifts = new float[givesPhase ? grid.Columns * 64 : 0];

    public PrimaryMapRow Current(int y) => new(y, probabilities, shifts);

    public PrimaryPool Fill(int y)
    {
        var pool = new PrimaryPool();
        source.FillRow(y, 0, grid.Columns, probabilities, phase);
        for (int x = 0; x < grid.Columns; x++)
        {
            Span<float> window = probabilities.AsSpan(x * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs);
            Span<float> shift = givesPhase ? shifts.AsSpan(64 * x, 64) : default;
            bool finite = PrimaryPosterior.Probabilities(window);
            if (givesPhase)
                PrimaryPosterior.ShiftsOf(phase.AsSpan(64 * x, 64), shift);
            planes.Put(y * grid.Columns + x, finite && evidence.Determines(grid.Top(y), grid.Left(x)), window, shift, pool);
        }
        return pool;
    }
}
