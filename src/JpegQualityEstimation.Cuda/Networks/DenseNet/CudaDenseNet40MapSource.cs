using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// CudaDenseNet40MapSource: the windows of a picture at stride 8, as many columns of windows at a time as one strip takes
// (CudaDenseNet40Strip). A strip is borrowed from the engine, runs down some rows, whose outputs are kept until they are
// asked for, and is given back, so that sources may be many and device memory stays that of two strips.
sealed class CudaDenseNet40MapSource : IPrimaryMapSource
{
    // Floats: very wide pictures keep fewer rows.
    const int MostKept = 1 << 24;

    readonly CudaDenseNet40Engine engine;
    readonly PinnedPixels picture;
    readonly WindowGrid grid;
    readonly int chunk;
    readonly float[] kept;
    int firstKept;
    int keptRows;

    /// <param name="engine">The network.</param>
    /// <param name="picture">Pinned while the source is used.</param>
    /// <param name="grid">At stride 8.</param>
    /// <param name="most">Most windows side by side.</param>
    public CudaDenseNet40MapSource(CudaDenseNet40Engine engine, PinnedPixels picture, WindowGrid grid, int most)
    {
        (this.engine, this.picture, this.grid) = (engine, picture, grid);
        int chunks = (grid.Columns + most - 1) / most;
        chunk = (grid.Columns + chunks - 1) / chunks;
        long row = (long)grid.Columns * engine.Outputs;
        kept = new float[row * Math.Clamp(MostKept / row, 1, Math.Min(CudaDenseNet40Strip.MostRows, grid.Rows))];
    }

    public void FillRow(int row, int first, int count, Span<float> logits, Span<float> phase)
    {
        if (row < firstKept || row >= firstKept + keptRows)
            Compute(row);
        ReadOnlySpan<float> from = kept.AsSpan(((row - firstKept) * grid.Columns + first) * engine.Outputs, count * engine.Outputs);
        DenseNet40Engine.ToLogits(engine.Outputs, from, count, logits);
    }

    public void Dispose()
    {
    }

    void Compute(int row)
    {
        int width = grid.Columns * engine.Outputs;
        firstKept = row;
        keptRows = 0;
        int rows = Math.Min(kept.Length / width, grid.Rows - row);
        for (int column = 0; column < grid.Columns; column += chunk)
        {
            CudaDenseNet40Strip strip = engine.BorrowStrip(chunk);
            try
            {
                strip.Run(picture.View, grid.Top(row), grid.Left(column), rows, Math.Min(chunk, grid.Columns - column), kept.AsSpan(column * engine.Outputs), width);
            }
            finally
            {
                engine.GiveBack(strip);
            }
        }
        keptRows = rows;
    }
}
