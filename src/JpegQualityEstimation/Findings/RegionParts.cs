namespace JpegQualityEstimation.Findings;

// RegionParts: the most probable label of each window, parts of fewer windows than wanted given to the label around them.
static class RegionParts
{
    public static short[] Clean(int rows, int columns, ReadOnlySpan<byte> determined, float[][] labels, int least)
    {
        var best = new short[rows * columns];
        var known = determined.ToArray();
        for (int i = 0; i < best.Length; i++)
            for (int s = 1; s < labels.Length; s++)
                if (labels[s][i] > labels[best[i]][i])
                    best[i] = (short)s;
        if (labels.Length == 1)
            return best;
        var parts = new WindowComponents(rows, columns, i => known[i] == 0 ? -1 : best[i]);
        int[] order = [.. Enumerable.Range(0, parts.Count).Where(p => parts.Sizes[p] < least).OrderBy(p => parts.Sizes[p]).ThenBy(p => p)];
        var windows = new List<int>[parts.Count];
        foreach (int p in order)
            windows[p] = [];
        for (int i = 0; i < best.Length; i++)
            if (parts.Numbers[i] is >= 0 and var p)
                windows[p]?.Add(i);
        var around = new int[labels.Length];
        foreach (int p in order)
        {
            Array.Clear(around);
            foreach (int i in windows[p])
            {
                int y = i / columns, x = i % columns;
                for (int ny = Math.Max(0, y - 1); ny <= Math.Min(rows - 1, y + 1); ny++)
                    for (int nx = Math.Max(0, x - 1); nx <= Math.Min(columns - 1, x + 1); nx++)
                        if (known[ny * columns + nx] != 0 && parts.Numbers[ny * columns + nx] != p)
                            around[best[ny * columns + nx]]++;
            }
            // What is surrounded by nothing is the background's.
            short label = (short)Array.IndexOf(around, around.Max());
            foreach (int i in windows[p])
                best[i] = label;
        }
        return best;
    }
}
