namespace JpegQualityEstimation.Findings;

// BoxSums: sums over squares of side x side cells, one direction, then the other. Cells [rows,columns], windows
// [rows-side+1,columns-side+1]. One thread at a time.
sealed class BoxSums(int rows, int columns, int side)
{
    readonly int down = rows - side + 1, across = columns - side + 1;
    readonly float[] lines = new float[rows * (columns - side + 1)];

    /// <summary>windows[y,x] = sum of cells[y..y+side-1, x..x+side-1].</summary>
    public void Gather(ReadOnlySpan<float> cells, Span<float> windows)
    {
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < across; x++)
            {
                float sum = 0;
                for (int k = 0; k < side; k++)
                    sum += cells[y * columns + x + k];
                lines[y * across + x] = sum;
            }
        }
        for (int y = 0; y < down; y++)
        {
            for (int x = 0; x < across; x++)
            {
                float sum = 0;
                for (int k = 0; k < side; k++)
                    sum += lines[(y + k) * across + x];
                windows[y * across + x] = sum;
            }
        }
    }

    /// <summary>cells[y,x] = sum of the windows that cover it: the transpose of <see cref="Gather"/>.</summary>
    public void Spread(ReadOnlySpan<float> windows, Span<float> cells)
    {
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < across; x++)
            {
                float sum = 0;
                for (int k = Math.Max(0, y - side + 1); k <= Math.Min(y, down - 1); k++)
                    sum += windows[k * across + x];
                lines[y * across + x] = sum;
            }
        }
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
            {
                float sum = 0;
                for (int k = Math.Max(0, x - side + 1); k <= Math.Min(x, across - 1); k++)
                    sum += lines[y * across + k];
                cells[y * columns + x] = sum;
            }
        }
    }
}
