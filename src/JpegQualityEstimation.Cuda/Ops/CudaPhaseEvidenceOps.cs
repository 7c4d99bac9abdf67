using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Cuda.Ops;

// CudaPhaseEvidenceOps: pixels -> luma -> evidence of 64x64 windows on a device; bits equal those of PhaseEvidence of the
// processor. evidence [K,n,64,F], overall [K,n,F]: a coefficient's windows lie together, as the products want them.
sealed class CudaPhaseEvidenceOps : IDisposable
{
    const int Pitch = 72, LeastShared = 48 << 10;

    // Windows whose tallies slide: longer runs read less, shorter ones fill more multiprocessors.
    const int WindowsOfARun = 16;

    readonly CudaStream stream;
    readonly PhaseEvidenceOptions options;
    readonly KernelFunction luma, evidence, stripes, slide;
    readonly DeviceBuffer<float> basis;
    readonly DeviceBuffer<int> plan;
    readonly DeviceBuffer<ushort> comb;
    readonly int combRow, together;
    DeviceBuffer<ushort>? tallies;

    public CudaPhaseEvidenceOps(CudaStream stream, PhaseEvidenceOptions options)
    {
        this.stream = stream;
        this.options = options;
        luma = stream.Runtime.Kernel("phase", "phase_luma");
        evidence = stream.Runtime.Kernel("phase", "phase_evidence");
        (stripes, slide) = (stream.Runtime.Kernel("phase", "phase_stripes"), stream.Runtime.Kernel("phase", "phase_slide"));
        together = Shared(4) <= LeastShared ? 4 : Shared(2) <= LeastShared ? 2 : 1;
        if (Shared(together) > stream.Runtime.MaxSharedPerBlock)
            throw new NotSupportedException($"{options.Features} features a coefficient need {Shared(together)} bytes of shared memory a block, {stream.Runtime.Name} has {stream.Runtime.MaxSharedPerBlock}");
        combRow = (options.Periods + 7) / 8 * 8;
        basis = Uploaded(Basis());
        plan = Uploaded(Plan());
        comb = Uploaded(Comb());
    }

    /// <summary>Luma of pixels, (299 R + 587 G + 114 B) / 1000.</summary>
    /// <param name="pixels">Rows of the picture.</param>
    /// <param name="stride">Bytes a row.</param>
    /// <param name="bytes">Of a pixel: 1, 3 or 4.</param>
    /// <param name="red">Where red lies in a pixel: 0 or 2.</param>
    /// <param name="columns">Pixels a row.</param>
    /// <param name="rows">Rows, at most 65535.</param>
    /// <param name="output">Overwritten.</param>
    /// <param name="outputRow">Floats a row of it.</param>
    public void Luma(DeviceSpan<byte> pixels, long stride, int bytes, int red, int columns, int rows, DeviceSpan<float> output, int outputRow) =>
        stream.Launch(luma, new Dim3((columns + 255) / 256, rows), new Dim3(256), 0, pixels, stride, bytes, red, columns, rows, output, outputRow);

    /// <summary>Evidence of windows of luma.</summary>
    /// <param name="samples">Window n starts at n * windowStep.</param>
    /// <param name="windowStep">Floats from one window to the next.</param>
    /// <param name="row">Floats a row.</param>
    /// <param name="gridX">Column of the first window in the grid that phases are counted from.</param>
    /// <param name="gridY">Row of all of them.</param>
    /// <param name="gridStep">Columns from one window to the next.</param>
    /// <param name="windows">n, at most 65535.</param>
    /// <param name="output">[K,n,64,F].</param>
    /// <param name="overall">[K,n,F].</param>
    public void Measure(
        DeviceSpan<float> samples, long windowStep, int row, int gridX, int gridY, int gridStep, int windows,
        DeviceSpan<float> output, DeviceSpan<float> overall) =>
        stream.Launch(evidence, new Dim3(8, windows), new Dim3(64 * together), Shared(together),
            samples, windowStep, row, gridX & 7, gridY & 7, gridStep & 7, basis, plan, comb, combRow, PhaseBand.BinScale(options.BinWidth),
            options.Bins, options.Periods, windows, output, overall);

