using System.Buffers;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40MapSource: the windows of a picture at stride 8, a band of rows at a time, in it sixteen columns of windows at a time
// (DenseNet40Strip, some 60 MB), whose outputs are kept until they are asked for. Bands are those of the grid, so that every
// window's outputs are the same bits whatever was asked for before, and by how many threads.
sealed class DenseNet40MapSource(DenseNet40Engine engine, PinnedPixels picture, WindowGrid grid) : IPrimaryMapSource
{
    const int MostRows = 16;
    const int LeastRows = 4;

    // Floats: very wide pictures have lower bands.
    const int MostKept = 1 << 24;

    readonly DenseNet40Strip strip = engine.TakeStrip();
    readonly int bands = Bands(grid, engine.Outputs);
    float[] kept = [];
    int firstKept;
    int keptRows;

    /// <summary>Bands of a grid: sixteen rows where there are many, since the first row of a band costs twice as much as the others.</summary>
    public static int Bands(WindowGrid grid, int outputs)
    {
        long room = MostKept / ((long)grid.Columns * outputs);
        int rows = (int)Math.Clamp(Math.Min(room, grid.Rows / 4), LeastRows, MostRows);
        return (grid.Rows + rows - 1) / rows;
    }

    public void FillRow(int row, int first, int count, Span<float> logits, Span<float> phase)
    {
        if (row < firstKept || row >= firstKept + keptRows)
            Compute((int)(((row + 1L) * bands - 1) / grid.Rows));
        ReadOnlySpan<float> from = kept.AsSpan(((row - firstKept) * grid.Columns + first) * engine.Outputs, count * engine.Outputs);
        DenseNet40Engine.ToLogits(engine.Outputs, from, count, logits);
    }

    public void Dispose()
    {
        engine.Return(strip);
        ArrayPool<float>.Shared.Return(kept);
        kept = [];
    }

    void Compute(int band)
    {
        firstKept = (int)((long)grid.Rows * band / bands);
        keptRows = (int)((long)grid.Rows * (band + 1) / bands) - firstKept;
        int most = (grid.Rows + bands - 1) / bands;
        if (kept.Length == 0)
            kept = ArrayPool<float>.Shared.Rent(most * grid.Columns * engine.Outputs);
        for (int column = 0; column < grid.Columns; column += DenseNet40Strip.Windows)
        {
            int count = Math.Min(DenseNet40Strip.Windows, grid.Columns - column);
            strip.Restart();
            for (int y = 0; y < keptRows; y++)
                strip.Run(picture.View, grid.Top(firstKept + y), grid.Left(column), count,
                    kept.AsSpan((y * grid.Columns + column) * engine.Outputs, count * engine.Outputs));
        }
    }
}
