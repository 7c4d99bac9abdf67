namespace JpegQualityEstimation.Findings;

// WindowComponents: parts of a map [h,w] of one value that hang together, corners included, numbered in raster order.
sealed class WindowComponents
{
    readonly int[] numbers;

    // of: what a window belongs to, negative for nothing.
    public WindowComponents(int rows, int columns, Func<int, int> of)
    {
        numbers = new int[rows * columns];
        numbers.AsSpan().Fill(-1);
        var sizes = new List<int>();
        var values = new List<int>();
        var open = new Stack<int>();
        for (int first = 0; first < numbers.Length; first++)
        {
            int value = of(first);
            if (value < 0 || numbers[first] >= 0)
                continue;
            int number = sizes.Count, size = 0;
            numbers[first] = number;
            open.Push(first);
            while (open.TryPop(out int window))
            {
                size++;
                int y = window / columns, x = window % columns;
                for (int ny = Math.Max(0, y - 1); ny <= Math.Min(rows - 1, y + 1); ny++)
                {
                    for (int nx = Math.Max(0, x - 1); nx <= Math.Min(columns - 1, x + 1); nx++)
                    {
                        int neighbour = ny * columns + nx;
                        if (numbers[neighbour] >= 0 || of(neighbour) != value)
                            continue;
                        numbers[neighbour] = number;
                        open.Push(neighbour);
                    }
                }
            }
            sizes.Add(size);
            values.Add(value);
        }
        (Sizes, Values) = (sizes, values);
    }

    public int Count => Sizes.Count;

    /// <summary>Windows of each.</summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>What each belongs to.</summary>
    public IReadOnlyList<int> Values { get; }

    /// <summary>[h,w]: number of the part, -1 for nothing.</summary>
    public ReadOnlySpan<int> Numbers => numbers;
}
