namespace JpegQualityEstimation.Findings;

// BoxSums: sums over squares of side x side cells, rows first, then columns. Windows [h,w], cells [h+side-1,w+side-1].
static class BoxSums
{
    /// <summary>windows[y,x] = sum of cells[y..y+side-1, x..x+side-1].</summary>
    public static void Gather(ReadOnlySpan<float> cells, int rows, int columns, int side, Span<float> windows)
    {
        int down = rows - side + 1, across = columns - side + 1;
        var lines = new float[rows * across];
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
    public static void Spread(ReadOnlySpan<float> windows, int down, int across, int side, Span<float> cells)
    {
        int rows = down + side - 1, columns = across + side - 1;
        var lines = new float[rows * across];
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