    /// <summary>Evidence of windows side by side over a band of 64 rows; the same bits, for less where they overlap.</summary>
    /// <param name="band">[64, columns].</param>
    /// <param name="columns">Floats a row: (windows - 1) * step + 64.</param>
    /// <param name="gridX">Column of the first window in the grid that phases are counted from.</param>
    /// <param name="gridY">Row of all of them.</param>
    /// <param name="step">Columns from one window to the next.</param>
    /// <param name="windows">n, at most 65535.</param>
    /// <param name="output">[K,n,64,F].</param>
    /// <param name="overall">[K,n,F].</param>
    public void MeasureRow(
        DeviceSpan<float> band, int columns, int gridX, int gridY, int step, int windows, DeviceSpan<float> output, DeviceSpan<float> overall)
    {
        const int Reach = WindowGrid.Side / 8;
        if (step % 8 != 0 || step >= 8 * Reach || windows < 2)
        {
            Measure(band, step, columns, gridX, gridY, step, windows, output, overall);
            return;
        }
        int count = (windows - 1) * (step / 8) + Reach, f = options.Features, threads = 64 * together;
        long length = (long)options.Coefficients * count * f * 64;
        if (tallies is null || tallies.Length < length)
        {
            tallies?.Dispose();
            tallies = null;
            tallies = stream.Rent<ushort>(length);
        }
        stream.Launch(stripes, new Dim3(8, count), new Dim3(threads), sizeof(float) * 8 * WindowGrid.Side + sizeof(ushort) * options.Bins * threads,
            band, columns, columns, gridX & 7, gridY & 7, basis, plan, comb, combRow, PhaseBand.BinScale(options.BinWidth), options.Bins, options.Periods, count, tallies);
        stream.Launch(slide, new Dim3(options.Coefficients, (windows + WindowsOfARun - 1) / WindowsOfARun), new Dim3(256), sizeof(float) * f * 34,
            tallies, count, step / 8, gridX & 7, gridY & 7, options.Bins, options.Periods, windows, WindowsOfARun, output, overall);
    }

    public void Dispose()
    {
        tallies?.Dispose();
        basis.Dispose();
        plan.Dispose();
        comb.Dispose();
    }

    int Shared(int coefficients) =>
        sizeof(float) * (WindowGrid.Side * Pitch + coefficients * options.Features) + sizeof(ushort) * options.Features * (64 * coefficients + 2);

    static float[] Basis()
    {
        float[] values = new float[32];
        for (int v = 0; v < 8; v++)
            for (int i = 0; i < 4; i++)
                values[4 * v + i] = SlidingDctPlan.Basis(v, i);
        return values;
    }

    // [8] how many coefficients a horizontal frequency has, then [8,8] zig-zag index * 8 + vertical frequency.
    int[] Plan()
    {
        int[] values = new int[72];
        SlidingDctPlan.Column[] columns = new SlidingDctPlan(options.Coefficients).Columns;
        for (int u = 0; u < 8; u++)
            foreach (SlidingDctPlan.Term term in (SlidingDctPlan.Term[])[.. columns[u].Even, .. columns[u].Odd])
                values[8 + 8 * u + values[u]++] = 8 * term.ZigZagIndex + term.Vertical;
        return values;
    }

    ushort[] Comb()
    {
        ushort[] values = new ushort[Math.Max((PhaseTables.LastCode + 1) * combRow, 8)];
        for (int code = 0; code <= PhaseTables.LastCode; code++)
            for (int q = 1; q <= options.Periods; q++)
                values[code * combRow + q - 1] = (ushort)(PhaseTables.Cosine(code, q) + PhaseTables.CombScale);
        return values;
    }

    DeviceBuffer<T> Uploaded<T>(T[] values)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = stream.Rent<T>(values.Length);
        stream.Upload<T>(values, buffer);
        return buffer;
    }
}
