using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// CudaDenseNet40MapSource: the windows of a picture at stride 8, as many columns of windows at a time as one strip takes
// (CudaDenseNet40Strip). A strip runs ahead some rows, whose outputs are kept until they are asked for, before it turns to
// the next columns; where one strip has all columns it goes on where it was.
sealed class CudaDenseNet40MapSource : IPrimaryMapSource
{
    const int RowsAhead = 16;

    // Floats: very wide pictures run ahead fewer rows.
    const int MostKept = 1 << 24;

    readonly CudaDenseNet40Engine engine;
    readonly PinnedPixels picture;
    readonly WindowGrid grid;
    readonly CudaDenseNet40Strip strip;
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
        strip = engine.OpenStrip(chunk);
        long row = (long)grid.Columns * engine.Outputs;
        kept = new float[row * (chunks == 1 ? 1 : Math.Clamp(MostKept / row, 1, Math.Min(RowsAhead, grid.Rows)))];
    }

    public void FillRow(int row, int first, int count, Span<float> logits, Span<float> phase)
    {
        if (row < firstKept || row >= firstKept + keptRows)
            Compute(row);
        ReadOnlySpan<float> from = kept.AsSpan(((row - firstKept) * grid.Columns + first) * engine.Outputs, count * engine.Outputs);
        DenseNet40Engine.ToLogits(engine.Outputs, from, count, logits);
    }

    public void Dispose() => strip.Dispose();

    void Compute(int row)
    {
        firstKept = row;
        keptRows = Math.Min(kept.Length / (grid.Columns * engine.Outputs), grid.Rows - row);
        for (int column = 0; column < grid.Columns; column += chunk)
        {
            if (chunk < grid.Columns)
                strip.Restart();
            int count = Math.Min(chunk, grid.Columns - column);
            for (int y = row; y < row + keptRows; y++)
                strip.Run(picture.View, grid.Top(y), grid.Left(column), count,
                    kept.AsSpan(((y - row) * grid.Columns + column) * engine.Outputs, count * engine.Outputs));
        }
    }
}
