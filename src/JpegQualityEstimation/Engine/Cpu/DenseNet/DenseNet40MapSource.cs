using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40MapSource: the windows of a picture at stride 8, sixteen columns of windows at a time (DenseNet40Strip, some
// 70 MB each). Narrow pictures keep all strips from row to row. In wide ones a single strip runs ahead some rows, whose
// outputs are kept until they are asked for, before it turns to the next columns.
sealed class DenseNet40MapSource : IPrimaryMapSource
{
    const int MostStrips = 3;
    const int RowsAhead = 16;

    // Floats: very wide pictures run ahead fewer rows.
    const int MostKept = 1 << 24;

    readonly DenseNet40Engine engine;
    readonly PinnedPixels picture;
    readonly WindowGrid grid;
    readonly DenseNet40Strip[] strips;
    readonly int chunks;
    readonly float[] kept;
    int firstKept;
    int keptRows;

    public DenseNet40MapSource(DenseNet40Engine engine, PinnedPixels picture, WindowGrid grid)
    {
        (this.engine, this.picture, this.grid) = (engine, picture, grid);
        chunks = (grid.Columns + DenseNet40Strip.Windows - 1) / DenseNet40Strip.Windows;
        bool all = chunks <= MostStrips;
        strips = [.. Enumerable.Range(0, all ? chunks : 1).Select(_ => engine.OpenStrip())];
        long row = (long)grid.Columns * engine.Outputs;
        kept = new float[row * (all ? 1 : Math.Clamp(MostKept / row, 1, Math.Min(RowsAhead, grid.Rows)))];
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
        firstKept = row;
        keptRows = Math.Min(kept.Length / (grid.Columns * engine.Outputs), grid.Rows - row);
        for (int k = 0; k < chunks; k++)
        {
            DenseNet40Strip strip = strips[Math.Min(k, strips.Length - 1)];
            if (strips.Length < chunks)
                strip.Restart();
            int column = k * DenseNet40Strip.Windows;
            int count = Math.Min(DenseNet40Strip.Windows, grid.Columns - column);
            for (int y = row; y < row + keptRows; y++)
                strip.Run(picture.View, grid.Top(y), grid.Left(column), count,
                    kept.AsSpan(((y - row) * grid.Columns + column) * engine.Outputs, count * engine.Outputs));
        }
    }
}
