using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseEvidenceMap: the evidence of square windows at every step of a picture. Phases are those of the grid that lies
// at (gridX, gridY) of the picture whatever the window's corner: phase 0 is the phase of that grid.
// Windows of one row are done in groups; a group's band is transformed once and its tallies slide. Rows of windows,
// and calls, share nothing: any thread may take any row, one object a thread, and each window equals PhaseEvidence
// of its samples to the bit. Memory does not grow with the picture.
sealed unsafe class PhaseEvidenceMap : IPhaseEvidenceSource
{
    // Positions of a band: its codes stay in a second-level cache.
    const int GroupReach = 192;

    readonly PhaseEvidenceOptions options;
    readonly PhaseBand band;
    readonly float[] luma;
    readonly int side;
    readonly int step;
    readonly int group;
    readonly int gridX;
    readonly int gridY;
    int loadedX;
    int loadedY;

    /// <param name="options">What is measured.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of it.</param>
    /// <param name="side">Side of a window, at least 15.</param>
    /// <param name="step">Pixels from one window to the next, both ways.</param>
    /// <param name="gridX">Column where a block of the grid starts that phases are counted from.</param>
    /// <param name="gridY">Row where one starts.</param>
    /// <param name="set">Vector width; the process's choice when absent.</param>
    public PhaseEvidenceMap(PhaseEvidenceOptions options, int width, int height, int side = 64, int step = 8, int gridX = 0, int gridY = 0, CpuKernelSet? set = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        (this.options, this.side, this.step, this.gridX, this.gridY) = (options, side, step, gridX, gridY);
        Begin(width, height);
        group = 1 + GroupReach / step;
        int capacity = side + (group - 1) * step;
        band = new PhaseBand(options, side, side, capacity, set ?? CpuKernelSets.Chosen);
        luma = new float[capacity];
    }

    /// <summary>Windows a row.</summary>
    public int Columns { get; private set; }

    /// <summary>Rows of windows.</summary>
    public int Rows { get; private set; }

    /// <summary>Turns to a picture of another size.</summary>
    public void Begin(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        Columns = width < side ? 0 : (width - side) / step + 1;
        Rows = height < side ? 0 : (height - side) / step + 1;
    }

    /// <summary>Windows that are cheapest in one call, or a multiple of it.</summary>
    public int Group => group;

    /// <summary>Evidence of windows first .. first + count - 1 of one row of windows, as far as the row goes.</summary>
    /// <param name="picture">The picture, of the size given before.</param>
    /// <param name="windowRow">Row of windows; its samples start at row windowRow * step.</param>
    /// <param name="first">First window of it.</param>
    /// <param name="count">Windows wanted.</param>
    /// <param name="evidence">[window, coefficient, phase, feature].</param>
    /// <param name="overall">[window, coefficient, feature].</param>
    /// <returns>Windows filled.</returns>
    public int FillRow(PixelView picture, int windowRow, int first, int count, Span<float> evidence, Span<float> overall)
    {
        count = Clip(windowRow, first, count);
        for (int done = 0; done < count; done += group)
        {
            int windows = Load(picture, windowRow, first + done, Math.Min(group, count - done));
            Windows(windowRow, first + done, windows, evidence[(done * options.EvidenceLength)..], overall[(done * options.OverallLength)..]);
        }
        return count;
    }

    /// <summary>Transforms the pixels under a group of windows, for <see cref="Coefficient"/>.</summary>
    /// <param name="picture">The picture, of the size given before.</param>
    /// <param name="windowRow">Row of windows.</param>
    /// <param name="first">First window of it.</param>
    /// <param name="count">Windows wanted; no more than <see cref="Group"/> are taken.</param>
    /// <returns>Windows loaded.</returns>
    public int Load(PixelView picture, int windowRow, int first, int count)
    {
        count = Math.Min(group, Clip(windowRow, first, count));
        if (count == 0)
            return 0;
        Span<float> samples = luma.AsSpan(0, side + (count - 1) * step);
        for (int y = 0; y < side; y++)
        {
            LumaRows.Row(picture, windowRow * step + y, first * step, samples);
            band.Row(y, samples);
        }
        (loadedX, loadedY) = (first * step - gridX & 7, windowRow * step - gridY & 7);
        return count;
    }

    public void Coefficient(int k, int first, int count, float* evidence, float* overall) =>
        band.Coefficient(k, first, count, step, loadedX, loadedY, evidence, PhaseEvidenceOptions.Phases * options.Features, overall);

    public void Expect(int k, MemoryAhead ahead) => band.Expect(k, ahead);

    /// <summary>The same from luma samples of 0..255.</summary>
    /// <param name="rows">The side rows of this row of windows: the first one is the picture's row windowRow * step.</param>
    /// <param name="stride">Floats from one row to the next.</param>
    /// <param name="windowRow">Row of windows.</param>
    /// <param name="first">First window of it.</param>
    /// <param name="count">Windows wanted.</param>
    /// <param name="evidence">[window, coefficient, phase, feature].</param>
    /// <param name="overall">[window, coefficient, feature].</param>
    /// <returns>Windows filled.</returns>
    public int FillRow(ReadOnlySpan<float> rows, int stride, int windowRow, int first, int count, Span<float> evidence, Span<float> overall)
    {
        count = Clip(windowRow, first, count);
        for (int done = 0; done < count; done += group)
        {
            int windows = Math.Min(group, count - done);
            for (int y = 0; y < side; y++)
                band.Row(y, rows.Slice(y * stride + (first + done) * step, side + (windows - 1) * step));
            Windows(windowRow, first + done, windows, evidence[(done * options.EvidenceLength)..], overall[(done * options.OverallLength)..]);
        }
        return count;
    }

    void Windows(int windowRow, int first, int count, Span<float> evidence, Span<float> overall) =>
        band.Windows(count, step, first * step - gridX & 7, windowRow * step - gridY & 7, evidence, overall);

    int Clip(int windowRow, int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)windowRow, (uint)Rows, nameof(windowRow));
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Math.Max(0, Math.Min(count, Columns - first));
    }
}
